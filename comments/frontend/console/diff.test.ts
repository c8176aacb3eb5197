// Word diffs: what is marked, that both versions can be read off, and that long texts cost little.
import assert from "node:assert/strict";
import { test } from "node:test";
import { diff } from "./diff";

const told = (before: string, after: string): string =>
  diff(before, after).map(({ kind, text }) => (kind === "same" ? text : kind === "del" ? `[-${text}-]` : `{+${text}+}`)).join("");

/** Both versions must come out of the changes, whatever they are. */
function whole(before: string, after: string): void {
  const changes = diff(before, after);
  const without = (kind: string): string => changes.filter((change) => change.kind !== kind).map(({ text }) => text).join("");
  assert.equal(without("ins"), before);
  assert.equal(without("del"), after);
}

test("words that were put in, taken out and replaced", () => {
  assert.equal(told("the dog bites", "the old dog bites"), "the {+old +}dog bites");
  assert.equal(told("the old dog bites", "the dog bites"), "the [-old -]dog bites");
  assert.equal(told("you are an idiot.", "you are a hero."), "you are [-an idiot-]{+a hero+}.");
  assert.equal(told("well, yes", "well. yes"), "well[-,-]{+.+} yes");
});

test("nothing changed, nothing before, nothing left", () => {
  assert.equal(told("as it was", "as it was"), "as it was");
  assert.equal(told("", "new"), "{+new+}");
  assert.equal(told("old", ""), "[-old-]");
  assert.deepEqual(diff("", ""), []);
});

test("scripts without spaces by the character", () => {
  assert.equal(told("今日は雨です", "今日は雪です"), "今日は[-雨-]{+雪+}です");
});

test("both versions can be read off, whatever they are", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const text = (): string => Array.from({ length: random(30) }, () => ["a", "b", " ", "\n", "é", ".", "👍🏽", "c "][random(8)]).join("");
  for (let round = 0; round < 500; round += 1) whole(text(), text());
});

test("above some 2,000 words the change is told as one, between what both have in common", () => {
  const many = (word: string): string => Array.from({ length: 4_000 }, (_, at) => `${word}${at}`).join(" ");
  const [before, after] = [`So: ${many("a")} end`, `So: ${many("b")} end`];
  const began = performance.now();
  const kinds = diff(before, after).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["same", "del", "ins", "same"]);
  assert.ok(performance.now() - began < 500);
  whole(before, after);
  whole(many("a"), many("a").replaceAll("7", "x"));
});
