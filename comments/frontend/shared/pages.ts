// The first page of a thread: the part of `apply` (thread.ts) that is needed to read. Pure.
import { byTime, edgeOf, isPublished, isRoot, placeOf, type Edge } from "./order";
import { emptyThread, type Thread } from "./state";
import type { Comment, Page, Sort } from "./types";

export const rootsOf = (comments: Comment[]): Comment[] => comments.filter(isRoot);

/** A page shows each root's first replies: they are all of them when as many stand there as the root counts. */
export function firstReplies(comments: Comment[], ends: ReadonlyMap<string, Edge>): Map<string, Edge> {
  const found = new Map(ends);
  for (const root of rootsOf(comments)) {
    const replies = comments.filter((comment) => comment.root_id === root.id && comment !== root).sort(byTime);
    const complete = replies.filter(isPublished).length >= root.reply_count;
    const last = replies.at(-1);
    const edge: Edge = complete ? "all" : last ? placeOf(last) : "none";
    if (!ends.has(root.id) || ends.get(root.id) === "none") found.set(root.id, edge);
  }
  return found;
}

export function firstPage(thread: Thread, { page, sort }: { page: Page; sort: Sort }): Thread {
  const roots = rootsOf(page.comments);
  return {
    ...emptyThread(page.article.id, sort),
    site: page.site ?? thread.site, article: page.article, seq: page.seq, total: page.total,
    known: new Map(page.comments.map((comment) => [comment.id, comment])),
    order: roots.map((root) => root.id), cursor: page.next_cursor,
    rootsEnd: edgeOf(roots, page.next_cursor === null, sort, "none"),
    repliesEnd: firstReplies(page.comments, new Map()),
    tabs: page.tabs ?? thread.tabs, follows: thread.follows, drafts: thread.drafts, viewer: thread.viewer, own: thread.own, reactions: thread.reactions, mutes: thread.mutes,
  };
}
