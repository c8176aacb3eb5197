import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt } from "./excerpt";

const shown = (text: string, marks: [number, number][]): string =>
  excerpt(text, marks).map((part) => (part.marked ? `[${part.text}]` : part.text)).join("");

test("marks count code points", () => {
  assert.equal(shown("🙂 Über Brücken", [[2, 6]]), "🙂 [Über] Brücken");
});

test("a long text is cut around the first mark, at a word", () => {
  const text = `${"word ".repeat(100)}needle${" word".repeat(100)}`;
  const found = shown(text, [[500, 506]]);
  assert.match(found, /^… word (word )+\[needle\]( word)+ w?o?r?d? ?…$/);
  assert.ok(found.length < 330);
});

test("nothing marked: the beginning", () => {
  assert.equal(shown("short", []), "short");
  assert.ok(shown("x".repeat(1000), []).endsWith(" …"));
});
