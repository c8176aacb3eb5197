// The browser's thread under Node, for tests/test_same_thread.py. Built by `node build.mjs --runner` into
// .build/same_thread.mjs. Reads one JSON object a line on stdin, answers each with exactly one JSON line on stdout.
//
// Every operation may carry "thread": a name (default "live"), so that one process holds the old and the fresh thread.
//   {"op": "new", "article": "12345", "sort"?}        forget the thread, begin an empty one
//   {"op": "load", "page": PAGE, "sort"?: "newest"}   the first page (GET …/comments)
//   {"op": "more", "page": PAGE}                      a further page of roots (its `next_cursor` null: no more)
//   {"op": "replies", "root": ID, "answer": {comments, next_cursor}}    GET /comments/{root}/replies, in cursor order
//   {"op": "context", "context": CONTEXT, "target": ID}                 GET /comments/{id}/context
//   {"op": "event", "name": "thread.batch" | "thread.reset" | "article.changed", "payload": …}     from the socket
//   {"op": "changes", "answer": CHANGES}              GET …/changes?after=
//   {"op": "viewer", "viewer": VIEWER | null}   {"op": "mine", "mine": MINE}                       who looks
//   {"op": "apply", "event": ThreadEvent}             any other event of shared/thread.ts (draft, sent, react, …)
//   {"op": "take"}                                    show what is parked
//     → {"seq": n, "stale": null | "gap" | "reset", "parked": n}   gap: send "changes"; reset: "load" again
//   {"op": "window"}                                  → WINDOW: how far roots and replies are loaded
//   {"op": "dump", "within"?: WINDOW}                 → {seq, total, article, roots: [{…comment, replies: […]}], own, reactions, mutes}
//     cropped to a window, sorted in its order; without seq of comments, parked arrivals and drafts.
//   {"op": "view"}                                    → ids as drawn: [[root, [[reply, […]], …]], …]
// An operation that fails answers {"error": "…"}.
//
// Old thread + events == fresh: load the old thread, feed it events, "take", ask its "window"; load the fresh thread
// with ALL its pages and replies; then dump(live, within window) must equal dump(fresh, within window).
import { createInterface } from "node:readline";
import { apply, emptyThread, type Thread, type ThreadEvent } from "./thread";
import { dumpOf, windowOf, type LoadedWindow } from "./thread_dump";
import { viewOf, type CommentNode } from "./thread_view";
import type { Article, Batch, Changes, Context, Mine, Page, Replies, Sort, Viewer } from "./types";

type Operation = { thread?: string } & (
  | { op: "new"; article: string; sort?: Sort }
  | { op: "load"; page: Page; sort?: Sort }
  | { op: "more"; page: Page }
  | { op: "replies"; root: string; answer: Replies }
  | { op: "context"; context: Context; target: string }
  | { op: "event"; name: string; payload: unknown }
  | { op: "changes"; answer: Changes }
  | { op: "viewer"; viewer: Viewer | null }
  | { op: "mine"; mine: Mine }
  | { op: "apply"; event: ThreadEvent }
  | { op: "take" }
  | { op: "window" }
  | { op: "dump"; within?: LoadedWindow }
  | { op: "view" }
);

const threads = new Map<string, Thread>();

function eventOf(operation: Operation): ThreadEvent {
  switch (operation.op) {
    case "load": return { type: "page", page: operation.page, sort: operation.sort ?? "newest" };
    case "more": return { type: "more", page: operation.page };
    case "replies": return { type: "replies", root: operation.root, answer: operation.answer };
    case "context": return { type: "context", context: operation.context, target: operation.target };
    case "changes": return { type: "changes", answer: operation.answer };
    case "viewer": return { type: "viewer", viewer: operation.viewer };
    case "mine": return { type: "mine", mine: operation.mine };
    case "take": return { type: "take" };
    case "apply": return operation.event;
    case "event": return liveEvent(operation.name, operation.payload);
    default: throw new Error(`unknown op ${JSON.stringify(operation.op)}`);
  }
}

function liveEvent(name: string, payload: unknown): ThreadEvent {
  if (name === "thread.batch") return { type: "batch", batch: payload as Batch };
  if (name === "thread.reset") return { type: "reset" };
  if (name === "article.changed") return { type: "article", ...(payload as { article: Article; seq: number }) };
  throw new Error(`no event of a thread: ${name}`);
}

const ids = (nodes: CommentNode[]): unknown[] => nodes.map(({ comment, children }) => [comment.id, ids(children)]);

function answer(operation: Operation): unknown {
  const name = operation.thread ?? "live";
  const thread = threads.get(name) ?? emptyThread("");
  if (operation.op === "window") return windowOf(thread);
  if (operation.op === "dump") return dumpOf(thread, operation.within);
  if (operation.op === "view") return ids(viewOf(thread).roots);
  const next = operation.op === "new" ? emptyThread(operation.article, operation.sort) : apply(thread, eventOf(operation));
  threads.set(name, next);
  return { seq: next.seq, stale: next.stale, parked: next.parked.size };
}

for await (const line of createInterface({ input: process.stdin })) {
  let printed: unknown;
  try {
    printed = answer(JSON.parse(line) as Operation);
  } catch (error) {
    printed = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(printed)}\n`);
}
