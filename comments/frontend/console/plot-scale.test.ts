// Ticks are round, whole for counts, and hold everything; labels keep their distance.
import assert from "node:assert/strict";
import { test } from "node:test";
import { labelled, linear, times } from "./plot-scale";

test("counts have whole ticks up to a round number", () => {
  assert.deepEqual(linear(0).ticks, [0, 1]);
  assert.deepEqual(linear(1).ticks, [0, 1]);
  assert.deepEqual(linear(3).ticks, [0, 1, 2, 3]);
  assert.deepEqual(linear(7).ticks, [0, 2, 4, 6, 8]);
  assert.deepEqual(linear(97).ticks, [0, 25, 50, 75, 100]);
  assert.deepEqual(linear(1234).ticks, [0, 500, 1000, 1500]);
});

test("every count has its place below the top", () => {
  for (let most = 0; most < 5000; most += 7) {
    const { place, ticks } = linear(most);
    assert.ok(place(most) <= 1 && place(ticks.at(-1) ?? 0) === 1 && ticks.length <= 6, `${most}: ${ticks}`);
    assert.ok(ticks.every(Number.isInteger), `${most}: ${ticks}`);
  }
});

test("shares have fine ticks", () => {
  assert.deepEqual(linear(0.13, false).ticks, [0, 0.05, 0.1, 0.15]);
  assert.deepEqual(linear(1, false).ticks, [0, 0.25, 0.5, 0.75, 1]);
});

test("times stand between ticks that people count in", () => {
  const { place, ticks } = times([30, 5000]);
  assert.deepEqual(ticks, [10, 60, 600, 3600, 21_600]);
  assert.equal(place(10), 0);
  assert.equal(place(21_600), 1);
  assert.ok(place(60) < place(600));
  assert.deepEqual(times([1]).ticks, [1, 10]);
  assert.equal(times([1e9]).place(1e9), 1);
});

test("labels keep their distance", () => {
  assert.deepEqual(labelled(4, 400), [0, 1, 2, 3]);
  assert.deepEqual(labelled(30, 320), [0, 6, 12, 18, 24]);
  assert.deepEqual(labelled(0, 320), []);
  assert.deepEqual(labelled(3, 0).length, 1);
});
