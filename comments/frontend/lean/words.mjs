// The widget's texts, each language in two files: what is needed to read beside the widget, where English is part of it,
// and the rest beside later.js. So nobody loads a language that they do not read.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const LOCALES = resolve(dirname(fileURLToPath(import.meta.url)), "../../locales");

const ELSEWHERE = /^(console|receipt|finding|error(?!\.(offline|unavailable|unknown)$))\b/; // what the server says in words, it sends
const CHUNKS = {
  read: /^(thread|comment|article)\./,
  more: /^(bell|live|gate|branch|write|menu|report|appeal|error|reject_reason)\./,
  teasers: /^(thread\.(title|count\.\w+)|comment\.someone)$/,
  me: /^(me|live\.bell|thread\.(again|wait)|comment\.(someone|edited|picked)|page\.recommended|bell|menu|gate|write\.(name|save|cancel|left|sending)|appeal|error|mail\.kind)\b/,
};

function texts(language, chunk) {
  const all = JSON.parse(readFileSync(join(LOCALES, `${language}.json`), "utf8"));
  return Object.fromEntries(Object.entries(all).filter(([key]) => !ELSEWHERE.test(key) && CHUNKS[chunk].test(key)));
}

/** The languages besides English. */
export const languages = () => readdirSync(LOCALES).filter((file) => /^(?!en\.).*\.json$/.test(file)).map((file) => basename(file, ".json"));

export const toRead = (language) => texts(language, "read");
export const toDoMore = (language) => texts(language, "more");
export const ofOneself = (language) => texts(language, "me");
/** The few words of teasers.js, by language and the last part of their keys; a plural that is as "other" is left out. */
export const ofTeasers = () => Object.fromEntries(["en", ...languages()].map((language) => {
  const all = Object.entries(texts(language, "teasers")).map(([key, text]) => [key.split(".").pop(), text]);
  const { other } = Object.fromEntries(all);
  return [language, Object.fromEntries(all.filter(([key, text]) => key === "other" || text !== other))];
}));

/** `words:read` are the English texts that the widget carries. */
export const words = {
  name: "words",
  setup(build) {
    build.onResolve({ filter: /^words:/ }, ({ path }) => ({ path, namespace: "words" }));
    build.onLoad({ filter: /.*/, namespace: "words" }, () => ({ contents: JSON.stringify(toRead("en")), loader: "json" }));
  },
};
