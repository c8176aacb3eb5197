// The rules as fields of a form: which there are, in which groups and bounds, and how pasted lines become a list. Pure.
import type { Rules } from "./rules-types";

export type Field =
  | { name: string; kind: "words" | "domains" }
  | { name: string; kind: "number"; least: number; most: number; unit: string }
  | { name: string; kind: "yes" }
  | { name: string; kind: "choice"; of: readonly string[] }
  | { name: string; kind: "hours" }
  | { name: string; kind: "zone" };

export interface Group {
  name: string;
  fields: readonly Field[];
}

const counted = (name: string, most: number, unit: string, least = 0): Field => ({ name, kind: "number", least, most, unit });

/** In the order in which somebody sets a site up. `opinions` have a page of their own. */
export const GROUPS: readonly Group[] = [
  {
    name: "words",
    fields: [
      { name: "banned_words", kind: "words" },
      { name: "banned_words_action", kind: "choice", of: ["hold", "refuse"] },
      { name: "suspect_words", kind: "words" },
    ],
  },
  {
    name: "links",
    fields: [
      counted("max_links", 100, "links"),
      { name: "newcomer_links", kind: "yes" },
      { name: "blocked_domains", kind: "domains" },
      { name: "allowed_domains", kind: "domains" },
    ],
  },
  { name: "pace", fields: [counted("pace_seconds", 86_400, "seconds"), counted("repeat_hours", 720, "hours"), counted("near_repeat_percent", 100, "percent")] },
  { name: "people", fields: [counted("newcomer_comments", 1000, "comments"), counted("newcomer_hours", 8760, "hours"), counted("trusted_comments", 1_000_000, "comments")] },
  { name: "style", fields: [counted("capitals_percent", 100, "percent")] },
  { name: "hours", fields: [{ name: "quiet_hours", kind: "hours" }, { name: "time_zone", kind: "zone" }] },
  { name: "first", fields: [{ name: "premoderate", kind: "yes" }] },
  { name: "reports", fields: [counted("hide_reports", 1000, "reports"), counted("hide_minutes", 1440, "minutes", 1)] },
];

/** What sections and articles cannot have otherwise. */
export const OF_SITE_ALONE: ReadonlySet<string> = new Set(["time_zone"]);
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const MOST = { words: 10_000, domains: 1_000 } as const;
const LONGEST = { words: 100, domains: 253 } as const;

export interface Lines {
  entries: string[];
  /** How many lines said again what another had said. */
  doubles: number;
  faults: { line: number; why: "long" | "empty" | "domain" }[];
  tooMany: boolean;
}

/** Pasted lines as the entries of a list: trimmed, each once, with what cannot be an entry by its line. */
export function readLines(text: string, kind: "words" | "domains"): Lines {
  const seen = new Set<string>();
  const found: Lines = { entries: [], doubles: 0, faults: [], tooMany: false };
  text.split(/\r\n?|\n/).forEach((raw, at) => {
    const entry = kind === "domains" ? hostOf(raw.trim()) : raw.trim().replace(/\s+/g, " ");
    if (entry === "") return;
    const key = entry.normalize("NFKC").toLowerCase();
    if ([...entry].length > LONGEST[kind]) found.faults.push({ line: at + 1, why: "long" });
    else if (kind === "words" && !/[\p{L}\p{N}\p{S}]/u.test(entry)) found.faults.push({ line: at + 1, why: "empty" });
    else if (kind === "domains" && !/^[^\s/@]+\.[^\s/@.]+$/.test(entry)) found.faults.push({ line: at + 1, why: "domain" });
    else if (seen.has(key)) found.doubles += 1;
    else found.entries.push(entry);
    seen.add(key);
  });
  found.tooMany = found.entries.length > MOST[kind];
  return found;
}

/** The host of a pasted address; a bare host as it is. */
function hostOf(text: string): string {
  return text.replace(/^[a-z]+:\/\//i, "").replace(/[/?#].*$/, "").replace(/^\*\./, "").toLowerCase();
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The fields of a draft whose values are not those of the rules. */
export function changeOf(rules: Rules, draft: Rules): Rules {
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => !same(value, rules[name])));
}

/** How many things somebody has changed: fields of the site, and of each section. */
export function countChanges(rules: Rules, draft: Rules): number {
  const names = new Set([...Object.keys(rules), ...Object.keys(draft)]);
  names.delete("sections");
  const own = [...names].filter((name) => !same(rules[name], draft[name])).length;
  const [before, after] = [sectionsOf(rules), sectionsOf(draft)];
  const sections = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...sections].reduce((sum, section) => sum + countChanges(before[section] ?? {}, after[section] ?? {}), own);
}

export function sectionsOf(rules: Rules): Record<string, Rules> {
  return (rules["sections"] ?? {}) as Record<string, Rules>;
}

/** The rules with what a section has otherwise; a section without anything of its own is not named. */
export function withSection(rules: Rules, section: string, own: Rules): Rules {
  const { [section]: _, ...others } = sectionsOf(rules);
  return { ...rules, sections: Object.keys(own).length === 0 ? others : { ...others, [section]: own } };
}

/** A time zone that this browser knows: the server has the last word. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
