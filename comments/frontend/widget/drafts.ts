// What somebody has begun to write, kept in this browser for each article and each comment answered, until it is posted:
// through log-in, reload and a new tab. Storage may be blocked or full: then the text lives as long as the page.
import type { ThreadStore } from "./store";
import { draftKey } from "./store";

export interface KeptDraft {
  text: string;
  /** The Idempotency-Key under which exactly `sent` went out, so that sending it again makes no second comment. */
  key?: string;
  sent?: string;
}

const keyOf = ({ site, article }: ThreadStore, parent: string | null): string => draftKey(site, article, parent);

export function readDraft(store: ThreadStore, parent: string | null): KeptDraft | null {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(store, parent)) ?? "null") as Partial<KeptDraft> | null;
    return typeof found?.text === "string" ? { ...found, text: found.text } : null;
  } catch {
    return null;
  }
}

/** An empty text is no draft. */
export function keepDraft(store: ThreadStore, parent: string | null, draft: KeptDraft | null): void {
  try {
    if (draft?.text.trim()) localStorage.setItem(keyOf(store, parent), JSON.stringify(draft));
    else localStorage.removeItem(keyOf(store, parent));
  } catch {
    // Kept in memory by the form itself.
  }
}

/** The key for this text: the one that it already went out with, or a new one. */
export function keyFor(store: ThreadStore, parent: string | null, text: string): string {
  const kept = readDraft(store, parent);
  return kept?.key && kept.sent === text ? kept.key : crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}
