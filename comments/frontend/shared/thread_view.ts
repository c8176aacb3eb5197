// What of a thread is on the screen, as a tree ready to draw. Pure; the widget draws it.
import { byTime, isPublished, isRoot } from "./order";
import { loaded, type Draft, type Thread } from "./state";
import type { Comment } from "./types";

export interface CommentNode {
  comment: Comment;
  /** Only the viewer sees it: waiting or rejected. */
  hidden: boolean;
  /** Its thread takes no replies. */
  locked: boolean | undefined;
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
  /** All that is on the screen, by comment. */
  nodes: ReadonlyMap<string, CommentNode>;
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

const inTime = (a: CommentNode, b: CommentNode): number => byTime(a.comment, b.comment);

/** Where a comment hangs on the screen: at its depth's level, or higher when what it answers is not there. */
function hangsOn(comment: Comment, shown: ReadonlyMap<string, CommentNode>): CommentNode | undefined {
  let above = comment.parent_id === null ? undefined : shown.get(comment.parent_id);
  while (above && above.comment.depth >= comment.depth && above.comment.parent_id !== null) {
    above = shown.get(above.comment.parent_id);
  }
  return above ?? shown.get(comment.root_id);
}

/** Nodes in which nothing has changed since the view before are the same objects: who draws them sees it at a glance. */
export function viewOf(thread: Thread, before?: View): View {
  const roots = new Set(thread.order);
  const shown = new Map<string, CommentNode>();
  const replies: CommentNode[] = [];
  const place = (comment: Comment): void => {
    const made: CommentNode = {
      comment, hidden: formOf(thread, comment.id) !== thread.known.get(comment.id),
      locked: thread.known.get(comment.root_id)?.locked, answers: null, children: [], drafts: [], more: 0, parked: 0,
    };
    shown.set(comment.id, made);
    if (!isRoot(comment)) replies.push(made);
  };
  for (const comment of thread.known.values()) {
    if (onScreen(thread, comment, roots)) place(formOf(thread, comment.id) ?? comment);
  }
  for (const { comment } of thread.own.values()) {
    if (!shown.has(comment.id) && !thread.known.has(comment.id) && (isRoot(comment) ? !thread.focus : shown.has(comment.root_id))) place(comment);
  }
  for (const reply of replies) hang(thread, shown, reply);
  countRest(thread, shown);
  const drafts = draftsOnTop(thread, shown);
  return {
    roots: rootNodes(thread, shown).map((root) => settled(root, shown, before)), nodes: shown, drafts,
    arrivals: [...thread.parked].filter((id) => {
      const comment = thread.known.get(id);
      return comment && isPublished(comment);
    }).length,
  };
}

/** Puts the replies in order; answers the node of the view before where it is no different. */
function settled(node: CommentNode, shown: Map<string, CommentNode>, before?: View): CommentNode {
  node.children = node.children.sort(inTime).map((child) => settled(child, shown, before));
  const { id } = node.comment;
  const old = before?.nodes.get(id);
  if (!old || !same(old, node)) return node;
  shown.set(id, old);
  return old;
}

/** Of the two nodes each part, of their lists each member. */
const same = (a: object, b: object): boolean => {
  for (const part in a) {
    const one = a[part as keyof object] as unknown[] | null;
    const other = b[part as keyof object] as typeof one;
    if (one !== other && !(one?.every && one.length === other?.length && same(one, other))) return false;
  }
  return true;
};

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
  return [...others.sort((a, b) => inTime(b, a)), ...listed];
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
