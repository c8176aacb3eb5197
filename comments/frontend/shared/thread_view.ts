// What of a thread is on the screen, as a tree ready to draw; and `dump`, the canonical form that tests compare.
// Pure; the widget draws `viewOf`, the runner prints `dumpOf`.
import { loaded } from "./arrivals";
import { byTime, bySort, isPublished, isRoot, placeOf, within, type Edge } from "./order";
import type { Draft, Thread } from "./thread";
import type { Comment } from "./types";

export interface CommentNode {
  comment: Comment;
  /** Only the viewer sees it: waiting or rejected. */
  hidden: boolean;
  /** Whom a reply answers that stands flat under the deepest level. */
  answers: Comment | null;
  children: CommentNode[];
  drafts: Draft[];
  /** Roots: replies beyond what is loaded, and arrivals that wait. */
  more: number;
  parked: number;
}

export interface View {
  roots: CommentNode[];
  drafts: Draft[];
  /** Published arrivals that wait to be taken. */
  arrivals: number;
}

/** The form to draw: the viewer's own when the public one is not newer. */
function formOf(thread: Thread, id: string): Comment | undefined {
  const known = thread.known.get(id);
  const own = thread.own.get(id);
  return own && (!known || own.asOf >= known.seq) ? own.comment : known;
}

function onScreen(thread: Thread, comment: Comment, roots: ReadonlySet<string>): boolean {
  if (thread.parked.has(comment.id) || thread.held.has(comment.id)) return false;
  if (thread.focus) return thread.focus.ids.has(comment.id);
  if (isRoot(comment)) return roots.has(comment.id);
  return roots.has(comment.root_id) && (thread.pinned.has(comment.id) || loaded(thread, thread, comment));
}

const inTime = (a: Comment, b: Comment): number => byTime(placeOf(a), placeOf(b));

/** Where a comment hangs on the screen: at its depth's level, or higher when what it answers is not there. */
function hangsOn(comment: Comment, shown: ReadonlyMap<string, CommentNode>): CommentNode | undefined {
  let above = comment.parent_id === null ? undefined : shown.get(comment.parent_id);
  while (above && above.comment.depth >= comment.depth && above.comment.parent_id !== null) {
    above = shown.get(above.comment.parent_id);
  }
  return above ?? shown.get(comment.root_id);
}

export function viewOf(thread: Thread): View {
  const roots = new Set(thread.order);
  const shown = new Map<string, CommentNode>();
  const replies: CommentNode[] = [];
  const node = (comment: Comment): CommentNode => {
    const made: CommentNode = {
      comment, hidden: !thread.known.has(comment.id) || formOf(thread, comment.id) !== thread.known.get(comment.id),
      answers: null, children: [], drafts: [], more: 0, parked: 0,
    };
    shown.set(comment.id, made);
    return made;
  };
  const place = (comment: Comment): void => {
    const made = node(comment);
    if (!isRoot(comment)) replies.push(made);
  };
  for (const comment of thread.known.values()) {
    if (onScreen(thread, comment, roots)) place(formOf(thread, comment.id) ?? comment);
  }
  for (const { comment } of thread.own.values()) {
    if (!shown.has(comment.id) && !thread.known.has(comment.id) && (isRoot(comment) ? !thread.focus : shown.has(comment.root_id))) place(comment);
  }
  replies.sort((a, b) => inTime(a.comment, b.comment));
  for (const reply of replies) hang(thread, shown, reply);
  countRest(thread, shown);
  return {
    roots: rootNodes(thread, shown),
    drafts: draftsOnTop(thread, shown),
    arrivals: [...thread.parked].filter((id) => {
      const comment = thread.known.get(id);
      return comment && isPublished(comment);
    }).length,
  };
}

function hang(thread: Thread, shown: ReadonlyMap<string, CommentNode>, reply: CommentNode): void {
  const above = hangsOn(reply.comment, shown);
  if (!above || above === reply) return;
  above.children.push(reply);
  const { parent_id } = reply.comment;
  if (parent_id !== null && parent_id !== above.comment.id) reply.answers = thread.known.get(parent_id) ?? null;
}

function rootNodes(thread: Thread, shown: ReadonlyMap<string, CommentNode>): CommentNode[] {
  const listed = thread.focus
    ? [...shown.values()].filter(({ comment }) => isRoot(comment))
    : thread.order.map((id) => shown.get(id)).filter((node) => node !== undefined);
  const ordered = new Set(listed);
  const others = [...shown.values()].filter((node) => isRoot(node.comment) && !ordered.has(node));
  return [...others.sort((a, b) => inTime(b.comment, a.comment)), ...listed];
}

/** Drafts hang on what they answer; those that answer the article come first. */
function draftsOnTop(thread: Thread, shown: ReadonlyMap<string, CommentNode>): Draft[] {
  const top: Draft[] = [];
  for (const draft of thread.drafts) {
    const above = draft.parent_id === null ? undefined : shown.get(draft.parent_id);
    (above?.drafts ?? top).push(draft);
  }
  return top;
}

function countRest(thread: Thread, shown: ReadonlyMap<string, CommentNode>): void {
  const seen = new Map<string, number>();
  const add = (root: string): void => void seen.set(root, (seen.get(root) ?? 0) + 1);
  for (const { comment, hidden } of shown.values()) if (!hidden && isPublished(comment) && !isRoot(comment)) add(comment.root_id);
  for (const id of [...thread.parked, ...thread.held]) {
    const comment = thread.known.get(id);
    if (!comment || isRoot(comment)) continue;
    const root = shown.get(comment.root_id);
    if (root && isPublished(comment) && thread.parked.has(id)) root.parked += 1;
    if (isPublished(comment)) add(comment.root_id);
  }
  for (const root of shown.values()) {
    if (!isRoot(root.comment) || thread.focus || thread.repliesEnd.get(root.comment.id) === "all") continue;
    root.more = Math.max(0, root.comment.reply_count - (seen.get(root.comment.id) ?? 0));
  }
}

/** What is loaded, so that another thread can be cropped to it. */
export interface LoadedWindow {
  sort: Thread["sort"];
  roots: Edge;
  replies: Record<string, Edge>;
}

export function windowOf(thread: Thread): LoadedWindow {
  return { sort: thread.sort, roots: thread.rootsEnd, replies: Object.fromEntries(thread.repliesEnd) };
}

const bare = ({ id, parent_id, root_id, depth, author, body, status, created_at, edited_at, reactions, reply_count }: Comment): unknown => ({
  id, parent_id, root_id, depth, author, body, status, created_at, edited_at,
  reactions: Object.fromEntries(Object.entries(reactions).filter(([, n]) => n > 0)), reply_count,
});

/** The thread over a window (its own by default), in the chosen order, with nothing that depends on how it came to be. */
export function dumpOf(thread: Thread, crop: LoadedWindow = windowOf(thread)): unknown {
  const order = bySort(crop.sort);
  const there = [...thread.known.values()].filter(({ id }) => !thread.parked.has(id) && !thread.held.has(id));
  const roots = there.filter((comment) => isRoot(comment) && within(crop.roots, placeOf(comment), order));
  roots.sort((a, b) => order(placeOf(a), placeOf(b)));
  const repliesOf = (root: Comment): Comment[] => there
    .filter((comment) => comment.root_id === root.id && !isRoot(comment) && within(crop.replies[root.id], placeOf(comment), byTime))
    .sort(inTime);
  const own = [...thread.own.keys()].map((id) => formOf(thread, id)).filter((form) => form && form === thread.own.get(form.id)?.comment);
  return {
    seq: thread.seq, total: thread.total, article: thread.article,
    roots: roots.map((root) => ({ ...(bare(root) as object), replies: repliesOf(root).map(bare) })),
    own: own.filter((form) => form !== undefined).sort(inTime).map(bare),
    reactions: Object.fromEntries(Object.entries(thread.reactions).filter(([, kinds]) => kinds.length).sort()),
    mutes: [...thread.mutes].sort(),
  };
}
