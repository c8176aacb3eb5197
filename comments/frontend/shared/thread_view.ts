// What of a thread is on the screen, as a tree ready to draw. Pure; the widget draws it.
import { byTime, isPublished, isRoot, placeOf } from "./order";
import { loaded, type Draft, type Thread } from "./state";
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
export function formOf(thread: Thread, id: string): Comment | undefined {
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
