// The toolbar's edits: « and » mark the selection in these tables.
import assert from "node:assert/strict";
import { test } from "node:test";
import { format, graphemes, type Format } from "./markdown_edit";

const table: [Format, string, string][] = [
  ["bold", "a «b» c", "a **«b»** c"],
  ["bold", "a **«b»** c", "a «b» c"],
  ["italic", "«»", "_«»_"],
  ["code", "x«y»", "x`«y»`"],
  ["quote", "one\nt«wo\nthr»ee\nfour", "one\n> t«wo\n> three»\nfour"],
  ["quote", "> «one\n> two»", "«one\ntwo»"],
  ["list", "«»", "- «»"],
  ["link", "see «this» now", "see [this](«https://») now"],
  ["link", "«https://example.com/a»", "[«»](https://example.com/a)"],
];

for (const [kind, from, to] of table) {
  test(`${kind}: ${JSON.stringify(from)}`, () => {
    const start = from.indexOf("«");
    const end = from.indexOf("»") - 1;
    const { text, start: begins, end: ends } = format({ text: from.replace(/[«»]/g, ""), start, end }, kind);
    assert.equal(`${text.slice(0, begins)}«${text.slice(begins, ends)}»${text.slice(ends)}`, to);
  });
}

test("characters as people count them", () => {
  assert.equal(graphemes("a\u0301👩‍👩‍👧🇦🇹e"), 4);
  assert.equal(graphemes(""), 0);
});
