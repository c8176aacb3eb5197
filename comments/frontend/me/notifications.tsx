// What one was told of; it counts as seen when it has been shown here.
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { placeOf } from "./comments";
import { useOwn, when } from "./own";
import { Rest } from "./rest";
import type { OwnNotifications } from "./types";
import { usePages } from "./use-pages";

export function Notifications(): VNode {
  const { api, words } = useOwn();
  const pages = usePages<OwnNotifications>("/notifications?limit=20");
  const list = pages.answers.flatMap(({ notifications }) => notifications);
  const { unread = 0, notifications: [newest] = [] } = pages.answers[0] ?? {};
  useEffect(() => {
    if (unread && newest) api.send("POST", "/notifications/seen", { until: newest.id }).catch(() => {}); // they stay unread
  }, [newest?.id]);
  return (
    <section aria-labelledby="part">
      <h2 id="part" tabIndex={-1}>{words.t("live.bell")}</h2>
      <ol class="list">{list.map(({ id, kind, created_at, seen, comment, article }) => (
        <li key={id} class={seen ? "" : "unseen"}>
          <h3><a href={placeOf(article, comment?.id)}>{words.t(`bell.${kind}`, { name: comment?.author?.name ?? words.t("comment.someone") })}</a></h3>
          {comment && <p class="excerpt" dir="auto">{comment.excerpt}</p>}
          <p class="facts"><span dir="auto">{article.title ?? article.id}</span><time dateTime={created_at}>{when(created_at, words)}</time></p>
        </li>
      ))}</ol>
      <Rest pages={pages} count={list.length} none={words.t("bell.empty")} />
    </section>
  );
}
