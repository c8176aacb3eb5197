// Keys and their commands: none twice, what is kept of changes, what can be a key at all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changedOf, COMMANDS, pressedKey, shownKey, takenBy, USUAL } from "./bindings";

const press = (key: string, held: object = {}): string | null => pressedKey({ key, ctrlKey: false, altKey: false, metaKey: false, ...held });

test("no two commands have the same usual key", () => {
  assert.equal(new Set(Object.values(USUAL)).size, COMMANDS.length);
});

test("only what differs from the usual keys is kept", () => {
  assert.deepEqual(changedOf(USUAL), {});
  assert.deepEqual(changedOf({ ...USUAL, approve: "e", lock: null }), { approve: "e", lock: null });
});

test("a key of another command is taken, one's own and those that are off are not", () => {
  assert.equal(takenBy(USUAL, "approve", "v"), "overturn");
  assert.equal(takenBy(USUAL, "approve", "a"), null);
  assert.equal(takenBy({ ...USUAL, overturn: null }, "approve", "v"), null);
});

test("a key is one character, big or small, of any script", () => {
  assert.deepEqual(["V", "v", "Ж", ";", "7"].map((key) => press(key)), ["v", "v", "ж", ";", "7"]);
  assert.deepEqual([" ", "Enter", "F5", "ArrowDown", "Dead"].map((key) => press(key)), [null, null, null, null, null]);
  assert.equal(press("v", { ctrlKey: true }), null);
  assert.deepEqual(["v", "1-9", "?"].map(shownKey), ["V", "1–9", "?"]);
});
