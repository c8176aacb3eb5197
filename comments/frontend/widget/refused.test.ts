// The words that a finding is about: quoted in their sentence, found again in what was typed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { concernedIn, placeIn } from "./refused";

const marked = (plain: string, start: number, end: number): string => {
  const found = concernedIn(plain, [[start, end]]);
  if (!found) return "";
  const points = Array.from(found.quote);
  const [[from, to]] = found.marks as [[number, number]];
  return `${points.slice(0, from).join("")}«${points.slice(from, to).join("")}»${points.slice(to).join("")}`;
};

test("the sentence with the words marked, counted in code points", () => {
  assert.equal(marked("One. Two bad three! Four.", 9, 12), " Two «bad» three!");
  assert.equal(marked("🙂🙂 bad", 3, 6), "🙂🙂 «bad»");
  assert.equal(marked("bad\nother", 0, 3), "«bad»");
  assert.equal(marked(`${"x".repeat(400)}bad${"y".repeat(400)}`, 400, 403), `${"x".repeat(120)}«bad»${"y".repeat(120)}`);
  assert.equal(concernedIn("short", [[10, 12]]), null);
  assert.equal(concernedIn("short", []), null);
});

test("the same words in the source, the one that was meant", () => {
  const place = (plain: string, start: number, end: number, source: string): string | null => {
    const found = concernedIn(plain, [[start, end]]);
    const at = found && placeIn(source, found);
    return at && `${source.slice(0, at[0])}«${source.slice(...at)}»${source.slice(at[1])}`;
  };
  assert.equal(place("a bad b bad", 8, 11, "**a** bad _b_ bad"), "**a** bad _b_ «bad»");
  assert.equal(place("🙂 bad", 2, 5, "🙂 [bad](https://e.org/)"), "🙂 [«bad»](https://e.org/)");
  assert.equal(place("bad", 0, 3, "b**a**d"), null, "disguised by marks: nothing is selected");
});
