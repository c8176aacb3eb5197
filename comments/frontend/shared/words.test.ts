// Words, languages and times: what is filled in, what stands in for what is missing. The texts themselves: locales.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWords, directionOf, fill } from "./i18n";
import { pickLanguage } from "./language";
import { ago } from "./time";

test("placeholders: own params only, lists joined, unknown ones left", () => {
  assert.equal(fill("{name} wrote {n}: {words} {missing} {toString}", { name: "kiesel", n: 3, words: ["a", "b"] }), "kiesel wrote 3: a, b {missing} {toString}");
});

test("plurals by the language's rules, English in place of what is missing, the key at last", () => {
  const words = createWords("pl", { "x.one": "{n} en", "x.other": "{n} en", y: "y" }, { "x.one": "{n} raz", "x.few": "{n} razy", "x.many": "{n} razów" });
  assert.deepEqual([1, 3, 5].map((n) => words.n("x", n)), ["1 raz", "3 razy", "5 razów"]);
  assert.deepEqual([words.t("y"), words.t("z"), words.find("z"), words.find("constructor")], ["y", "z", undefined, undefined]);
  words.add({ y: "late", w: "w" });
  assert.deepEqual([words.t("y"), words.t("w")], ["y", "w"]);
});

test("the first wished language that exists", () => {
  assert.equal(pickLanguage([null, "de-AT", "fr"], ["de", "fr"]), "de");
  assert.equal(pickLanguage(["pt-BR"], ["pt", "pt-BR"]), "pt-BR");
  assert.equal(pickLanguage(["en-GB", "de"], ["de"]), "en");
  assert.equal(pickLanguage(["pt-BR", "fr"], ["fr", "pt"]), "pt");
  assert.equal(pickLanguage(["zh-Hant-TW", "pl"], ["de", "pl"]), "pl");
  assert.equal(pickLanguage(["xx", ""], ["de"]), "en");
  assert.deepEqual(["ar", "he-IL", "arn", "de"].map(directionOf), ["rtl", "rtl", "ltr", "ltr"]);
});

test("times: now, some while ago, the date, the year", () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const back = (seconds: number): string => ago(now - seconds * 1000, now, "en");
  assert.deepEqual([0, -5, 59, 60, 3599, 7200, 86_400, 6 * 86_400].map(back),
    ["now", "now", "now", "1 minute ago", "59 minutes ago", "2 hours ago", "yesterday", "6 days ago"]);
  assert.equal(back(10 * 86_400), "Jun 5");
  assert.equal(back(400 * 86_400), "May 11, 2025");
});
