// What one wrote: by status, newest first, each with its article, its receipt and what one may do about it.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Body } from "../shared/body";
import { safeHref } from "../shared/tree";
import { useOwn, when } from "./own";
import { Receipt } from "./receipt";
import { Rest } from "./rest";
import type { ArticleInShort, OwnComment, OwnComments } from "./types";
import { usePages } from "./use-pages";
import { Withdraw } from "./withdraw";

const STATUSES = ["", "published", "waiting", "rejected", "withdrawn"] as const;

/** Where a comment stands on the publisher's page. */
export function placeOf(article: ArticleInShort, comment?: string): string | undefined {
  const url = safeHref(article.url ?? "");
  return url && /^https?:/.test(url) ? url.replace(/#.*|$/, comment ? `#comment-${comment}` : "") : undefined;
}

export function Comments(): VNode {
  const { words } = useOwn();
  const [status, setStatus] = useState<string>("");
  const pages = usePages<OwnComments>(`/comments?limit=20${status && `&status=${status}`}`);
  const list = pages.answers.flatMap(({ comments }) => comments);
  const replace = (changed: OwnComment): void => pages.change((answer) => ({
    ...answer, comments: answer.comments.map((one) => (one.comment.id === changed.comment.id ? changed : one)),
  }));
  return (
    <section aria-labelledby="part">
      <h2 id="part" tabIndex={-1}>{words.t("me.comments")}</h2>
      <div class="chips" role="group" aria-label={words.t("me.filter")}>
        {STATUSES.map((one) => (
          <button key={one} class="chip" aria-pressed={one === status} onClick={() => setStatus(one)}>{words.t(`me.status.${one || "all"}`)}</button>
        ))}
      </div>
      <ol class="list">{list.map((one) => <Item key={one.comment.id} {...one} onChange={replace} />)}</ol>
      <Rest pages={pages} count={list.length} none={words.t(status ? "me.none_such" : "me.none")} />
    </section>
  );
}

function Item({ onChange, ...own }: OwnComment & { onChange: (changed: OwnComment) => void }): VNode {
  const { words } = useOwn();
  const { comment, article, complaint } = own;
  const [open, setOpen] = useState(false);
  const href = comment.status === "withdrawn" ? placeOf(article) : placeOf(article, comment.id);
  const title = article.title ?? article.id;
  const likes = comment.reactions["recommend"] ?? 0;
  return (
    <li>
      <article aria-labelledby={`about-${comment.id}`}>
        <header>
          <h3 id={`about-${comment.id}`} dir="auto">{href ? <a href={href}>{title}</a> : title}</h3>
          <p class="facts">
            <span class={`status ${comment.status}`}>{words.t(`me.status.${comment.status}`)}</span>
            <time dateTime={comment.created_at}>{when(comment.created_at, words)}</time>
            {comment.edited_at && <span>{words.t("comment.edited")}</span>}
            {comment.picked && <span>{words.t("comment.picked")}</span>}
            {likes > 0 && <span>{words.n("page.recommended", likes)}</span>}
          </p>
        </header>
        <div class="body" dir="auto">
          <Body tree={comment.body ?? []} marks={comment.receipt ? (comment.findings ?? []).flatMap(({ spans }) => spans) : []} />
        </div>
        {complaint && (
          <div class="notice lines" dir="auto">
            <h4>{complaint.title}</h4>
            {complaint.text.map((one) => <p key={one}>{one}</p>)}
          </div>
        )}
        {comment.receipt && <Receipt own={own} onChange={onChange} />}
        {comment.status !== "withdrawn" && (
          <p class="steps">
            {href && <a class="act" href={href}>{words.t("bell.show")}</a>}
            <button class="act" aria-expanded={open} onClick={() => setOpen(!open)}>{words.t("menu.withdraw")}</button>
          </p>
        )}
        {open && comment.status !== "withdrawn" && <Withdraw comment={comment.id} onClose={() => setOpen(false)} onChange={onChange} />}
      </article>
    </li>
  );
}
