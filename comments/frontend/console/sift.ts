// How a queue is sifted and ordered: as it stands in the address, so that a reload keeps it, and as the API wants it.
// Pure: filter-bar.tsx shows it, router.ts reads and writes it.

export const ORDERS = ["oldest", "newest", "risk"] as const;
export const AGES = ["hour", "day", "week", "older"] as const;
const NAMES = ["order", "section", "article", "rule", "language", "age", "author", "second_opinion"] as const;
export type SiftName = (typeof NAMES)[number];
export type Sift = Partial<Record<SiftName, string>>;

const HOUR = 3_600_000;
const HOURS: Record<string, number> = { hour: 1, day: 24, week: 168 };
const CHOICES: Partial<Record<SiftName, readonly string[]>> = { order: ORDERS, age: AGES, second_opinion: ["1"] };

/** What an address says; what it says wrongly is left out. */
export function readSift(search: string): Sift {
  const asked = new URLSearchParams(search);
  const sift: Sift = {};
  for (const name of NAMES) {
    const value = asked.get(name);
    if (value && (CHOICES[name]?.includes(value) ?? true)) sift[name] = value;
  }
  if (sift.order === "oldest") delete sift.order;
  return sift;
}

/** The address's end, with its question mark; nothing where nothing is chosen. */
export function writeSift(sift: Sift): string {
  const pairs = NAMES.flatMap((name): [string, string][] => (sift[name] ? [[name, sift[name]]] : []));
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}

/** How many filters are set; the order is none. */
export const filtersOf = (sift: Sift): number => NAMES.filter((name) => name !== "order" && sift[name]).length;

/** The API's parameters; an age becomes a time, seen from `now` (milliseconds). */
export function asked(sift: Sift, now: number): Record<string, string> {
  const { age, ...rest } = sift;
  if (age === undefined) return rest;
  if (age === "older") return { ...rest, until: new Date(now - 24 * HOUR).toISOString() };
  return { ...rest, since: new Date(now - (HOURS[age] ?? 24) * HOUR).toISOString() };
}
