// The selection: by one, by range, all of them; what leaves the list leaves it too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY } from "./queue-state";
import type { Entry, QueueState } from "./queue-state";
import { all, chosen, extended, MOST, NONE, toggled } from "./selection";
import type { Item } from "./types";

function entry(id: string, more: { settled?: boolean; by?: string } = {}): Entry {
  const claimed_by = more.by === undefined ? null : { id: more.by, name: "anna", until: "2026-11-22T10:03:00Z" };
  return { item: { comment: { id }, claimed_by } as Item, order: Number(id), fault: null, settled: more.settled ?? false };
}

const list = (...entries: Entry[]): QueueState => ({ ...EMPTY, me: "7", entries });
const five = list(entry("1"), entry("2"), entry("3", { by: "8" }), entry("4", { settled: true }), entry("5", { by: "7" }));

test("one is chosen, and given back by the same", () => {
  const both = toggled(toggled(NONE, "2"), "1");
  assert.deepEqual(chosen(both, five), ["1", "2"]);
  assert.deepEqual(chosen(toggled(both, "2"), five), ["1"]);
});

test("all are those that nobody has decided on and no colleague has before them", () => {
  assert.deepEqual(chosen(all(five), five), ["1", "2", "5"]);
  const long = list(...Array.from({ length: MOST + 5 }, (_, at) => entry(String(at))));
  assert.equal(all(long).ids.length, MOST);
});

test("a range goes both ways, keeps what was chosen, and takes a colleague's only where it is pointed at", () => {
  assert.deepEqual(chosen(extended(toggled(NONE, "1"), "5", five), five), ["1", "2", "5"]);
  assert.deepEqual(chosen(extended(toggled(NONE, "5"), "2", five), five), ["2", "5"]);
  assert.deepEqual(chosen(extended(toggled(NONE, "1"), "3", five), five), ["1", "2", "3"]);
  assert.deepEqual(chosen(extended(NONE, "2", five), five), ["2"], "nowhere to begin: that one alone");
  assert.deepEqual(chosen(extended(toggled(NONE, "99"), "2", five), five), ["2"], "where it began has left");
});

test("what left the list, and what others decided, is no longer chosen", () => {
  const three = extended(toggled(NONE, "1"), "2", five);
  assert.deepEqual(chosen(three, list(entry("2"), entry("5"))), ["2"]);
  assert.deepEqual(chosen(three, list(entry("1", { settled: true }), entry("2"))), ["2"]);
});
