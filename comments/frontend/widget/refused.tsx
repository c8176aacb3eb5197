// Why a text was refused, beside the words concerned: the sentence that holds them is quoted with the words marked, and
// the same words are found again in what was written. A finding counts in the plain text, which only the server makes.
import type { VNode } from "preact";
import { Body } from "../shared/body";
import { plainText } from "../shared/plain_text";
import type { Problem, Span, Tree } from "../shared/types";
import { reasonOf } from "./reasons";
import type { ThreadStore } from "./store";

export interface Concerned {
  quote: string;
  marks: Span[];
  /** The words, and the how many-eth of their kind they are. */
  found: string;
  nth: number;
}

export function concernedIn(plain: string, spans: Span[]): Concerned | null {
  const points = Array.from(plain);
  const [start, end] = spans[0] ?? [0, 0];
  const [before, found, after] = [points.slice(0, start), points.slice(start, end), points.slice(end)].map((part) => part.join("")) as [string, string, string];
  if (!found) return null;
  // The sentence, or so much of it.
  const lead = /[^.!?…。\n]{0,120}$/u.exec(before)?.[0] ?? "";
  const tail = /^[^.!?…。\n]{0,120}[.!?…。]?/u.exec(after)?.[0] ?? "";
  const from = start - Array.from(lead).length;
  return { quote: lead + found + tail, found, nth: before.split(found).length, marks: spans.map(([a, b]) => [a - from, b - from]) };
}

/** Where these words stand in the source, if they do so as they were found. */
export function placeIn(source: string, { found, nth }: Concerned): [start: number, end: number] | null {
  const parts = source.split(found);
  const start = parts.slice(0, Math.min(nth, parts.length - 1)).join(found).length;
  return parts.length > 1 ? [start, start + found.length] : null;
}

/** Asks how the text reads, for the finding to count in. */
export async function concerned(store: ThreadStore, source: string, { finding }: Problem): Promise<Concerned | null> {
  if (!finding?.spans.length) return null;
  const answer = await preview(store, source).catch(() => null);
  return answer && concernedIn(plainText(answer), finding.spans);
}

/** A text as it would stand in the thread. */
export const preview = async (store: ThreadStore, source: string): Promise<Tree> =>
  (await store.call<{ body: Tree }>(`/sites/${encodeURIComponent(store.site)}/preview`, { method: "POST", body: { body: source } })).body;

export const Refused = ({ store, problem, words }: { store: ThreadStore; problem: Problem; words: Concerned | null }): VNode => (
  <div class="wrong" role="alert">
    <p>{reasonOf(problem, store)}</p>
    {words && <blockquote class="lines" dir="auto"><Body tree={[words.quote]} marks={words.marks} /></blockquote>}
  </div>
);
