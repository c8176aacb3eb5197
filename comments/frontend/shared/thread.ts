// The thread as the browser holds it, and `apply`, the only function that changes it. Pure: no clock, no network.
// Pages, live events, catch-ups and the reader's own acts all pass here, so that the old thread and the live events
// give the same as the thread fetched afresh, over what is loaded (tests/test_same_thread.py proves it).
import { absorb, settle, showRoot } from "./arrivals";
import { isRoot } from "./order";
import { moreReplies, nextPage, permalink } from "./more";
import { beside, opened } from "./box";
import { firstPage } from "./pages";
import { type Draft, type OwnForm, type Thread } from "./state";
import type { Article, Batch, Changes, Comment, Context, Mine, Page, Problem, Replies, Sort, Viewer } from "./types";

export { emptyThread, type Draft, type Thread } from "./state";

export type ThreadEvent =
  | { type: "page"; page: Page; sort: Sort }
  | { type: "more"; page: Page }
  | { type: "replies"; root: string; answer: Replies }
  | { type: "context"; context: Context; target: string }
  | { type: "batch"; batch: Batch }
  | { type: "changes"; answer: Changes }
  | { type: "reset" }
  | { type: "article"; article: Article; seq: number }
  | { type: "viewer"; viewer: Viewer | null }
  | { type: "mine"; mine: Mine }
  | { type: "draft"; draft: Draft }
  | { type: "sent"; key: string; comment: Comment }
  | { type: "unsent"; key: string; problem: Problem }
  | { type: "dropped"; key: string }
  | { type: "answered"; comment: Comment }
  | { type: "react"; id: string; kind: string; on: boolean }
  | { type: "reacted"; id: string; reactions: Record<string, number>; mine: string[] }
  | { type: "mute"; member: string; on: boolean }
  | { type: "follow"; id: string | null; on: boolean }
  | { type: "take"; root?: string };

export function apply(thread: Thread, event: ThreadEvent): Thread {
  switch (event.type) {
    case "page": return firstPage(thread, event);
    case "more": return nextPage(thread, event.page);
    case "replies": return moreReplies(thread, event.root, event.answer);
    case "context": return permalink(thread, event.context, event.target);
    case "batch": return batch(thread, event.batch);
    case "changes": return event.answer.reset ? { ...thread, stale: "reset" } : caughtUp(thread, event.answer);
    case "reset": return { ...thread, stale: "reset" };
    // It may have been overtaken by a page or a catch-up, which knew the article as it was later.
    case "article": return event.seq < thread.seq ? thread : { ...thread, article: event.article };
    case "viewer": return event.viewer ? { ...thread, viewer: event.viewer } : nobody(thread);
    case "mine": return personal(thread, event.mine);
    case "draft": return { ...thread, drafts: [...without(thread.drafts, event.draft.key), event.draft] };
    case "sent": return settle({ ...thread, drafts: without(thread.drafts, event.key) }, event.comment);
    case "unsent": return settle({ ...thread, drafts: thread.drafts.map((draft) => (
      draft.key === event.key ? { ...draft, state: "unsent", problem: event.problem } : draft
    )) });
    case "dropped": return settle({ ...thread, drafts: without(thread.drafts, event.key) });
    case "answered": return settle(thread, event.comment);
    case "react": return react(thread, event.id, event.kind, event.on);
    case "reacted": return reacted(thread, event.id, event.reactions, event.mine);
    case "mute": return { ...thread, mutes: toggled(thread.mutes, event.member, event.on) };
    case "follow": return { ...thread, follows: following(thread, event.id, event.on) };
    case "take": return take(thread, event.root);
  }
}

const without = (drafts: readonly Draft[], key: string): Draft[] => drafts.filter((draft) => draft.key !== key);

function toggled<T>(set: ReadonlySet<T>, member: T, on: boolean): Set<T> {
  const next = new Set(set);
  if (on) next.add(member);
  else next.delete(member);
  return next;
}

/** The thread (null) or one comment is followed from now on, or no longer. */
function following({ follows }: Thread, id: string | null, on: boolean): Thread["follows"] {
  const { article = false, comments = [] } = follows ?? {};
  return id === null ? { article: on, comments } : { article, comments: [...toggled(new Set(comments), id, on)] };
}

function batch(thread: Thread, { after, seq, changes, total, article_state }: Batch): Thread {
  if (seq <= thread.seq || thread.stale === "reset") return thread;
  if (after > thread.seq) return { ...thread, stale: "gap" };
  return { ...absorb(thread, changes), seq, total, article: article_state ?? thread.article, stale: null };
}

function caughtUp(thread: Thread, { seq, changes, total, article }: Changes): Thread {
  if (seq < thread.seq) return thread;
  return { ...absorb(thread, changes), seq, total, article: article ?? thread.article, stale: null };
}

function nobody(thread: Thread): Thread {
  return { ...thread, viewer: null, own: new Map(), reactions: {}, mutes: new Set(), appeals: undefined, follows: undefined };
}

/** All that is the viewer's own, as of `mine.seq`; what a later answer gave (a fresh post) stays until it is in there. */
function personal(thread: Thread, mine: Mine): Thread {
  const forms = new Map<string, OwnForm>();
  for (const [id, form] of thread.own) if (form.asOf > mine.seq) forms.set(id, form);
  for (const comment of mine.comments) forms.set(comment.id, beside({ comment, asOf: mine.seq }, thread.known.get(comment.id)));
  const { viewer, reactions, mutes, appeals, follows } = mine;
  return { ...thread, viewer, own: forms, reactions, mutes: new Set(mutes), appeals, follows };
}

function react(thread: Thread, id: string, kind: string, on: boolean): Thread {
  const before = thread.reactions[id] ?? [];
  const comment = thread.known.get(id);
  if (!comment || before.includes(kind) === on) return thread;
  const mine = on ? [...before, kind] : before.filter((one) => one !== kind);
  const count = Math.max(0, (comment.reactions[kind] ?? 0) + (on ? 1 : -1));
  return reacted(thread, id, { ...comment.reactions, [kind]: count }, mine);
}

function reacted(thread: Thread, id: string, reactions: Record<string, number>, mine: string[]): Thread {
  const comment = thread.known.get(id);
  if (!comment) return thread;
  const known = new Map(thread.known).set(id, { ...comment, reactions });
  return { ...thread, known, reactions: { ...thread.reactions, [id]: mine } };
}

/** Shows what is parked: all of it, or what belongs to one root. */
function take(thread: Thread, root?: string): Thread {
  const ids = [...thread.parked].filter((id) => root === undefined || thread.known.get(id)?.root_id === root);
  const box = opened(thread);
  for (const id of ids) {
    box.parked.delete(id);
    const comment = box.known.get(id);
    if (comment && isRoot(comment)) showRoot(box, comment, thread.sort);
  }
  const focus = thread.focus && { ...thread.focus, ids: new Set([...thread.focus.ids, ...ids]) };
  return { ...thread, ...box, focus, taken: new Set(ids) };
}
