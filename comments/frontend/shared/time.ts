// Times as people read them, by Intl: "5 minutes ago" while it is recent, the date afterwards. Pure but for the formatters.

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400], ["hour", 3_600], ["minute", 60],
];
const RECENT = 7 * 86_400;

const made = new Map<string, unknown>();

/** Intl formatters are slow to make and the same for every comment: kept by language and kind. */
function kept<F>(key: string, make: () => F): F {
  let found = made.get(key);
  if (found === undefined) made.set(key, (found = make()));
  return found as F;
}

/** "now", "5 minutes ago", "3 days ago", then "12 Nov" and "12 Nov 2024". `now` and `then` in milliseconds. */
export function ago(then: number, now: number, language: string): string {
  const passed = Math.max(0, (now - then) / 1000);
  if (passed >= RECENT) {
    const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
    const format = kept(`d${language}${sameYear}`, () => new Intl.DateTimeFormat(language, {
      day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }),
    }));
    return format.format(then);
  }
  const relative = kept(`r${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
  const [unit, seconds] = UNITS.find(([, size]) => passed >= size) ?? ["second", Infinity];
  return relative.format(-Math.floor(passed / seconds) || 0, unit);
}

/** The whole date and time, for titles and for "until …". */
export function exactly(then: number, language: string): string {
  return kept(`e${language}`, () => new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" })).format(then);
}
