// The queue's state: what leaves, what comes back and to where, what counts as new, what others have done.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrived, EMPTY, neighbours, nextLapse, step } from "./queue-state";
import type { QueueState, Step } from "./queue-state";
import type { Author, Item, QueuePage } from "./types";

const author: Author = {
  id: "5", name: "kiesel", state: "active", published: 3, rejected: 0, waiting: 2, withdrawn: 0,
  first_seen: "2026-01-01T00:00:00Z", banned: false, suspended_until: null, restriction_reason: null,
  premoderated: false, premoderated_reason: null, warnings: 0, unseen_warnings: 0, standing: { level: "good" as const, score: 60, parts: [] },
};

function item(id: string, by: Author = author, version = 1): Item {
  return {
    comment: {
      id, parent_id: null, root_id: id, depth: 0, author: { id: by.id, name: by.name ?? "", badges: [], avatar: null }, body: [["p", id]],
      status: "waiting", created_at: "2026-11-22T10:00:00Z", edited_at: null, reactions: {}, reply_count: 0, seq: 0, version,
    },
    article: { id: "a", title: null, url: null, mode: "open" },
    parent: null, reports: [], reports_before: 0, brigading: { suspected: false, why: [] }, author: by, decisions: [], claimed_by: null, second_opinion: null, opinions: [], appeal: null,
  };
}

function page(ids: string[], next_cursor: string | null = null, waiting = ids.length): QueuePage {
  return { items: ids.map((id) => item(id)), next_cursor, looked_through: ids.length, counts: { waiting, reported: 0, new: 0, appeals: 0 } };
}

const queue = "waiting" as const;
const ids = (state: QueueState): string[] => state.entries.map((entry) => entry.item.comment.id);
const open = (...of: string[]): QueueState => step(EMPTY, { kind: "loaded", page: page(of), queue });
const play = (state: QueueState, ...events: Step[]): QueueState => events.reduce(step, state);
const approve = (id: string): Step => ({ kind: "decided", id, verdict: { decision: "approve" } });
const refuse = (id: string, code = "offline", now: Item | null = null): Step => ({ kind: "refused", id, problem: { status: 0, code }, item: now });

test("a decision takes the item off at once, before the server has answered", () => {
  assert.deepEqual(ids(play(open("1", "2", "3"), approve("2"))), ["1", "3"]);
});

test("what is refused comes back to where it stood, with the reason, whatever else has left meanwhile", () => {
  const state = play(open("1", "2", "3", "4"), approve("1"), approve("2"), approve("3"), refuse("2"), refuse("1"));
  assert.deepEqual(ids(state), ["1", "2", "4"]);
  assert.equal(state.entries[1]?.fault?.problem.code, "offline");
  assert.deepEqual(state.entries[1]?.fault?.verdict, { decision: "approve" });
});

test("a comment that changed meanwhile comes back as it is now", () => {
  const state = play(open("1", "2"), approve("1"), refuse("1", "changed_meanwhile", item("1", author, 7)));
  assert.equal(state.entries[0]?.item.comment.version, 7);
});

test("deciding again clears the fault", () => {
  const state = play(open("1"), approve("1"), refuse("1"), approve("1"), refuse("1", "unavailable"));
  assert.equal(state.entries[0]?.fault?.problem.code, "unavailable");
});

test("nothing counts as new while own decisions are on their way, in whatever order the answers come", () => {
  const deciding = play(open("1", "2", "3"), approve("1"), approve("2"));
  assert.equal(arrived(deciding), 0);
  assert.equal(arrived(step(deciding, { kind: "counted", count: 2 })), 0);
  assert.equal(arrived(play(deciding, { kind: "counted", count: 2 }, { kind: "confirmed", id: "1", count: 2 })), 0);
  assert.equal(arrived(play(deciding, { kind: "confirmed", id: "2", count: 2 }, { kind: "confirmed", id: "1", count: 1 })), 0);
});

test("arrivals are counted and not shown until they are asked for, then stand at the end", () => {
  const state = play(open("1", "2"), { kind: "counted", count: 5 });
  assert.equal(arrived(state), 3);
  assert.deepEqual(ids(state), ["1", "2"]);
  const fetched = step(state, { kind: "refreshed", page: page(["1", "2", "3", "4", "5"]), queue });
  assert.deepEqual(ids(fetched), ["1", "2", "3", "4", "5"]);
  assert.equal(arrived(fetched), 0);
});

test("an item on its way out does not come in again with the arrivals", () => {
  const state = play(open("1", "2"), approve("1"), { kind: "refreshed", page: page(["1", "2", "3"]), queue });
  assert.deepEqual(ids(state), ["2", "3"]);
});

test("what others decided is marked where it stands, and passed over by next and previous", () => {
  const stale = play(open("1", "2", "3"), { kind: "counted", count: 2 });
  assert.equal(stale.stale, true);
  const state = step(stale, { kind: "checked", page: page(["1", "3"]) });
  assert.equal(state.stale, false);
  assert.deepEqual(ids(state), ["1", "2", "3"]);
  assert.deepEqual(state.entries.map((entry) => entry.settled), [false, true, false]);
  assert.deepEqual(neighbours(state, "1"), { previous: null, next: "3" });
  assert.deepEqual(neighbours(state, "3"), { previous: "1", next: null });
});

test("others' decisions are noticed while an own one is on its way", () => {
  const state = play(open("1", "2", "3", "4"), approve("1"), { kind: "counted", count: 3 }, { kind: "confirmed", id: "1", count: 2 });
  assert.equal(state.stale, true);
});

test("a look that reaches only part of the list says nothing of the rest", () => {
  const state = play(open("1", "2", "3", "4"), { kind: "counted", count: 3 }, { kind: "checked", page: page(["2"], "more") });
  assert.deepEqual(state.entries.map((entry) => entry.settled), [true, false, false, false]);
});

test("the next page is put below, without doubles", () => {
  const first = step(EMPTY, { kind: "loaded", page: page(["1", "2"], "c", 4), queue });
  const state = step(first, { kind: "more", page: page(["2", "3", "4"], null, 4), queue });
  assert.deepEqual(ids(state), ["1", "2", "3", "4"]);
  assert.equal(state.cursor, null);
});

test("a ban sweeps the author's waiting comments, which are not new while the server still counts them", () => {
  const other = { ...author, id: "6" };
  const loaded = step(EMPTY, { kind: "loaded", page: { ...page([], null, 3), items: [item("1"), item("2", other), item("3")] }, queue });
  const swept = step(loaded, { kind: "swept", author: "5" });
  assert.deepEqual(ids(swept), ["2"]);
  assert.equal(arrived(swept), 0);
  const settled = play(swept, { kind: "counted", count: 1 });
  assert.equal(arrived(settled), 0);
  assert.equal(arrived(step(settled, { kind: "counted", count: 2 })), 1);
});

test("a changed author and a changed article show on every row of theirs", () => {
  const state = play(open("1", "2"), { kind: "author", author: { ...author, banned: true } }, { kind: "article", article: { id: "a", title: "T", url: null, mode: "closed" } });
  assert.deepEqual(state.entries.map((entry) => [entry.item.author?.banned, entry.item.article.mode]), [[true, "closed"], [true, "closed"]]);
});

const written = (one: Item, created_at: string): Item => ({ ...one, comment: { ...one.comment, created_at } });

test("what was taken back stands where its age puts it, and is no news", () => {
  const items = [item("1"), item("2"), item("3")].map((one, at) => written(one, `2026-11-22T10:0${at}:00Z`));
  const loaded = step(EMPTY, { kind: "loaded", page: { ...page([], null, 3), items }, queue });
  const decided = play(loaded, approve("2"), { kind: "confirmed", id: "2", count: 2 });
  const again = written(item("2", author, 3), "2026-11-22T10:01:00Z");
  const state = step(decided, { kind: "back", item: again });
  assert.deepEqual(ids(state), ["1", "2", "3"]);
  assert.equal(state.entries[1]?.item.comment.version, 3, "as it stands now, to be decided on again");
  assert.deepEqual([state.count, arrived(state)], [3, 0]);
  assert.equal(arrived(step(state, { kind: "counted", count: 3 })), 0, "the server's own count, heard later");
  const twice = play(state, approve("3"), refuse("3"));
  assert.deepEqual(ids(twice), ["1", "2", "3"], "and others still find their places around it");
});

test("what was taken back stands first, last or alone where nothing else is older, newer or there", () => {
  const loaded = step(EMPTY, { kind: "loaded", page: { ...page([], null, 1), items: [written(item("5"), "2026-11-22T10:05:00Z")] }, queue });
  const back = (id: string, at: string): Step => ({ kind: "back", item: written(item(id), at) });
  assert.deepEqual(ids(play(loaded, back("1", "2026-11-22T10:01:00Z"), back("9", "2026-11-22T10:09:00Z"))), ["1", "5", "9"]);
  assert.deepEqual(ids(step(open(), back("1", "2026-11-22T10:01:00Z"))), ["1"]);
});

test("what one puts aside leaves the screen, not the count, and is no news either", () => {
  const state = step(open("1", "2", "3"), { kind: "gone", id: "2" });
  assert.deepEqual(ids(state), ["1", "3"]);
  assert.deepEqual([state.count, arrived(state)], [3, 0]);
  assert.equal(step(state, { kind: "gone", id: "2" }), state, "what is not here cannot go");
});

test("many decided at once leave together; those left out come back to where they stood, each with why", () => {
  const state = play(open("1", "2", "3", "4"), approve("1"), approve("2"), approve("4"), refuse("2", "claimed"),
    { kind: "confirmed", id: "1", count: 2 }, { kind: "confirmed", id: "4", count: 2 });
  assert.deepEqual(ids(state), ["2", "3"]);
  assert.equal(state.entries[0]?.fault?.problem.code, "claimed");
  assert.deepEqual([arrived(state), state.stale], [0, false]);
});

test("a failed first look is a failure, a failed later one leaves the list alone", () => {
  const problem = { status: 0, code: "offline" };
  assert.equal(step(EMPTY, { kind: "unloadable", problem }).phase, "failed");
  assert.equal(step(open("1"), { kind: "unloadable", problem }).phase, "ready");
});

const claimed = (id: string, by: string, until = "2026-11-22T10:03:00Z"): Step => ({
  kind: "claims", claims: [{ comment_id: id, claimed_by: { id: by, name: `user ${by}`, until } }],
});
const mine = (state: QueueState): QueueState => ({ ...state, me: "7" });

test("what a colleague has is passed over by next and previous, what is one's own is not", () => {
  const state = play(mine(open("1", "2", "3", "4")), claimed("2", "8"), claimed("3", "7"));
  assert.deepEqual(neighbours(state, "1"), { previous: null, next: "3" });
  assert.deepEqual(neighbours(state, "3"), { previous: "1", next: "4" });
  assert.deepEqual(ids(state), ["1", "2", "3", "4"]);
});

test("what is let go, and what lapses, is free again", () => {
  const held = play(mine(open("1", "2", "3")), claimed("2", "8"), claimed("3", "8", "2026-11-22T10:09:00Z"));
  assert.equal(nextLapse(held), Date.parse("2026-11-22T10:03:00Z"));
  const released = step(held, { kind: "claims", claims: [{ comment_id: "3", claimed_by: null }] });
  assert.equal(neighbours(released, "1").next, "3");
  const lapsed = step(held, { kind: "lapsed", now: nextLapse(held) });
  assert.equal(neighbours(lapsed, "1").next, "2");
  assert.deepEqual(lapsed.entries.map(({ item }) => item.claimed_by?.id), [undefined, undefined, "8"]);
  assert.equal(nextLapse(open("1")), Infinity);
});

test("a decision on what a colleague has comes back with their name on it", () => {
  const held: Item = { ...item("1"), claimed_by: { id: "8", name: "anna", until: "2026-11-22T10:03:00Z" } };
  const state = play(mine(open("1", "2")), approve("1"), refuse("1", "claimed", held));
  assert.deepEqual(ids(state), ["1", "2"]);
  assert.equal(state.entries[0]?.item.claimed_by?.name, "anna");
  assert.equal(step(state, { kind: "loaded", page: page(["1"]), queue }).me, "7");
});
