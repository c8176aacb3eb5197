// The console's words: one language for the whole page, chosen when it opens. Components call these functions, not
// locale keys by hand, for what the server names by a code; an unknown code is shown as it is, never as a blank.
import en from "../../locales/en.json";
import { createWords } from "../shared/i18n";
import type { Params, Texts } from "../shared/i18n";
import { pickLanguage } from "../shared/language";
import { ago, exactly } from "../shared/time";
import type { Problem } from "../shared/types";
import { ApiError, holderOf } from "./api";
import type { Finding } from "./types";

let words = createWords("en", en);

export const t = (key: string, params?: Params): string => words.t(key, params);
export const find = (key: string, params?: Params): string | undefined => words.find(key, params);
export const many = (key: string, count: number, params?: Params): string => words.n(key, count, params);
export const number = (count: number): string => words.number(count);
export const language = (): string => words.language;

/** Languages beside English that have all words of the console; readers and authors have more, in locales/. */
const SPOKEN: Record<string, () => Promise<{ default: Texts }>> = { de: () => import("../../locales/de.json") };

/** Take the first language wished for that the console speaks. */
export async function chooseLanguage(wished: readonly string[]): Promise<void> {
  const name = pickLanguage([...wished], Object.keys(SPOKEN));
  const texts = await SPOKEN[name]?.().catch(() => undefined);
  if (!texts) return;
  words = createWords(name, en, texts.default);
  document.documentElement.lang = name;
}

const readable = (code: string): string => code.replaceAll("_", " ");
const named = (group: string) => (code: string): string => words.find(`console.${group}.${code}`) ?? readable(code);
/** A publisher's own reasons are texts, not codes: they are shown letter by letter. */
const listed = (group: string) => (reason: string): string => words.find(`console.${group}.${reason}`) ?? reason;

export const ruleName = named("rule");
export const reasonName = listed("reject_reason");
export const reportReason = listed("report_reason");
export const roleName = named("role");
export const statusName = named("status");
export const stateName = named("state");
export const actionName = named("action");
export const badgeName = named("badge");
/** A rule by its name; one of a section, `sections.sport.max_links`, with the section before it. */
export function ruleLabel(name: string): string {
  const [, section, own] = /^sections\.(.+)\.(\w+)$/.exec(name) ?? [];
  const label = words.find(`console.rules.${own ?? name}`) ?? readable(own ?? name);
  return section === undefined ? label : `${section}: ${label}`;
}

export const fieldName = (code: string): string => words.find(`console.field.${code}`) ?? ruleLabel(code);
export const opinionOutcome = named("opinion_outcome");
export const configName = named("config");
/** A score between 0 and 1, to two places. */
export const score = (value: number): string => new Intl.NumberFormat(words.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

/** Fields of the audit log that hold a point in time, in microseconds. */
const TIMES = new Set(["until", "banned_at", "suspended_until"]);

/** A value in the audit log, in words where the field has some. */
export function valueName(field: string | null, value: string): string {
  if (field === "status") return statusName(value);
  if (value === "true" || value === "false") return t(value === "true" ? "console.yes" : "console.no");
  if (field !== null && TIMES.has(field) && /^\d{16}$/.test(value)) return exactly(Number(value) / 1000, words.language);
  return (field === "mode" ? words.find(`console.mode.${value}`) : undefined) ?? value;
}

/** A language by its tag, in words: "German". */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(words.language, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export function subjectName(subject: { type: string; id: string }): string {
  return words.find(`console.subject.${subject.type}`, { id: subject.id }) ?? `${subject.type} ${subject.id}`;
}

export const personName = (person: { name: string | null } | null): string => person?.name || t("console.nobody");

/** A finding as a sentence; `params` fill its placeholders. */
export function findingText(finding: Finding): string {
  const { reason } = finding.params;
  const params = typeof reason === "string" ? { ...finding.params, reason: reasonName(reason) } : finding.params;
  return words.find(`finding.${finding.reason}`, params) ?? readable(finding.reason);
}

/** What went wrong, in the console's own words where it has some, then in everybody's. */
export function problemText(problem: Problem): string {
  const own = words.find(`console.error.${problem.code}`, { ...problem, name: holderOf(problem)?.name ?? "" });
  return own ?? words.find(`error.${problem.code}`, problem) ?? problem.detail ?? t("console.error.unexpected");
}

export function failureText(error: unknown): string {
  return error instanceof ApiError ? problemText(error.problem) : t("console.error.unexpected");
}

export const sinceText = (at: string, now: number): string => ago(Date.parse(at), now, words.language);
export const exactText = (at: string): string => exactly(Date.parse(at), words.language);

/** "now", "5m", "3h", "2d", then the date: for narrow lists. */
export function shortSince(at: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / 60_000));
  const units: [unit: string, size: number, limit: number][] = [["minute", 1, 60], ["hour", 60, 1440], ["day", 1440, 10_080]];
  const found = units.find(([, , limit]) => minutes < limit);
  if (found === undefined || minutes === 0) return sinceText(at, now);
  const [unit, size] = found;
  const style = { style: "unit", unit, unitDisplay: "narrow" } as const;
  return new Intl.NumberFormat(words.language, style).format(Math.floor(minutes / size));
}

export function dayText(at: string): string {
  return new Intl.DateTimeFormat(words.language, { dateStyle: "medium" }).format(Date.parse(at));
}

/** The last day, in London, of what ends at a midnight there. */
export function lastDayText(until: string): string {
  return new Intl.DateTimeFormat(words.language, { dateStyle: "long", timeZone: "Europe/London" }).format(Date.parse(until) - 1);
}

export function percent(share: number | null): string {
  if (share === null) return "–";
  return new Intl.NumberFormat(words.language, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share);
}

/** Seconds in one unit that people count in: "40s", "12 min", "3 hr", "2 days". */
export function durationText(seconds: number | null): string {
  if (seconds === null) return "–";
  const units: [unit: string, size: number][] = [["day", 86_400], ["hour", 3600], ["minute", 60]];
  const [unit, size] = units.find(([, one]) => seconds >= one) ?? ["second", 1];
  const value = seconds / size;
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 && size > 1 ? 1 : 0 } as const;
  return new Intl.NumberFormat(words.language, style).format(value);
}

/** A day or an hour of the figures, by the clock of the site, which stands in `at` itself. */
export function stepText(at: string, by: "day" | "hour", long: boolean): string {
  const clock = Date.parse(`${at.slice(0, 19)}Z`);
  const day: Intl.DateTimeFormatOptions = long ? { weekday: "short", day: "numeric", month: "short" } : { day: "numeric", month: "short" };
  const hour: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  const style = by === "day" ? day : long ? { ...day, ...hour } : hour;
  return new Intl.DateTimeFormat(words.language, { ...style, timeZone: "UTC" }).format(clock);
}

/** The time of day; with the day where that is not today. */
export function clockText(at: string): string {
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(words.language, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(when);
}

/** A file's size, as people say it. */
export function sizeText(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const style = { style: "unit", unit: units[power] ?? "byte", unitDisplay: "short", maximumFractionDigits: power < 2 ? 0 : 1 } as const;
  return new Intl.NumberFormat(words.language, style).format(bytes / 1000 ** power);
}
