// What somebody has begun to write, kept in this browser for each place (the article "", a comment answered, a comment
// changed) until it is posted: through log-in, reload and a new tab. Storage may be blocked or full: then the text lives
// as long as the page.
import { draftKey } from "../shared/paths";
import type { ThreadStore } from "./store";

export interface KeptDraft {
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Who wrote it, when that was known: another reader at this browser does not get it. */
  by?: string | undefined;
  /** The Idempotency-Key under which exactly `sent` went out, so that sending it again makes no second comment. */
  key?: string;
  sent?: string;
  /** It went out, and nobody has answered yet. */
  unsent?: boolean;
  question?: boolean;
}

const DAYS_KEPT = 30;
const memory = new Map<string, KeptDraft>();

export const keyOf = ({ site, article }: ThreadStore, place: string): string => draftKey(site, article, place);

/** What this browser keeps; undefined where that is blocked, or not what was kept. */
function look<T>(take: () => T): T | undefined {
  try {
    return take();
  } catch {}
}

const parse = (take: () => string | null): KeptDraft | undefined => look(() => {
  const found = JSON.parse(take() ?? "") as Partial<KeptDraft> | null;
  return typeof found?.text === "string" ? { at: 0, ...found, text: found.text } : undefined;
});

const stored = (key: string): KeptDraft | undefined => parse(() => localStorage.getItem(key));
const keys = (): string[] => look(() => Object.keys(localStorage)) ?? [];

export function readDraft(store: ThreadStore, place: string): KeptDraft | undefined {
  const key = keyOf(store, place);
  const [there, here] = [stored(key), memory.get(key)];
  const newest = here && here.at >= (there?.at ?? 0) ? here : there;
  const viewer = store.thread.viewer?.id;
  return newest?.by && viewer && newest.by !== viewer ? undefined : newest;
}

/** An empty text is no draft. Answers whether the browser has kept it. */
export function keepDraft(store: ThreadStore, place: string, draft: Omit<KeptDraft, "at"> | null): boolean {
  const key = keyOf(store, place);
  if (!draft?.text.trim()) {
    memory.delete(key);
    return putAside(store, place);
  }
  const kept = { ...draft, by: store.thread.viewer?.id ?? draft.by, at: Date.now() };
  memory.set(key, kept);
  return look(() => {
    localStorage.setItem(key, JSON.stringify(kept));
    return true;
  }) ?? false; // kept in memory
}

/** Nobody is asked whether they are sure: while the page lives, the composer still has the text when it opens again. */
export function putAside(store: ThreadStore, place: string): false {
  look(() => localStorage.removeItem(keyOf(store, place)));
  return false;
}

/** Another tab has gone on with this text, or posted it: `adopt` is told what it was and is. Answers how to end it. */
export function followDraft(store: ThreadStore, place: string, adopt: (before: string, now: string) => void): () => void {
  const hear = ({ key, oldValue, newValue }: StorageEvent): void => {
    if (key !== keyOf(store, place)) return;
    adopt(parse(() => oldValue)?.text ?? "", parse(() => newValue)?.text ?? "");
  };
  addEventListener("storage", hear);
  return () => removeEventListener("storage", hear);
}

/** The places of this article that have a draft. */
export function placesOf(store: ThreadStore): string[] {
  const start = keyOf(store, "");
  return keys().filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

/** What nobody came back to is forgotten, on every article of this newspaper. */
export function forgetOld(): void {
  const oldest = Date.now() - DAYS_KEPT * 86_400_000;
  for (const key of keys()) if (/^comments:draft:/.test(key) && (stored(key)?.at ?? 0) < oldest) localStorage.removeItem(key);
}

/** The key for this text: the one that it already went out with, or a new one. */
export function keyFor(store: ThreadStore, place: string, text: string): string {
  const kept = readDraft(store, place);
  return kept?.key && kept.sent === text ? kept.key : crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}
