// Which days or hours the figures are of: the ranges to choose from, and what each asks the server for. Pure.

export const RANGES = ["24h", "7d", "30d", "90d"] as const;
export type FiguresRange = { name: (typeof RANGES)[number] } | { name: "custom"; from: string; to: string };

const DAYS = { "7d": 7, "30d": 30, "90d": 90 };
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** As many days as are shown hour by hour. */
const FEW = 3;

export function rangeOf(query: URLSearchParams): FiguresRange {
  const [from, to, name] = [query.get("from"), query.get("to"), query.get("range")];
  if (from !== null && to !== null && DAY.test(from) && DAY.test(to)) return { name: "custom", from, to };
  return { name: RANGES.find((one) => one === name) ?? "30d" };
}

export function searchOf(range: FiguresRange): string {
  if (range.name === "custom") return `?from=${range.from}&to=${range.to}`;
  return range.name === "30d" ? "" : `?range=${range.name}`;
}

/** The day so many days after one. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** What to ask the server for. `today` is the day at the site, as the last answer told. */
export function queryOf(range: FiguresRange, today: string): Record<string, string> {
  if (range.name === "24h") return { by: "hour" };
  if (range.name === "custom") {
    const hourly = dayAfter(range.from, FEW) > range.to;
    return { by: hourly ? "hour" : "day", from: range.from, to: range.to };
  }
  return { by: "day", from: dayAfter(today, 1 - DAYS[range.name]), to: today };
}
