// What the toolbar does to a text and its selection. Pure: the form puts the result into the field.

/** A text with the selected range [start, end). */
export interface Selected {
  text: string;
  start: number;
  end: number;
}

export type Format = "bold" | "italic" | "code" | "quote" | "list" | "link";

const AROUND: Partial<Record<Format, string>> = { bold: "**", italic: "_", code: "`" };

/** Puts marks around the selection, or takes them away when they are there. */
function around({ text, start, end }: Selected, mark: string): Selected {
  const inside = text.slice(start, end);
  const has = text.slice(start - mark.length, start) === mark && text.slice(end, end + mark.length) === mark;
  return has
    ? { text: text.slice(0, start - mark.length) + inside + text.slice(end + mark.length), start: start - mark.length, end: end - mark.length }
    : { text: text.slice(0, start) + mark + inside + mark + text.slice(end), start: start + mark.length, end: end + mark.length };
}

/** Begins each selected line with a prefix, or takes it away when all have it. */
function lines({ text, start, end }: Selected, prefix: string): Selected {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const to = next < 0 ? text.length : next;
  const rows = text.slice(from, to).split("\n");
  const has = rows.every((row) => row.startsWith(prefix));
  const changed = rows.map((row) => (has ? row.slice(prefix.length) : prefix + row)).join("\n");
  const step = has ? -prefix.length : prefix.length;
  const moved = { start: Math.max(from, start + step), end: from + changed.length };
  return { text: text.slice(0, from) + changed + text.slice(to), start: start === end ? moved.end : moved.start, end: moved.end };
}

/** `[words](https://)`: the address stands selected, or the words when the selection was an address. */
function link({ text, start, end }: Selected): Selected {
  const inside = text.slice(start, end);
  const address = /^https?:\/\/\S+$/.test(inside) ? inside : "https://";
  const words = address === inside ? "" : inside;
  const made = `[${words}](${address})`;
  const at = address === inside ? start + 1 : start + words.length + 3;
  return { text: text.slice(0, start) + made + text.slice(end), start: at, end: address === inside ? at : at + address.length };
}

/** A pasted address makes a link of selected words; nothing for anything else. */
export const linked = (words: string, pasted: string): string => {
  const address = pasted.trim();
  return words.trim() && !/[\n[\]]|^https?:/.test(words) && /^https?:\/\/[^\s<>]+$/.test(address) ? `[${words}](${address.replace(/[()]/g, (sign) => (sign === "(" ? "%28" : "%29"))})` : "";
};

export function format(selected: Selected, kind: Format): Selected {
  const mark = AROUND[kind];
  if (mark) return around(selected, mark);
  if (kind === "link") return link(selected);
  return lines(selected, kind === "quote" ? "> " : "- ");
}

const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

/** Characters as people count them. */
export function graphemes(text: string): number {
  if (!segmenter) return Array.from(text).length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}
