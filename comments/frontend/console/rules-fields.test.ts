// The form of the rules: pasted lines, and what somebody has changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeOf, countChanges, readLines, withSection } from "./rules-fields";

test("lines become entries: trimmed, each once, empty lines left out", () => {
  const found = readLines(" fool \r\n\r\nidiot*\nFOOL\n*part*\nto  be", "words");
  assert.deepEqual(found, { entries: ["fool", "idiot*", "*part*", "to be"], doubles: 1, faults: [], tooMany: false });
});

test("what cannot be an entry is named by its line", () => {
  const found = readLines(`fine\n*\n${"x".repeat(101)}\n${"😀".repeat(100)}`, "words");
  assert.deepEqual(found.faults, [{ line: 2, why: "empty" }, { line: 3, why: "long" }]);
  assert.equal(found.entries.length, 2);
  assert.equal(readLines(Array.from({ length: 10_001 }, (_, at) => `w${at}`).join("\n"), "words").tooMany, true);
});

test("addresses become hosts", () => {
  const found = readLines("https://Spam.Example/buy?now\n*.bad.example\nlocalhost\na b.example", "domains");
  assert.deepEqual(found.entries, ["spam.example", "bad.example"]);
  assert.deepEqual(found.faults.map((fault) => fault.line), [3, 4]);
});

test("only what differs is a change, sections field by field", () => {
  const rules = { max_links: 2, banned_words: ["a"], sections: { sport: { max_links: 0 } } };
  assert.deepEqual(changeOf(rules, { ...rules, max_links: 3 }), { max_links: 3 });
  assert.equal(countChanges(rules, rules), 0);
  const draft = withSection({ ...rules, banned_words: [] }, "sport", { max_links: 1, premoderate: true });
  assert.equal(countChanges(rules, draft), 3);
  assert.deepEqual(withSection(rules, "sport", {})["sections"], {});
});
