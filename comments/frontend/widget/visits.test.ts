// What is new since the last visit: when a visit begins, what it remembers, and what counts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyThread, type Thread } from "../shared/state";
import type { Comment } from "../shared/types";
import { newIn, remembered, seenBefore, seenIn, type Visit } from "./visits";

const MINUTE = 60_000;
const DAY = 86_400_000;
const visitAt = (at: number): Visit => ({ at, time: 500, seq: 5, before: { time: 100, seq: 1 } });

const comment = (id: number, author = "9", more: Partial<Comment> = {}): Comment => ({
  id: String(id), parent_id: null, root_id: String(id), depth: 0, author: { id: author, name: author, badges: [], avatar: null }, body: [["p", "x"]],
  status: "published", created_at: new Date(id * 1000).toISOString(), edited_at: null, reactions: {}, reply_count: 0, seq: id, ...more,
});

const threadOf = (...comments: Comment[]): Thread => ({ ...emptyThread("news"), seq: 9, known: new Map(comments.map((one) => [one.id, one])) });

test("a first visit has nothing before it, a soon reload belongs to the same visit, a later one begins anew", () => {
  assert.equal(seenBefore(undefined, 0), null);
  assert.deepEqual(seenBefore(visitAt(0), 29 * MINUTE), { time: 100, seq: 1 });
  assert.deepEqual(seenBefore(visitAt(0), 31 * MINUTE), { time: 500, seq: 5 });
});

test("visits older than ninety days are forgotten with the next one", () => {
  const visits = { old: visitAt(0), young: visitAt(2 * DAY) };
  assert.deepEqual(Object.keys(remembered(visits, "news", visitAt(91 * DAY))), ["young", "news"]);
});

test("new: others' published comments after what was seen, or published since; not one's own, not of the muted", () => {
  const thread = threadOf(comment(1), comment(2), comment(3), comment(4, "7"), comment(5, "8"), comment(6, "9", { status: "withdrawn", body: null }));
  const seen = { time: 2000, seq: 2 };
  assert.deepEqual([...newIn(thread, seen, new Set(["1"]))], ["1", "3", "4", "5"]);
  const viewer = { id: "7" } as Thread["viewer"];
  assert.deepEqual([...newIn({ ...thread, viewer, mutes: new Set(["8"]) }, seen, new Set())], ["3"]);
});

test("what did not stand on the screen is not seen: it is asked for again", () => {
  const thread = threadOf(comment(1), comment(2), comment(6));
  assert.deepEqual(seenIn(thread, new Set(["1", "2", "6"])), { time: 6000, seq: 9 });
  assert.deepEqual(seenIn(thread, new Set(["1", "2"])), { time: 2000, seq: 5 });
});
