// Ranges survive the address; each asks for its days.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayAfter, queryOf, RANGES, rangeOf, searchOf } from "./figures-range";
import type { FiguresRange } from "./figures-range";

const custom: FiguresRange = { name: "custom", from: "2026-02-27", to: "2026-03-02" };

test("a range is read as it was written", () => {
  for (const range of [...RANGES.map((name) => ({ name })), custom]) {
    assert.deepEqual(rangeOf(new URLSearchParams(searchOf(range))), range);
  }
  assert.deepEqual(rangeOf(new URLSearchParams("?range=7y&from=x&to=y")), { name: "30d" });
});

test("what each asks for", () => {
  assert.deepEqual(queryOf({ name: "24h" }, "2026-03-02"), { by: "hour" });
  assert.deepEqual(queryOf({ name: "7d" }, "2026-03-02"), { by: "day", from: "2026-02-24", to: "2026-03-02" });
  assert.deepEqual(queryOf(custom, "2026-05-01"), { by: "day", from: "2026-02-27", to: "2026-03-02" });
  assert.equal(queryOf({ ...custom, from: "2026-02-28" }, "2026-05-01")["by"], "hour");
});

test("days go on over months", () => {
  assert.equal(dayAfter("2026-02-28", 1), "2026-03-01");
  assert.equal(dayAfter("2026-01-01", -1), "2025-12-31");
});
