// The order of comments and the edges of what is loaded: pure comparisons that agree with the server's keysets.
// For thread.ts and its view only.
import type { Comment, Sort } from "./types";

/** Where a loaded range ends: everything is there, nothing is, or everything up to this place in the order. */
export type Edge = "all" | "none" | Place;
export type Moment = Pick<Comment, "created_at" | "id">;
export type Place = Moment & { score: number; replies: number };

export const isStub = (comment: Comment): boolean => comment.body === null;
export const isPublished = (comment: Comment): boolean => comment.status === "published";
export const isRoot = (comment: Comment): boolean => comment.parent_id === null;

export const score = (comment: Comment): number => comment.reactions["recommend"] ?? 0;

export const placeOf = (comment: Comment): Place => ({ created_at: comment.created_at, id: comment.id, score: score(comment), replies: comment.reply_count });

/** Times may carry any number of decimals: as text they compare only when all have six. */
const instant = (time: string): string => time.replace(/(?:\.(\d+))?Z$/, (_, decimals = "") => `.${decimals.padEnd(6, "0")}`);

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

const byId = (a: string, b: string): number => a.length - b.length || compare(a, b);

export function byTime({ created_at: a, id }: Moment, { created_at: b, id: other }: Moment): number {
  return (a.length === b.length ? compare(a, b) : compare(instant(a), instant(b))) || byId(id, other);
}

/** Roots in the order of a sort: negative when `a` stands before `b`. */
export function bySort(sort: Sort): (a: Place, b: Place) => number {
  if (sort === "oldest") return byTime;
  if (sort === "newest") return (a, b) => byTime(b, a);
  return (a, b) => (sort === "replied" ? b.replies - a.replies : b.score - a.score) || byId(b.id, a.id);
}

/** Does a range that ends at this edge hold the place? */
export function within<P extends Moment>(edge: Edge | undefined, place: P, order: (a: P, b: Place) => number): boolean {
  return edge === "all" || (edge !== undefined && edge !== "none" && order(place, edge) <= 0);
}

/** The edge behind a page of roots. A stub does not tell its recommendations, so a ranked page ends before it. */
export function edgeOf(roots: Comment[], complete: boolean, sort: Sort, before: Edge): Edge {
  if (complete) return "all";
  const last = roots.findLast((root) => sort !== "recommended" || !isStub(root));
  return last ? placeOf(last) : before;
}
