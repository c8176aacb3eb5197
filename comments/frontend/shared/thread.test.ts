// The thread's state machine: a table of events, each against the thread fetched afresh, and what readers see meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, emptyThread, type Thread, type ThreadEvent } from "./thread";
import { dumpOf, windowOf } from "./thread_dump";
import { viewOf, type CommentNode } from "./thread_view";
import type { Batch, Change, Comment, Page, Sort, Viewer } from "./types";

const AUTHOR = { id: "7", name: "aster", badges: [], avatar: null };
const ME = { id: "1", name: "kiesel", badges: [], avatar: null };
const VIEWER = { ...ME, state: "active", can: { read: true, write: true, react: true, report: true }, gate: null, suspended_until: null, restriction_reason: null } as Viewer;

/** A comment; times grow with the id, so that order by id is order by time. */
function comment(id: number, parent: number | null, more: Partial<Comment> = {}): Comment {
  return {
    id: String(id), parent_id: parent === null ? null : String(parent), root_id: String(parent === null ? id : more.root_id ?? parent), depth: parent === null ? 0 : 1,
    author: AUTHOR, body: [["p", `Text ${id}`]], status: "published", created_at: `2026-01-01T00:00:00.${String(id).padStart(6, "0")}Z`,
    edited_at: null, reactions: {}, reply_count: 0, seq: id, ...more,
  };
}

const stub = (of: Comment, seq: number): Comment => ({ ...of, author: null, body: null, reactions: {}, status: "withdrawn", seq });

const page = (comments: Comment[], more: Partial<Page> = {}): Page => ({
  article: { id: "a", title: null, url: null, mode: "open" }, comments, next_cursor: null, total: comments.length,
  seq: Math.max(0, ...comments.map(({ seq }) => seq)), ...more,
});

const load = (comments: Comment[], sort: Sort = "newest", more: Partial<Page> = {}): Thread =>
  apply(emptyThread("a", sort), { type: "page", page: page(comments, more), sort });

const batch = (after: number, seq: number, changes: Change[], total = 0): ThreadEvent =>
  ({ type: "batch", batch: { site: "s", article: "a", after, seq, changes, total } as Batch });

const run = (thread: Thread, ...events: ThreadEvent[]): Thread => events.reduce(apply, thread);

const ids = (nodes: CommentNode[]): unknown[] => nodes.map(({ comment: { id }, children }) => (children.length ? [id, ids(children)] : id));
const drawn = (thread: Thread): unknown[] => ids(viewOf(thread).roots);

/** Old thread + event == fresh, over what the old one has loaded. */
function same(live: Thread, fresh: Thread): void {
  const within = windowOf(live);
  assert.deepEqual(dumpOf(live, within), dumpOf(fresh, within));
}

const table: { what: string; before: Comment[]; changes: Change[]; after: Comment[] }[] = [
  {
    what: "a new root",
    before: [comment(1, null)],
    changes: [{ kind: "added", comment: comment(2, null) }],
    after: [comment(2, null), comment(1, null)],
  },
  {
    what: "a new reply and its root's count",
    before: [comment(1, null)],
    changes: [{ kind: "added", comment: comment(2, 1) }, { kind: "changed", comment: comment(1, null, { reply_count: 1, seq: 2 }) }],
    after: [comment(1, null, { reply_count: 1, seq: 2 }), comment(2, 1)],
  },
  {
    what: "a new root with a reply in the same batch, the root last",
    before: [],
    changes: [{ kind: "added", comment: comment(2, 1) }, { kind: "added", comment: comment(1, null, { reply_count: 1, seq: 2 }) }],
    after: [comment(1, null, { reply_count: 1, seq: 2 }), comment(2, 1)],
  },
  {
    what: "an edit",
    before: [comment(1, null)],
    changes: [{ kind: "changed", comment: comment(1, null, { body: [["p", "Other"]], edited_at: "2026-01-02T00:00:00Z", seq: 2 }) }],
    after: [comment(1, null, { body: [["p", "Other"]], edited_at: "2026-01-02T00:00:00Z", seq: 2 })],
  },
  {
    what: "recommendations",
    before: [comment(1, null)],
    changes: [{ kind: "changed", comment: comment(1, null, { reactions: { recommend: 3 }, seq: 2 }) }],
    after: [comment(1, null, { reactions: { recommend: 3 }, seq: 2 })],
  },
  {
    what: "a root that goes",
    before: [comment(2, null), comment(1, null)],
    changes: [{ kind: "gone", comment: { id: "2", seq: 3, root_id: "2", parent_id: null } }],
    after: [comment(1, null)],
  },
  {
    what: "a root that becomes a stub",
    before: [comment(1, null, { reply_count: 1 }), comment(2, 1)],
    changes: [{ kind: "changed", comment: stub(comment(1, null, { reply_count: 1 }), 3) }],
    after: [stub(comment(1, null, { reply_count: 1 }), 3), comment(2, 1)],
  },
  {
    what: "a stub that goes with its last reply",
    before: [stub(comment(1, null, { reply_count: 1 }), 3), comment(2, 1)],
    changes: [
      { kind: "gone", comment: { id: "2", seq: 4, root_id: "1", parent_id: "1" } },
      { kind: "gone", comment: { id: "1", seq: 4, root_id: "1", parent_id: null } },
    ],
    after: [],
  },
  {
    what: "a stub that appears with its first reply",
    before: [],
    changes: [{ kind: "added", comment: stub(comment(1, null, { reply_count: 1 }), 4) }, { kind: "added", comment: comment(2, 1, { seq: 4 }) }],
    after: [stub(comment(1, null, { reply_count: 1 }), 4), comment(2, 1, { seq: 4 })],
  },
];

for (const { what, before, changes, after } of table) {
  for (const sort of ["newest", "oldest", "recommended"] as const) {
    test(`${what}, ${sort} first: old thread and event are the fresh thread`, () => {
      const seq = 100;
      const old = load(before, sort);
      const total = after.filter(({ status }) => status === "published").length;
      const live = run(old, batch(old.seq, seq, changes, total), { type: "take" });
      const fresh = load(after, sort, { seq, total });
      same(live, fresh);
      assert.deepEqual(apply(live, batch(old.seq, seq, changes, total)), live, "the same event twice changes nothing");
    });
  }
}

test("a batch is applied from where one stands, ignored when passed, and a gap asks for changes", () => {
  const thread = load([comment(5, null)]);
  assert.equal(run(thread, batch(3, 5, [])).seq, 5);
  const gap = run(thread, batch(6, 7, [{ kind: "added", comment: comment(7, null) }]));
  assert.deepEqual([gap.stale, gap.seq, gap.parked.size], ["gap", 5, 0]);
  const mended = run(gap, { type: "changes", answer: {
    seq: 7, changes: [6, 7].map((id) => ({ kind: "added", comment: comment(id, null) })), total: 3, reset: false,
  } });
  assert.deepEqual([mended.stale, mended.seq, mended.total, [...mended.parked]], [null, 7, 3, ["6", "7"]]);
  const overlapping = run(thread, batch(4, 8, [{ kind: "changed", comment: comment(5, null) }, { kind: "added", comment: comment(8, null) }], 2));
  assert.equal(overlapping.seq, 8);
});

test("a reset asks for the page, and nothing is applied until it is there", () => {
  const stale = run(load([comment(1, null)]), { type: "changes", answer: { seq: 900, changes: [], total: 0, reset: true } });
  assert.deepEqual([stale.stale, stale.seq], ["reset", 1]);
  assert.equal(run(stale, batch(1, 2, [])).seq, 1);
  assert.equal(run(stale, { type: "page", page: page([comment(9, null)]), sort: "newest" }).stale, null);
});

test("arrivals of others wait; edits, counts and what goes do not", () => {
  let thread = load([comment(2, null), comment(1, null)]);
  thread = run(thread, batch(2, 4, [
    { kind: "added", comment: comment(3, null) }, { kind: "added", comment: comment(4, 1) },
    { kind: "changed", comment: comment(1, null, { reply_count: 1, seq: 4 }) },
  ], 4));
  assert.deepEqual(drawn(thread), ["2", "1"]);
  assert.deepEqual([viewOf(thread).arrivals, thread.total], [2, 4]);
  assert.equal(viewOf(thread).roots[1]?.parked, 1);
  assert.equal(viewOf(thread).roots[1]?.comment.reply_count, 1);
  thread = run(thread, batch(4, 5, [{ kind: "gone", comment: { id: "3", seq: 5, root_id: "3", parent_id: null } }], 3));
  assert.equal(viewOf(thread).arrivals, 1, "what went before it was taken does not wait any more");
  thread = run(thread, { type: "take", root: "1" });
  assert.deepEqual(drawn(thread), ["2", ["1", ["4"]]]);
});

test("roots stay where they stand while somebody reads, also when the order says otherwise", () => {
  const thread = run(
    load([comment(1, null, { reactions: { recommend: 5 } }), comment(2, null)], "recommended"),
    batch(2, 3, [{ kind: "changed", comment: comment(2, null, { reactions: { recommend: 9 }, seq: 3 }) }], 2),
  );
  assert.deepEqual(drawn(thread), ["1", "2"]);
  assert.deepEqual((dumpOf(thread) as { roots: { id: string }[] }).roots.map(({ id }) => id), ["2", "1"]);
});

test("taken roots come where the order wants them", () => {
  const added: Change[] = [{ kind: "added", comment: comment(3, null) }];
  const newest = run(load([comment(2, null), comment(1, null)]), batch(2, 3, added, 3), { type: "take" });
  assert.deepEqual(drawn(newest), ["3", "2", "1"]);
  const oldest = run(load([comment(1, null), comment(2, null)], "oldest"), batch(2, 3, added, 3), { type: "take" });
  assert.deepEqual(drawn(oldest), ["1", "2", "3"]);
});

test("what lies beyond the loaded pages neither shows nor waits, and is there when its page comes", () => {
  let thread = load([comment(1, null), comment(2, null)], "oldest", { next_cursor: "c", total: 3, seq: 3 });
  thread = run(thread, batch(3, 9, [{ kind: "added", comment: comment(9, null) }], 4));
  assert.deepEqual([viewOf(thread).arrivals, drawn(thread)], [0, ["1", "2"]]);
  // The page was asked for before 9 came: it must not be missing for that.
  thread = run(thread, { type: "more", page: page([comment(3, null)], { seq: 3 }) });
  same(thread, load([1, 2, 3, 9].map((id) => comment(id, null)), "oldest", { total: 4, seq: 9 }));
});

test("replies: the first three, further pages that come again from the first, arrivals behind them", () => {
  const root = comment(1, null, { reply_count: 5 });
  const replies = [2, 3, 4, 5, 6].map((id) => comment(id, 1));
  let thread = load([root, ...replies.slice(0, 3)], "newest", { seq: 6, total: 6 });
  assert.equal(viewOf(thread).roots[0]?.more, 2);
  thread = run(thread, batch(6, 7, [{ kind: "added", comment: comment(7, 1) }, { kind: "changed", comment: { ...root, reply_count: 6, seq: 7 } }], 7));
  assert.deepEqual([viewOf(thread).arrivals, viewOf(thread).roots[0]?.more], [0, 3]);
  thread = run(thread, { type: "replies", root: "1", answer: { comments: replies.slice(0, 4), next_cursor: "c" } });
  assert.deepEqual([drawn(thread), viewOf(thread).roots[0]?.more, thread.repliesCursor.get("1")], [[["1", ["2", "3", "4", "5"]]], 2, "c"]);
  thread = run(thread, { type: "replies", root: "1", answer: { comments: replies.slice(4), next_cursor: null } });
  assert.deepEqual([drawn(thread), viewOf(thread).roots[0]?.more], [[["1", ["2", "3", "4", "5", "6", "7"]]], 0]);
});

test("a slow answer brings nothing back that has gone, and nothing old over something new", () => {
  let thread = load([comment(1, null, { reply_count: 4 }), comment(2, 1), comment(3, 1), comment(4, 1)], "newest", { seq: 5 });
  thread = run(thread, batch(5, 7, [
    { kind: "gone", comment: { id: "5", seq: 6, root_id: "1", parent_id: "1" } },
    { kind: "changed", comment: comment(2, 1, { body: [["p", "New"]], seq: 7 }) },
  ], 4));
  thread = run(thread, { type: "replies", root: "1", answer: { comments: [comment(2, 1), comment(3, 1), comment(4, 1), comment(5, 1)], next_cursor: null } });
  assert.deepEqual(drawn(thread), [["1", ["2", "3", "4"]]]);
  assert.deepEqual(thread.known.get("2")?.body, [["p", "New"]]);
});

const draft = (key: string, parent: string | null = null): ThreadEvent =>
  ({ type: "draft", draft: { key, parent_id: parent, source: "Text 3", at: 0, state: "sending" } });

test("one's own draft is replaced by the answer, whichever comes first, the answer or the live event", () => {
  const mine = comment(3, null, { author: ME });
  const event = batch(2, 3, [{ kind: "added", comment: mine }], 2);
  const sent: ThreadEvent = { type: "sent", key: "k", comment: { ...mine, source: "Text 3", findings: [], version: 1 } };
  const before = run(load([comment(2, null)]), { type: "viewer", viewer: VIEWER }, draft("k"));
  assert.deepEqual([viewOf(before).drafts.length, drawn(before)], [1, ["2"]]);
  for (const order of [[sent, event], [event, sent]]) {
    const half = run(before, order[0] as ThreadEvent);
    assert.equal(viewOf(half).drafts.length + viewOf(half).roots.length, 2, "never twice, never missing");
    const after = run(half, order[1] as ThreadEvent);
    assert.deepEqual([drawn(after), viewOf(after).drafts, viewOf(after).arrivals], [["3", "2"], [], 0]);
    assert.equal(after.known.get("3")?.source, "Text 3", "the author's source outlives the public form");
  }
});

test("a draft that failed lets go of what was held for it", () => {
  const before = run(load([]), { type: "viewer", viewer: VIEWER }, draft("k"), batch(0, 3, [{ kind: "added", comment: comment(3, null, { author: ME }) }], 1));
  assert.deepEqual(drawn(before), []);
  assert.deepEqual(drawn(run(before, { type: "dropped", key: "k" })), ["3"]);
  const unsent = run(before, { type: "unsent", key: "k", problem: { status: 0, code: "offline" } });
  assert.equal(viewOf(unsent).drafts[0]?.state, "unsent");
});

test("one's own of another tab shows at once", () => {
  const thread = run(load([comment(1, null)]), { type: "viewer", viewer: VIEWER }, batch(1, 2, [{ kind: "added", comment: comment(2, null, { author: ME }) }], 2));
  assert.deepEqual([drawn(thread), viewOf(thread).arrivals], [["2", "1"], 0]);
});

test("own reply under a root whose replies are not all loaded shows behind them", () => {
  const before = load([comment(1, null, { reply_count: 9 }), comment(2, 1)], "newest", { seq: 20 });
  const thread = run(before, { type: "viewer", viewer: VIEWER }, draft("k", "1"), { type: "sent", key: "k", comment: comment(21, 1, { author: ME, source: "" }) });
  assert.deepEqual(drawn(thread), [["1", ["2", "21"]]]);
});

test("a waiting comment is its author's only, until the public form is newer", () => {
  const waiting = comment(5, null, { author: ME, status: "waiting", seq: 0, source: "Text 5", findings: [], version: 1 });
  let thread = run(load([comment(1, null)], "newest", { seq: 10 }), { type: "viewer", viewer: VIEWER }, draft("k"), { type: "sent", key: "k", comment: waiting });
  assert.deepEqual([drawn(thread), viewOf(thread).roots[0]?.hidden, thread.total], [["5", "1"], true, 1]);
  thread = run(thread, batch(10, 11, [{ kind: "added", comment: { ...comment(5, null, { author: ME }), seq: 11 } }], 2));
  assert.deepEqual([drawn(thread), viewOf(thread).roots[0]?.hidden], [["5", "1"], false]);
});

test("an edit that is held hides the published form from others and keeps the author's own", () => {
  const published = comment(5, null, { author: ME });
  const held = { ...published, status: "waiting" as const, seq: 0, source: "x", findings: [], version: 2 };
  let thread = run(load([published], "newest", { seq: 10 }), { type: "viewer", viewer: VIEWER }, { type: "answered", comment: held });
  assert.deepEqual([drawn(thread), viewOf(thread).roots[0]?.hidden], [["5"], true]);
  thread = run(thread, batch(10, 11, [{ kind: "gone", comment: { id: "5", seq: 11, root_id: "5", parent_id: null } }], 0));
  assert.deepEqual([drawn(thread), viewOf(thread).roots[0]?.hidden], [["5"], true]);
});

test("withdrawing one's own: a stub where replies hang on it, else nothing; the event has the last word", () => {
  const mine = comment(1, null, { author: ME, reply_count: 1 });
  const withdrawn = { ...mine, status: "withdrawn" as const, seq: 3 };
  const stubbed = run(load([mine, comment(2, 1)]), { type: "viewer", viewer: VIEWER }, { type: "answered", comment: withdrawn });
  assert.equal(viewOf(stubbed).roots[0]?.comment.body, null);
  const gone = run(load([comment(1, null, { author: ME })]), { type: "viewer", viewer: VIEWER }, { type: "answered", comment: { ...withdrawn, reply_count: 0 } });
  assert.deepEqual(drawn(gone), []);
  const back = run(gone, batch(1, 3, [{ kind: "changed", comment: stub(mine, 3) }], 0), { type: "take" });
  assert.deepEqual(drawn(back), ["1"], "a reply was there that we did not know of");
});

test("mine: own waiting comments, reactions, mutes; nobody has none", () => {
  const waiting = comment(5, null, { author: ME, status: "waiting", seq: 0, source: "", findings: [], version: 1 });
  const mine: ThreadEvent = { type: "mine", mine: { viewer: VIEWER, comments: [waiting], reactions: { 1: ["recommend"] }, mutes: ["7"], follows: { article: false, comments: [] }, unread: 0, seq: 1 } };
  const thread = run(load([comment(1, null)]), mine);
  assert.deepEqual([drawn(thread), thread.reactions["1"], [...thread.mutes]], [["5", "1"], ["recommend"], ["7"]]);
  const out = run(thread, { type: "viewer", viewer: null });
  assert.deepEqual([drawn(out), out.reactions, out.mutes.size], [["1"], {}, 0]);
});

test("recommending is at once, once, and the answer has the last word", () => {
  const on: ThreadEvent = { type: "react", id: "1", kind: "recommend", on: true };
  let thread = run(load([comment(1, null, { reactions: { recommend: 2 } })]), on, on);
  assert.deepEqual([thread.known.get("1")?.reactions, thread.reactions["1"]], [{ recommend: 3 }, ["recommend"]]);
  thread = run(thread, { type: "reacted", id: "1", reactions: { recommend: 5 }, mine: ["recommend"] });
  assert.equal(thread.known.get("1")?.reactions["recommend"], 5);
  thread = run(thread, { type: "react", id: "1", kind: "recommend", on: false });
  assert.deepEqual([thread.known.get("1")?.reactions, thread.reactions["1"]], [{ recommend: 4 }, []]);
});

test("a permalink shows the comment with its ancestors, arrivals below them wait, and all comes back with a page", () => {
  const site = {} as never;
  const context = { article: page([]).article, site, comments: [comment(1, null, { reply_count: 50 }), comment(30, 1), comment(31, 30, { root_id: "1", depth: 2 })], seq: 60, total: 51 };
  let thread = run(load([comment(40, null)]), { type: "context", context, target: "30" });
  assert.deepEqual(drawn(thread), [["1", [["30", ["31"]]]]]);
  thread = run(thread, batch(60, 61, [{ kind: "added", comment: comment(61, 30, { root_id: "1", depth: 2 }) }, { kind: "added", comment: comment(62, null, { seq: 61 }) }], 53));
  assert.equal(viewOf(thread).arrivals, 1);
  thread = run(thread, { type: "take" });
  assert.deepEqual(drawn(thread), [["1", [["30", ["31", "61"]]]]]);
  assert.deepEqual(drawn(run(thread, { type: "page", page: page([comment(40, null)]), sort: "newest" })), ["40"]);
});

test("replies below the deepest level stand flat and say whom they answer", () => {
  const deep = (id: number, parent: number): Comment => comment(id, parent, { root_id: "1", depth: 2 });
  const thread = load([comment(1, null, { reply_count: 4 }), comment(2, 1), deep(3, 2), deep(4, 3), deep(5, 4)]);
  assert.deepEqual(drawn(thread), [["1", [["2", ["3", "4", "5"]]]]]);
  const flat = viewOf(thread).roots[0]?.children[0]?.children;
  assert.deepEqual(flat?.map(({ answers }) => answers?.id ?? null), [null, "3", "4"]);
});

test("times with any number of decimals are in order", () => {
  const at = (id: number, created_at: string): Comment => comment(id, 1, { created_at });
  const replies = [at(2, "2026-01-01T00:00:01Z"), at(3, "2026-01-01T00:00:01.5Z"), at(4, "2026-01-01T00:00:01.123456Z")];
  assert.deepEqual(drawn(load([comment(1, null, { reply_count: 3 }), ...replies])), [["1", ["2", "4", "3"]]]);
});
