// A comment's text cut to what was found in it: some words before the first mark, the marks told apart. Pure.
export interface Part {
  text: string;
  marked: boolean;
}

const BEFORE = 60;
const LENGTH = 280;

/** `marks` in code points, in order; an ellipsis stands where text is left out. */
export function excerpt(text: string, marks: [number, number][]): Part[] {
  const points = Array.from(text);
  const first = marks[0]?.[0] ?? 0;
  let from = Math.max(0, first - BEFORE);
  while (from > 0 && from < first && points[from - 1] !== " " && points[from - 1] !== "\n") from += 1;
  const to = Math.min(points.length, from + LENGTH);
  const parts: Part[] = [];
  const put = (start: number, end: number, marked: boolean): void => {
    if (end > start) parts.push({ text: points.slice(start, end).join(""), marked });
  };
  let at = from;
  for (const [start, end] of marks) {
    if (start < at || end > to) continue;
    put(at, start, false);
    put(start, end, true);
    at = end;
  }
  put(at, to, false);
  if (from > 0) parts.unshift({ text: "… ", marked: false });
  if (to < points.length) parts.push({ text: " …", marked: false });
  return parts;
}
