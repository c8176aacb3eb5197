// What a change, a page or an answer does to the comments a thread knows: newer forms replace older ones, arrivals of
// others are parked, the viewer's own shown. Only thread.ts calls this; it stays pure outside.
import { bySort, isPublished, isRoot, placeOf } from "./order";
import { learn, opened, type Box } from "./box";
import { loaded, type Thread } from "./state";
import type { Change, Comment, Gone, Sort } from "./types";

/** A batch or a catch-up: each comment's present form, once; what a reply changes above it stands in there too. */
export function absorb(thread: Thread, changes: Change[]): Thread {
  const box = opened(thread);
  const fresh: Comment[] = [];
  const added = new Set<string>();
  for (const { kind, comment } of changes) {
    if (kind === "gone") leave(box, comment);
    else if (learn(box, comment)) {
      fresh.push(comment);
      if (kind === "added") added.add(comment.id);
    }
  }
  for (const root of fresh.filter(isRoot)) if (added.has(root.id)) openReplies(box, root);
  for (const comment of fresh) arrive(thread, box, comment, added.has(comment.id));
  return { ...thread, ...box };
}

/** The server's answer about one's own comment; without one, a draft has failed and what was held for it may show. */
export function settle(thread: Thread, comment?: Comment): Thread {
  const box = opened(thread);
  if (comment?.status === "published") {
    learn(box, comment);
    box.own.delete(comment.id);
    show(box, box.known.get(comment.id) ?? comment);
  } else if (comment?.status === "withdrawn" || comment?.status === "erased") {
    box.own.delete(comment.id);
    withdraw(box, comment.id);
  } else if (comment) {
    box.own.set(comment.id, { comment, asOf: thread.seq });
  }
  for (const id of [...box.held]) {
    const held = box.known.get(id);
    if (!held) box.held.delete(id);
    else if (!awaited(thread, held)) show(box, held);
  }
  const ids = comment && thread.focus ? new Set([...thread.focus.ids, comment.id]) : null;
  return { ...thread, ...box, focus: thread.focus && ids ? { ...thread.focus, ids } : thread.focus };
}

function leave(box: Box, gone: Gone): void {
  if ((box.known.get(gone.id)?.seq ?? box.gone.get(gone.id) ?? -1) >= gone.seq) return;
  box.gone.set(gone.id, gone.seq);
  forget(box, gone.id);
}

function forget(box: Box, id: string): void {
  box.known.delete(id);
  for (const set of [box.parked, box.held, box.pinned]) set.delete(id);
  const at = box.order.indexOf(id);
  if (at >= 0) box.order.splice(at, 1);
}

/** At once, before the live event: a stub where replies hang on it, else nothing. The event has the last word. */
function withdraw(box: Box, id: string): void {
  const before = box.known.get(id);
  if (!before) return;
  const replies = [...box.known.values()].some((comment) => comment.parent_id === id);
  if (replies || before.reply_count > 0) {
    box.known.set(id, { ...before, author: null, body: null, reactions: {}, status: "withdrawn" });
  } else {
    box.gone.set(id, before.seq);
    forget(box, id);
  }
}

/** The replies of a root that has just come: all are here when as many are known as it counts. */
function openReplies(box: Box, root: Comment): void {
  if (box.repliesEnd.has(root.id)) return;
  const replies = [...box.known.values()].filter((comment) => comment.root_id === root.id && comment.id !== root.id);
  box.repliesEnd.set(root.id, replies.filter(isPublished).length >= root.reply_count ? "all" : "none");
}

function arrive(thread: Thread, box: Box, comment: Comment, added: boolean): void {
  const { viewer, focus } = thread;
  if (viewer && comment.author?.id === viewer.id) {
    if (awaited(thread, comment)) box.held.add(comment.id);
    else show(box, comment);
    return;
  }
  const risen = isRoot(comment) && !added && /^re/.test(thread.sort); // the ranked orders
  const near = focus
    ? comment.parent_id !== null && (focus.ids.has(comment.parent_id) || box.parked.has(comment.parent_id))
    : loaded(thread, box, comment);
  if (near && !risen) box.parked.add(comment.id);
}

/** May it be the draft that the viewer has sent and that the server has not yet answered? */
const awaited = (thread: Thread, comment: Comment): boolean =>
  thread.drafts.some((draft) => draft.parent_id === comment.parent_id);

/** The viewer's own shows at once: a root on top, a reply in its place, loaded or not. */
function show(box: Box, comment: Comment): void {
  box.held.delete(comment.id);
  box.parked.delete(comment.id);
  box.pinned.add(comment.id);
  if (!isRoot(comment) || box.order.includes(comment.id)) return;
  box.order.unshift(comment.id);
  if (!box.repliesEnd.has(comment.id)) openReplies(box, comment);
}

/** Puts a root that was parked where the order wants it. */
export function showRoot(box: Box, root: Comment, sort: Sort): void {
  if (box.order.includes(root.id)) return;
  const order = bySort(sort);
  const at = box.order.findIndex((id) => {
    const other = box.known.get(id);
    return other !== undefined && !box.pinned.has(id) && order(placeOf(root), placeOf(other)) < 0;
  });
  box.order.splice(at < 0 ? box.order.length : at, 0, root.id);
}
