// The console's words: every key that the sources name has a text, and what the server names by a code is never blank.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import en from "../../locales/en.json";
import { endOf } from "./ban-dialog";
import { changesOf } from "./changes";
import { QUEUES } from "./router";
import { DAYS, GROUPS } from "./rules-fields";
import { DIFFERENCES } from "./rules-types";
import { MODES } from "./types";
import { findingText, personName, problemText, reasonName, shortSince, valueName } from "./words";

const texts: Record<string, string> = en;
const folder = join(process.cwd(), "console");
const sources = readdirSync(folder).filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."));
const written = sources.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");

test("every key that is written out has a text", () => {
  const single = [...written.matchAll(/\bt\([^"`;]*?"(console\.[\w.]+)"/g)].map((found) => found[1] ?? "");
  const plural = [...written.matchAll(/\bmany\("(console\.[\w.]+)"/g)].map((found) => `${found[1] ?? ""}.other`);
  assert.ok(single.length > 80 && plural.length > 4, "the sources were not found");
  assert.deepEqual([...single, ...plural].filter((key) => !(key in texts)), []);
});

test("every key that is put together has a text", () => {
  const built = [
    ...QUEUES.flatMap((queue) => [`queue.${queue}`, `empty.${queue}`, `empty.${queue}_text`]),
    ...MODES.map((mode) => `mode.${mode}`),
    ...["approve", "reject"].flatMap((decision) => [`done.${decision}`, `failed.${decision}`, `returned.${decision}`]),
    ...["day", "week", "month", "date", "good"].map((term) => `ban.${term}`),
    ...GROUPS.map((group) => `rules.group.${group.name}`),
    ...GROUPS.flatMap((group) => group.fields.flatMap((field) => [`rules.${field.name}`, `rules.${field.name}.help`])),
    ...GROUPS.flatMap((group) => group.fields.flatMap((field) => (field.kind === "number" ? [`rules.unit.${field.unit}`] : []))),
    ...DAYS.map((day) => `rules.day.${day}`),
    ...DIFFERENCES.flatMap((name) => [`rules.trial.${name}.other`, `rules.trial.none.${name}`]),
    ...["hold", "refuse"].map((choice) => `rules.choice.${choice}`),
    ...["long", "empty", "domain", "many", "number", "zone"].map((why) => `rules.fault.${why}`),
    ...["published", "held", "refused"].map((outcome) => `rules.outcome.${outcome}`),
    ...["window", "figures", "present"].map((how) => `rules.reckoned.${how}`),
    ...["at", "by", "what", "subject", "why"].map((column) => `audit.${column}`),
    ...["approve", "reject", "reason", "ban", "next", "previous", "context", "fetch", "search", "close", "help"].map((act) => `help.${act}`),
  ];
  assert.deepEqual(built.filter((key) => !(`console.${key}` in texts)), []);
});

test("a long list in the log is told by what came and went", () => {
  const before = { banned_words: { entries: 2, removed: ["fool"] }, max_links: 2 };
  const after = { banned_words: { entries: 60, added: ["a", "b"], more: 9 }, max_links: 3, version: 4 };
  assert.deepEqual(changesOf(before, after), [
    { field: "banned_words", before: "− fool", after: "+ a, b … +9" },
    { field: "max_links", before: "2", after: "3" },
    { field: "version", before: null, after: "4" },
  ]);
});

test("quiet hours in the log are told as times", () => {
  const hours = [{ start: "22:00", end: "06:00", days: ["sat", "sun"] }];
  assert.deepEqual(changesOf({ quiet_hours: [] }, { quiet_hours: hours }), [
    { field: "quiet_hours", before: null, after: "22:00–06:00 (sat sun)" },
  ]);
});

test("unknown codes are shown as they are", () => {
  assert.equal(reasonName("House rule 3_b"), "House rule 3_b");
  assert.equal(findingText({ rule: "x", kind: "hold", reason: "new_reason", spans: [], params: {} }), "new reason");
  assert.equal(problemText({ status: 418, code: "teapot", detail: "I am a teapot." }), "I am a teapot.");
  assert.equal(personName({ name: "" }), texts["console.nobody"]);
});

test("times in the audit log are read from microseconds, other numbers are left alone", () => {
  assert.match(valueName("until", "1795341600000000"), /2026/);
  assert.equal(valueName("max_links", "1795341600000000"), "1795341600000000");
  assert.equal(valueName("status", "waiting"), texts["console.status.waiting"]);
});

test("ages in lists are short", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  assert.equal(shortSince("2026-11-22T11:59:50Z", now), "now");
  assert.equal(shortSince("2026-11-22T11:01:00Z", now), "59m");
  assert.equal(shortSince("2026-11-22T00:30:00Z", now), "11h");
  assert.equal(shortSince("2026-11-16T12:00:00Z", now), "6d");
});

test("a ban ends when it was said to", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  assert.equal(endOf("good", "", now), null);
  assert.equal(endOf("week", "", now), "2026-11-29T12:00:00.000Z");
  assert.equal(endOf("date", "2026-12-24T18:00:00Z", now), "2026-12-24T18:00:00.000Z");
});

test("an audit entry shows what differs, and only that", () => {
  assert.deepEqual(changesOf({ mode: "open", id: 1 }, { mode: "closed", id: 1 }), [{ field: "mode", before: "open", after: "closed" }]);
  assert.deepEqual(changesOf(null, { until: null, sweep: true }), [{ field: "sweep", before: null, after: "true" }]);
  assert.deepEqual(changesOf("a", "b"), [{ field: null, before: "a", after: "b" }]);
  assert.deepEqual(changesOf(null, null), []);
});
