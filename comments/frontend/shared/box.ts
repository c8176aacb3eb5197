// A thread's changeable copy, and the rule by which a form of a comment replaces another. For arrivals.ts and more.ts.
import { isStub, type Edge } from "./order";
import type { OwnForm, Thread } from "./state";
import type { Comment } from "./types";

/** The parts of a thread that arrivals change, copied, so that they may be changed in place. */
export interface Box {
  known: Map<string, Comment>;
  gone: Map<string, number>;
  order: string[];
  repliesEnd: Map<string, Edge>;
  parked: Set<string>;
  held: Set<string>;
  pinned: Set<string>;
  own: Map<string, OwnForm>;
}

export function opened(thread: Thread): Box {
  return {
    known: new Map(thread.known), gone: new Map(thread.gone), order: [...thread.order], repliesEnd: new Map(thread.repliesEnd),
    parked: new Set(thread.parked), held: new Set(thread.held), pinned: new Set(thread.pinned), own: new Map(thread.own),
  };
}

/** Keeps a form if it is newer than what we have. True when the comment was not known before. */
export function learn(box: Box, comment: Comment): boolean {
  const before = box.known.get(comment.id);
  const passed = before ? before.seq : box.gone.get(comment.id) ?? -1;
  if (passed > comment.seq || (passed === comment.seq && comment.source === undefined)) return false;
  box.gone.delete(comment.id);
  // The public form has no source; the author's own, answered to the last post or edit, is still true of the same text.
  const kept = before?.source !== undefined && before.edited_at === comment.edited_at && !isStub(comment)
    ? { source: before.source } : {};
  box.known.set(comment.id, { ...kept, ...comment });
  const own = box.own.get(comment.id);
  if (own) box.own.set(comment.id, beside(own, comment));
  return !before;
}

/** One's own rejected comment beside its newer public stub: still one's own, with the replies that came meanwhile. */
export function beside(own: OwnForm, known: Comment | undefined): OwnForm {
  if (!known || known.seq <= own.asOf || known.status !== own.comment.status) return own;
  return { comment: { ...own.comment, reply_count: known.reply_count }, asOf: known.seq };
}
