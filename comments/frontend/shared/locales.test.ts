// The texts of all languages beside English: whoever adds a word adds it everywhere, in whole, with its plurals.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const FOLDER = join(process.cwd(), "../locales");
const read = (name: string): Record<string, string> => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")) as Record<string, string>;
const english = read("en");
const languages = readdirSync(FOLDER).map((file) => file.replace(".json", "")).filter((name) => name !== "en");

/** The console speaks English and German; what readers and authors see, everything here. */
const ofReaders = (key: string): boolean => !key.startsWith("console.");
const PLURAL = /\.(zero|one|two|few|many|other)$/;
const stem = (key: string): string => key.replace(PLURAL, "");
const counted = new Set(Object.keys(english).filter((key) => key.endsWith(".one")).map(stem));

/** Isolates keep a name of the other direction to itself; they are no part of the words. */
const plain = (text: string): string => text.replace(/[\u2066-\u2069]/g, "");
const places = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

/** The plural forms that whole numbers take, and the last resort. */
function forms(language: string): string[] {
  const rules = new Intl.PluralRules(language);
  return [...new Set([...Array.from({ length: 1001 }, (_, n) => rules.select(n)), "other"])].sort();
}

/** Alike in several languages. */
const ALIKE = ["write.link", "page.time"];

/** Words that are the same in both languages, and rightly so. */
const SAME: Record<string, string[]> = {
  de: ["write.code"],
  fr: ["write.code", "live.bell"],
  nl: ["write.code"],
};

test("English has no text for a number without both of its forms", () => {
  assert.ok(counted.size > 5 && languages.length >= 9, "the files were not found");
  assert.deepEqual([...counted].filter((key) => !(`${key}.other` in english)), []);
});

for (const language of languages) {
  const texts = read(language);
  const keys = Object.keys(texts).filter(ofReaders);

  test(`${language}: nothing that English does not have`, () => {
    const known = (key: string): boolean => key in english || counted.has(stem(key));
    assert.deepEqual(keys.filter((key) => !known(key)), []);
  });

  test(`${language}: all that English has, but for the console's own words`, () => {
    const has = (key: string): boolean => (PLURAL.test(key) && counted.has(stem(key)) ? `${stem(key)}.other` in texts : key in texts);
    assert.deepEqual(Object.keys(english).filter(ofReaders).filter((key) => !has(key)), []);
  });

  test(`${language}: every number has all its forms, and no others`, () => {
    for (const key of counted) {
      const found = Object.keys(texts).filter((one) => PLURAL.test(one) && stem(one) === key).map((one) => one.slice(key.length + 1)).sort();
      if (found.length) assert.deepEqual(found, forms(language), key);
    }
  });

  test(`${language}: the same places to fill as in English`, () => {
    for (const [key, text] of Object.entries(texts)) {
      const said = english[key] ?? english[`${stem(key)}.other`] ?? "";
      const wanted = places(said);
      const one = PLURAL.test(key) && counted.has(stem(key)); // "one comment" may be a word
      const found = places(text);
      if (one) assert.deepEqual(found.filter((place) => !wanted.includes(place)), [], key);
      else assert.deepEqual(found, wanted, key);
    }
  });

  test(`${language}: translated, and set as the language sets it`, () => {
    const same = keys.filter((key) => texts[key] === english[key] && /\p{L}{3}/u.test(texts[key]?.replace(/\{\w+\}/g, "") ?? ""));
    const rightly = new Set([...(SAME[language] ?? []), ...ALIKE]);
    assert.deepEqual(same.filter((key) => !rightly.has(key)), []);
    assert.deepEqual(keys.filter((key) => /["']|\.\.\.| {2}|^\s|\s$/.test(plain(texts[key] ?? ""))), [], "straight quotes or stray spaces");
    const opened = (text: string): boolean => (text.match(/\u2068/g) ?? []).length === (text.match(/\u2069/g) ?? []).length;
    assert.deepEqual(keys.filter((key) => !opened(texts[key] ?? "")), [], "an isolate is not closed");
  });
}

const SCRIPTS: Record<string, RegExp> = { ar: /\p{Script=Arabic}/u, he: /\p{Script=Hebrew}/u };

test("Arabic and Hebrew are written in their letters, and keep names of the other direction to themselves", () => {
  for (const [language, letters] of Object.entries(SCRIPTS)) {
    const texts = Object.entries(read(language));
    assert.deepEqual(texts.filter(([, text]) => !letters.test(text) && !/^\P{L}*$/u.test(text.replace(/\{\w+\}/g, ""))).map(([key]) => key), []);
    assert.deepEqual(texts.filter(([, text]) => /(?<!\u2068)\{name\}/.test(text)).map(([key]) => key), []);
  }
});
