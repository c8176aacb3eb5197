// Commands in turn: what is pressed too early waits until the last outcome is on the screen; nothing is lost or doubled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurns } from "./turns";

/** A screen that is drawn when the test says so. */
function screen() {
  const frames: (() => void)[] = [];
  return { turns: createTurns((then) => frames.push(then)), draw: (): void => frames.shift()?.() };
}

test("a press acts at once, the second in the same frame only on what is drawn next", () => {
  const { turns, draw } = screen();
  let drawn = "one";
  let hand = "one";
  const decided: string[] = [];
  const approve = (): void => {
    decided.push(drawn);
    hand = hand === "one" ? "two" : "three";
  };
  turns.take(approve);
  turns.take(approve);
  assert.deepEqual(decided, ["one"]);
  drawn = hand;
  draw();
  assert.deepEqual(decided, ["one", "two"]);
});

test("presses keep their order, one a frame, and then the way is free again", () => {
  const { turns, draw } = screen();
  const done: number[] = [];
  for (const number of [1, 2, 3]) turns.take(() => done.push(number));
  assert.equal(turns.busy(), true);
  draw();
  assert.deepEqual(done, [1, 2]);
  draw();
  draw();
  assert.deepEqual([done, turns.busy()], [[1, 2, 3], false]);
  turns.take(() => done.push(4));
  assert.deepEqual(done, [1, 2, 3, 4]);
});

test("a command that fails holds up no other", () => {
  const { turns, draw } = screen();
  const done: string[] = [];
  assert.throws(() => turns.take(() => assert.fail("no")));
  turns.take(() => done.push("next"));
  draw();
  assert.deepEqual(done, ["next"]);
});
