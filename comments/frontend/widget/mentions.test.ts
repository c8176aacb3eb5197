// When a text asks for people, and which of them fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { askedIn, matching } from "./mentions";

for (const [before, query] of [
  ["@", ""], ["hello @ki", "ki"], ["(@ki", "ki"], ["a\n@Ki Es", "Ki Es"], ["x@ki", null], ["@ki ", null], ["@a b c", null], ["@@a", null], ["no", null], [`@${"x".repeat(60)}`, null],
] as [string, string | null][]) {
  test(JSON.stringify(before.slice(0, 12)), () => {
    const asked = askedIn(before);
    assert.equal(asked?.query ?? null, query);
    if (asked) assert.equal(before[asked.start], "@");
  });
}

test("people by the beginning of a word of their names, without accents, each once, never oneself", () => {
  const person = (id: string, name: string) => ({ id, name, badges: [], avatar: null });
  const people = [person("1", "Łukasz Ébène"), person("2", "kiesel"), person("2", "kiesel"), null, person("3", "")];
  const names = (query: string, but?: string): string[] => matching(people, query, but).map(({ name }) => name);
  assert.deepEqual(names("eb"), ["Łukasz Ébène"]);
  assert.deepEqual(names("KIE"), ["kiesel"]);
  assert.deepEqual(names("sel"), []);
  assert.deepEqual(names("", "2"), ["Łukasz Ébène"]);
  assert.equal(matching(Array.from({ length: 30 }, (_, n) => person(String(n), "many")), "m", undefined).length, 8);
});
