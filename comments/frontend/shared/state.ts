// The thread as the browser holds it: the type, and the parts that events change. Changed by `apply` (thread.ts) alone.
import { byTime, bySort, isRoot, placeOf, within, type Edge } from "./order";
import type { AppealOutcome, Article, Comment, Mine, Page, Problem, Site, Sort, Viewer } from "./types";

/** What the reader has sent and the server has not yet answered. */
export interface Draft {
  key: string;
  parent_id: string | null;
  source: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Put to the article's author. */
  question?: boolean | undefined;
  state: "sending" | "unsent";
  problem?: Problem;
}

/** The viewer's own form of a comment that the public does not see, and the article's seq at which that was so. */
export interface OwnForm {
  comment: Comment;
  asOf: number;
}

export interface Thread {
  sort: Sort;
  site: Site | null;
  article: Article;
  seq: number;
  total: number;
  /** Every public form we were told of, also beyond what is loaded: a later page must not miss it. */
  known: ReadonlyMap<string, Comment>;
  /** What went, and at which seq, so that a slow answer does not bring it back. */
  gone: ReadonlyMap<string, number>;
  /** Roots as they stand on the screen: nothing moves under somebody who is reading. */
  order: readonly string[];
  rootsEnd: Edge;
  cursor: string | null;
  repliesEnd: ReadonlyMap<string, Edge>;
  repliesCursor: ReadonlyMap<string, string>;
  /** Arrivals of others that wait for the reader to take them. */
  parked: ReadonlySet<string>;
  /** Arrivals of the viewer's own that may be a draft whose answer is still on its way. */
  held: ReadonlySet<string>;
  /** The viewer's own, shown also where they lie beyond what is loaded. */
  pinned: ReadonlySet<string>;
  /** What was taken last. */
  taken: ReadonlySet<string>;
  drafts: readonly Draft[];
  viewer: Viewer | null;
  own: ReadonlyMap<string, OwnForm>;
  reactions: Readonly<Record<string, string[]>>;
  mutes: ReadonlySet<string>;
  /** What the viewer follows here; the comments that the tabs have, as of the first page. */
  follows?: Mine["follows"] | undefined;
  tabs?: Page["tabs"] | undefined;
  /** The viewer's own appeals that succeeded. */
  appeals?: readonly AppealOutcome[] | undefined;
  /** A permalink's comment with what stands around it, shown instead of the whole thread. */
  focus: { target: string; ids: ReadonlySet<string> } | null;
  /** `gap`: ask for the changes after `seq`; `reset`: load the page again. */
  stale: "gap" | "reset" | null;
}

export function emptyThread(article: string, sort: Sort = "newest"): Thread {
  return {
    sort, site: null, article: { id: article, title: null, url: null, mode: "open" }, seq: 0, total: 0,
    known: new Map(), gone: new Map(), order: [], rootsEnd: "none", cursor: null,
    repliesEnd: new Map(), repliesCursor: new Map(), parked: new Set(), held: new Set(), pinned: new Set(), taken: new Set(),
    drafts: [], viewer: null, own: new Map(), reactions: {}, mutes: new Set(), focus: null, stale: null,
  };
}

/** Is it in the range that was loaded? */
export function loaded(thread: Thread, { repliesEnd }: Pick<Thread, "repliesEnd">, comment: Comment): boolean {
  return isRoot(comment)
    ? within(thread.rootsEnd, placeOf(comment), bySort(thread.sort))
    : within(repliesEnd.get(comment.root_id), comment, byTime);
}
