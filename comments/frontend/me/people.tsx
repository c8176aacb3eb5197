// What one follows and whom one muted, to be let go again.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { placeOf } from "./comments";
import { day, reasonOf, useOwn } from "./own";
import { Rest } from "./rest";
import type { OwnFollow, OwnFollows, OwnMutes } from "./types";
import { usePages } from "./use-pages";

export const People = (): VNode => (
  <>
    <Follows />
    <Mutes />
  </>
);

/** Lets something go, once; what went wrong is said in its place. */
function LetGo({ path, label, said, onDone }: { path: string; label: string; said: string; onDone: () => void }): VNode {
  const { api, words, say } = useOwn();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const go = async (): Promise<void> => {
    setBusy(true);
    setWrong("");
    try {
      await api.send("DELETE", path);
      say(said);
      onDone();
      document.getElementById("part")?.focus(); // the button is gone
    } catch (error) {
      setWrong(reasonOf(error, words));
      setBusy(false);
    }
  };
  return <p class="steps">{wrong && <span class="wrong" role="alert">{wrong}</span>}<button class="act" disabled={busy} onClick={() => void go()}>{label}</button></p>;
}

function Follows(): VNode {
  const { words } = useOwn();
  const pages = usePages<OwnFollows>("/follows?limit=50");
  const list = pages.answers.flatMap(({ follows }) => follows);
  const drop = (id: string): void => pages.change((answer) => ({ ...answer, follows: answer.follows.filter((one) => one.id !== id) }));
  return (
    <section aria-labelledby="part">
      <h2 id="part" tabIndex={-1}>{words.t("me.follows")}</h2>
      <ol class="list">{list.map((one) => (
        <li key={one.id}>
          <h3 dir="auto"><a href={placeOf(one.article, one.comment?.id)}>{one.article.title ?? one.article.id}</a></h3>
          <Followed {...one} />
          <LetGo path={`/follows/${one.id}`} label={words.t("menu.unfollow")} said={words.t("me.unfollowed")} onDone={() => drop(one.id)} />
        </li>
      ))}</ol>
      <Rest pages={pages} count={list.length} none={words.t("me.follows_none")} />
    </section>
  );
}

function Followed({ kind, comment }: OwnFollow): VNode {
  const { words } = useOwn();
  if (kind === "thread") return <p class="quiet">{words.t("me.follow_thread")}</p>;
  if (!comment) return <p class="quiet">{words.t("me.follow_gone")}</p>;
  return (
    <>
      <p class="quiet">{words.t("me.follow_replies", { name: comment.author?.name ?? words.t("comment.someone") })}</p>
      <p class="excerpt" dir="auto">{comment.excerpt}</p>
    </>
  );
}

function Mutes(): VNode {
  const { words } = useOwn();
  const pages = usePages<OwnMutes>("/mutes?limit=50");
  const list = pages.answers.flatMap(({ mutes }) => mutes);
  const drop = (id: string): void => pages.change((answer) => ({ ...answer, mutes: answer.mutes.filter(({ member }) => member.id !== id) }));
  return (
    <section aria-labelledby="mutes">
      <h2 id="mutes">{words.t("me.mutes")}</h2>
      <ol class="list">{list.map(({ member, muted_at }) => {
        const name = member.name || words.t("comment.someone");
        return (
          <li key={member.id} class="row">
            <div><h3><bdi>{name}</bdi></h3><p class="quiet">{words.t("me.since", { when: day(muted_at, words) })}</p></div>
            <LetGo path={`/mutes/${member.id}`} label={words.t("menu.unmute", { name })} said={words.t("me.unmuted", { name })} onDone={() => drop(member.id)} />
          </li>
        );
      })}</ol>
      <Rest pages={pages} count={list.length} none={words.t("me.mutes_none")} />
    </section>
  );
}
