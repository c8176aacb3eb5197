// A thread's canonical form over what is loaded, with nothing that depends on how it came to be. For tests only.
import { byTime, bySort, isRoot, placeOf, within, type Edge } from "./order";
import type { Thread } from "./state";
import { formOf } from "./thread_view";
import type { Comment } from "./types";

const inTime = (a: Comment, b: Comment): number => byTime(placeOf(a), placeOf(b));

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
