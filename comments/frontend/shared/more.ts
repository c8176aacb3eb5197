// What the reader asks for beyond the first page: further roots, further replies, a permalink. Part of `apply` (thread.ts).
// Pure.
import { byTime, edgeOf, placeOf, type Edge } from "./order";
import { firstPage, firstReplies, rootsOf } from "./pages";
import { opened, learn } from "./box";
import type { Thread } from "./state";
import type { Comment, Context, Page, Replies } from "./types";

/** Comments that a page brought because the reader asked for more: nothing of them is parked. */
function addMany(thread: Thread, comments: Comment[]): Thread {
  const box = opened(thread);
  for (const comment of comments) {
    learn(box, comment);
    box.parked.delete(comment.id);
  }
  return { ...thread, ...box };
}

/** The page may be newer than `seq`; the events up to it are still on their way and find nothing newer to do. */
export function nextPage(thread: Thread, page: Page): Thread {
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

export function moreReplies(thread: Thread, root: string, answer: Replies): Thread {
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

export function permalink(thread: Thread, context: Context, target: string): Thread {
  const blank = firstPage(thread, { page: { ...context, comments: [], next_cursor: "" }, sort: thread.sort });
  const ids = new Set(context.comments.map((comment) => comment.id));
  return { ...addMany(blank, context.comments), focus: { target, ids } };
}
