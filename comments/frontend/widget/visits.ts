// What is new since the reader's last visit to an article, as this browser remembers it: for each article of a site when
// somebody was here, and the newest comment seen by then. Pure;
// new_since.ts keeps it true.
import { isPublished } from "../shared/order";
import type { Thread } from "../shared/state";

/** When the newest comment that was seen had come, in milliseconds, and the thread's seq then. */
export interface Seen {
  time: number;
  seq: number;
}

export interface Visit extends Seen {
  /** When somebody was here last. */
  at: number;
  /** What had been seen before that visit; null: it was the first. */
  before: Seen | null;
}

export type Visits = Record<string, Visit>;

/** A page that is loaded again so soon belongs to the same visit; older visits than the longest are forgotten. */
const SAME = 30 * 60_000;
const LONGEST = 90 * 86_400_000;

/** What had been seen before this visit; null on the first. */
export function seenBefore(visit: Visit | undefined, now: number): Seen | null {
  if (!visit) return null;
  return now - visit.at < SAME ? visit.before : { time: visit.time, seq: visit.seq };
}

export function remembered(visits: Visits, article: string, visit: Visit): Visits {
  const young = Object.entries(visits).filter(([, { at }]) => visit.at - at < LONGEST);
  return { ...Object.fromEntries(young), [article]: visit };
}

/** Others' comments that came after what was seen, or were published since (`added`). */
export function newIn({ known, viewer, mutes }: Thread, { time }: Seen, added: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const comment of known.values()) {
    const { id, author, created_at } = comment;
    if (!isPublished(comment) || (author && (author.id === viewer?.id || mutes.has(author.id)))) continue;
    if (added.has(id) || Date.parse(created_at) > time) found.add(id);
  }
  return found;
}

/** What stood on the screen counts as seen; what came besides is asked for again the next time. */
export function seenIn({ known, seq: last }: Thread, shown: { has: (id: string) => boolean }): Seen {
  let [time, seq] = [0, last];
  for (const comment of known.values()) {
    if (shown.has(comment.id)) time = Math.max(time, Date.parse(comment.created_at));
    else if (isPublished(comment)) seq = Math.min(seq, comment.seq - 1);
  }
  return { time, seq };
}
