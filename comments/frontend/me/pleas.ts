// What somebody has begun to write against a decision, kept in this browser until it is sent, put aside or signed out
// with: a visit ends by itself, and the next one opens in another tab. Storage may be blocked or full: then the text lives
// as long as the page.
import type { Visit } from "./types";

const START = "comments:plea:";
const DAYS_KEPT = 30;
const memory = new Map<string, string>();

/** Members' ids are of one site: another reader at this browser does not get it. */
const keyOf = ({ viewer }: Visit, id: string): string => `${START}${viewer.id}:${id}`;

function look<T>(take: () => T): T | undefined {
  try {
    return take();
  } catch {}
}

const stored = (key: string): { text: string; at: number } | undefined =>
  look(() => JSON.parse(localStorage.getItem(key) ?? "") as { text: string; at: number });

/** Whether somebody left without sending it. */
export const isKept = (visit: Visit, id: string): boolean => Boolean(stored(keyOf(visit, id))?.text);

export function pleaOf(visit: Visit, id: string): string {
  const key = keyOf(visit, id);
  const text = memory.get(key) ?? stored(key)?.text ?? "";
  memory.set(key, text);
  return text;
}

export function keepPlea(visit: Visit, id: string, text: string): void {
  if (!text.trim()) return forgetPlea(visit, id);
  memory.set(keyOf(visit, id), text);
  look(() => localStorage.setItem(keyOf(visit, id), JSON.stringify({ text, at: Date.now() })));
}

/** While the page lives, the form still has the text when it opens again. */
export const putAside = (visit: Visit, id: string): void => look(() => localStorage.removeItem(keyOf(visit, id)));

export function forgetPlea(visit: Visit, id: string): void {
  memory.delete(keyOf(visit, id));
  putAside(visit, id);
}

/** All of whom it was, who signs out. */
export const forgetOwn = ({ viewer }: Visit): void => forget(`${START}${viewer.id}:`, Infinity);

/** What nobody came back to. */
export const forgetOld = (): void => forget(START, Date.now() - DAYS_KEPT * 86_400_000);

function forget(start: string, before: number): void {
  for (const key of look(() => Object.keys(localStorage)) ?? []) {
    if (key.startsWith(start) && (stored(key)?.at ?? 0) < before) localStorage.removeItem(key);
  }
}
