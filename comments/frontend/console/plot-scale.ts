// From numbers to places in a plot: round ticks for counts and shares, ticks of time that people count in. Pure.

export interface Scale {
  /** From 0 (bottom) to 1 (top). */
  place: (value: number) => number;
  ticks: number[];
}

/** From zero to a round number at or above `most`, with about four steps between; whole ones for counts. */
export function linear(most: number, whole = true): Scale {
  const rough = Math.max(most, whole ? 1 : 1e-9) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const found = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999 && (!whole || Number.isInteger(step))) ?? 1;
  const step = whole ? Math.max(1, found) : found;
  const top = step * Math.max(1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
  return { place: (value) => value / top, ticks };
}

/** Seconds that have a name: 1 s, 10 s, 1 min, 10 min, 1 h, 6 h, 1 d, 7 d, 30 d, 90 d. */
const TIMES = [1, 10, 60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000, 7_776_000];

/** Times on a logarithmic scale, between two named ones that hold them all. */
export function times(values: readonly number[]): Scale {
  const low = TIMES.findLast((one) => one <= Math.min(...values)) ?? 1;
  const high = TIMES.find((one) => one >= Math.max(...values) && one > low) ?? 7_776_000;
  const ticks = TIMES.filter((one) => one >= low && one <= high);
  const span = Math.log(high / low);
  return { place: (value) => Math.min(1, Math.max(0, Math.log(value / low) / span)), ticks };
}

/** Which of `count` steps get a label, so that labels stand at least `apart` pixels from each other. */
export function labelled(count: number, width: number, apart = 64): number[] {
  const every = Math.max(1, Math.ceil((count * apart) / Math.max(width, 1)));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}
