// The thread as the browser holds it, and `apply`, the only function that changes it. Pure: no clock, no network.
// Pages, live events, catch-ups and the reader's own acts all pass here, so that the old thread and the live events
// give the same as the thread fetched afresh, over what is loaded (tests/test_same_thread.py proves it).
import { absorb, addMany, opened, settle, showRoot } from "./arrivals";
import { byTime, edgeOf, isPublished, isRoot, placeOf, type Edge } from "./order";
import type { Article, Batch, Changes, Comment, Context, Mine, Page, Problem, Replies, Site, Sort, Viewer } from "./types";

/** What the reader has sent and the server has not yet answered. */
export interface Draft {
  key: string;
  parent_id: string | null;
  source: string;
  /** Milliseconds since 1970. */
  at: number;
  state: "sending" | "unsent";
  problem?: Problem;
}

/** The viewer's own form of a comment that the public does not see, and the article's seq at which that was so. */
export interface OwnForm {
  comment: Comment;
  asOf: number;
}

export interface Thread {
  sort: Sort;
  site: Site | null;
  article: Article;
  seq: number;
  total: number;
  /** Every public form we were told of, also beyond what is loaded: a later page must not miss it. */
  known: ReadonlyMap<string, Comment>;
  /** What went, and at which seq, so that a slow answer does not bring it back. */
  gone: ReadonlyMap<string, number>;
  /** Roots as they stand on the screen: nothing moves under somebody who is reading. */
  order: readonly string[];
  rootsEnd: Edge;
  cursor: string | null;
  repliesEnd: ReadonlyMap<string, Edge>;
  repliesCursor: ReadonlyMap<string, string>;
  /** Arrivals of others that wait for the reader to take them. */
  parked: ReadonlySet<string>;
  /** Arrivals of the viewer's own that may be a draft whose answer is still on its way. */
  held: ReadonlySet<string>;
  /** The viewer's own, shown also where they lie beyond what is loaded. */
  pinned: ReadonlySet<string>;
  /** What was taken last. */
  taken: ReadonlySet<string>;
  drafts: readonly Draft[];
  viewer: Viewer | null;
  own: ReadonlyMap<string, OwnForm>;
  reactions: Readonly<Record<string, string[]>>;
  mutes: ReadonlySet<string>;
  /** A permalink's comment with what stands around it, shown instead of the whole thread. */
  focus: { target: string; ids: ReadonlySet<string> } | null;
  /** `gap`: ask for the changes after `seq`; `reset`: load the page again. */
  stale: "gap" | "reset" | null;
}

export type ThreadEvent =
  | { type: "page"; page: Page; sort: Sort }
  | { type: "more"; page: Page }
  | { type: "replies"; root: string; answer: Replies }
  | { type: "context"; context: Context; target: string }
  | { type: "batch"; batch: Batch }
  | { type: "changes"; answer: Changes }
  | { type: "reset" }
  | { type: "article"; article: Article }
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
  | { type: "take"; root?: string };

export function emptyThread(article: string, sort: Sort = "newest"): Thread {
  return {
    sort, site: null, article: { id: article, title: null, url: null, mode: "open" }, seq: 0, total: 0,
    known: new Map(), gone: new Map(), order: [], rootsEnd: "none", cursor: null,
    repliesEnd: new Map(), repliesCursor: new Map(), parked: new Set(), held: new Set(), pinned: new Set(), taken: new Set(),
    drafts: [], viewer: null, own: new Map(), reactions: {}, mutes: new Set(), focus: null, stale: null,
  };
}

export function apply(thread: Thread, event: ThreadEvent): Thread {
  switch (event.type) {
    case "page": return firstPage(thread, event.page, event.sort);
    case "more": return nextPage(thread, event.page);
    case "replies": return moreReplies(thread, event.root, event.answer);
    case "context": return permalink(thread, event.context, event.target);
    case "batch": return batch(thread, event.batch);
    case "changes": return event.answer.reset ? { ...thread, stale: "reset" } : caughtUp(thread, event.answer);
    case "reset": return { ...thread, stale: "reset" };
    case "article": return { ...thread, article: event.article };
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

const rootsOf = (comments: Comment[]): Comment[] => comments.filter(isRoot);

/** A page shows each root's first replies: they are all of them when as many stand there as the root counts. */
function firstReplies(comments: Comment[], ends: ReadonlyMap<string, Edge>): Map<string, Edge> {
  const found = new Map(ends);
  for (const root of rootsOf(comments)) {
    const replies = comments.filter((comment) => comment.root_id === root.id && comment !== root).sort(inTime);
    const complete = replies.filter(isPublished).length >= root.reply_count;
    const last = replies.at(-1);
    const edge: Edge = complete ? "all" : last ? placeOf(last) : "none";
    if (!ends.has(root.id) || ends.get(root.id) === "none") found.set(root.id, edge);
  }
  return found;
}

const inTime = (a: Comment, b: Comment): number => byTime(placeOf(a), placeOf(b));

function firstPage(thread: Thread, page: Page, sort: Sort): Thread {
  const roots = rootsOf(page.comments);
  return {
    ...emptyThread(page.article.id, sort),
    site: page.site ?? thread.site, article: page.article, seq: page.seq, total: page.total,
    known: new Map(page.comments.map((comment) => [comment.id, comment])),
    order: roots.map((root) => root.id), cursor: page.next_cursor,
    rootsEnd: edgeOf(roots, page.next_cursor === null, sort, "none"),
    repliesEnd: firstReplies(page.comments, new Map()),
    drafts: thread.drafts, viewer: thread.viewer, own: thread.own, reactions: thread.reactions, mutes: thread.mutes,
  };
}

/** The page may be newer than `seq`; the events up to it are still on their way and find nothing newer to do. */
function nextPage(thread: Thread, page: Page): Thread {
  const roots = rootsOf(page.comments);
  const shown = new Set(thread.order);
  const next = addMany(thread, page.comments);
  return {
    ...next,
    order: [...thread.order, ...roots.map((root) => root.id).filter((id) => !shown.has(id))],
    cursor: page.next_cursor,
    rootsEnd: edgeOf(roots, page.next_cursor === null, thread.sort, thread.rootsEnd),
    repliesEnd: firstReplies(page.comments, thread.repliesEnd),
  };
}

function moreReplies(thread: Thread, root: string, answer: Replies): Thread {
  const next = addMany(thread, answer.comments);
  const last = answer.comments.at(-1);
  const before = thread.repliesEnd.get(root) ?? "none";
  const reached: Edge = answer.next_cursor === null ? "all" : last ? placeOf(last) : before;
  const cursors = new Map(thread.repliesCursor);
  if (answer.next_cursor === null) cursors.delete(root);
  else cursors.set(root, answer.next_cursor);
  return { ...next, repliesEnd: new Map(thread.repliesEnd).set(root, further(before, reached)), repliesCursor: cursors };
}

/** The replies' first page comes again after a page showed three of them: an edge never moves back. */
function further(a: Edge, b: Edge): Edge {
  if (a === "all" || b === "all") return "all";
  if (a === "none" || b === "none") return a === "none" ? b : a;
  return byTime(a, b) >= 0 ? a : b;
}

function permalink(thread: Thread, context: Context, target: string): Thread {
  const blank = firstPage(thread, { ...context, comments: [], next_cursor: "" }, thread.sort);
  const ids = new Set(context.comments.map((comment) => comment.id));
  return { ...addMany(blank, context.comments), focus: { target, ids } };
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
  return { ...thread, viewer: null, own: new Map(), reactions: {}, mutes: new Set() };
}

/** All that is the viewer's own, as of `mine.seq`; what a later answer gave (a fresh post) stays until it is in there. */
function personal(thread: Thread, mine: Mine): Thread {
  const forms = new Map<string, OwnForm>();
  for (const [id, form] of thread.own) if (form.asOf > mine.seq) forms.set(id, form);
  for (const comment of mine.comments) forms.set(comment.id, { comment, asOf: mine.seq });
  return { ...thread, viewer: mine.viewer, own: forms, reactions: mine.reactions, mutes: new Set(mine.mutes) };
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
