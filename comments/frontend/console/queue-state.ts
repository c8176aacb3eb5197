// The state of one queue on the screen, and the only function that changes it. Pure: the page draws what `step`
// returns. A decision takes an item off at once; only the server's refusal brings it back, to where it stood.
import type { Problem } from "../shared/types";
import { colleague, withClaims } from "./claims";
import type { Author, Claim, Item, QueuePage, Verdict } from "./types";
import type { QueueName } from "./router";

export interface Fault {
  problem: Problem;
  verdict: Verdict;
}

/** `order` is the place in the queue, so that what comes back finds it; `settled`: another moderator decided it. */
export interface Entry {
  item: Item;
  order: number;
  fault: Fault | null;
  settled: boolean;
}

/** What was decided here and is not yet confirmed. */
export interface Leaving {
  entry: Entry;
  verdict: Verdict;
}

/** `count` is what the server said last, `expected` what this screen accounts for: the difference has just arrived. */
export interface QueueState {
  /** Whose screen this is: what colleagues have before them is passed over. */
  me: string;
  phase: "loading" | "ready" | "failed";
  problem: Problem | null;
  entries: Entry[];
  leaving: Record<string, Leaving>;
  cursor: string | null;
  count: number;
  expected: number;
  /** Others have decided something here; another look at the queue will tell what. */
  stale: boolean;
  /** Rejected along with a ban and gone from this screen, which the server does by and by: not to be counted as new. */
  owed: number;
}

export type Step =
  | { kind: "loaded"; page: QueuePage; queue: QueueName }
  | { kind: "more"; page: QueuePage; queue: QueueName }
  | { kind: "checked"; page: QueuePage }
  | { kind: "refreshed"; page: QueuePage; queue: QueueName }
  | { kind: "unloadable"; problem: Problem }
  | { kind: "decided"; id: string; verdict: Verdict }
  | { kind: "confirmed"; id: string; count: number }
  | { kind: "refused"; id: string; problem: Problem; item: Item | null }
  | { kind: "back"; item: Item }
  | { kind: "item"; item: Item }
  | { kind: "gone"; id: string }
  | { kind: "counted"; count: number }
  | { kind: "claims"; claims: Claim[] }
  | { kind: "lapsed"; now: number }
  | { kind: "swept"; author: string }
  | { kind: "author"; author: Author }
  | { kind: "article"; article: Item["article"] };

export const EMPTY: QueueState = {
  me: "", phase: "loading", problem: null, entries: [], leaving: {}, cursor: null, count: 0, expected: 0, stale: false, owed: 0,
};

const idOf = (entry: Entry): string => entry.item.comment.id;

function enter(items: Item[], from: number): Entry[] {
  return items.map((item, at) => ({ item, order: from + at, fault: null, settled: false }));
}

function without(leaving: QueueState["leaving"], id: string): QueueState["leaving"] {
  const { [id]: _left, ...rest } = leaving;
  return rest;
}

function nextOrder(state: QueueState): number {
  const there = [...state.entries, ...Object.values(state.leaving).map(({ entry }) => entry)];
  return Math.max(-1, ...there.map((entry) => entry.order)) + 1;
}

/** How many have come to the queue that this screen does not account for. */
export function arrived(state: QueueState): number {
  return Math.max(0, state.count - state.expected - state.owed - Object.keys(state.leaving).length);
}

/** Whether it still wants a decision, and nobody else is about to make one. */
export function isFree(state: QueueState, entry: Entry): boolean {
  return !entry.settled && colleague(entry.item, state.me) === null;
}

/** When the next claim here ends, in milliseconds; Infinity where there is none. */
export function nextLapse(state: QueueState): number {
  return Math.min(Infinity, ...state.entries.map(({ item }) => (item.claimed_by === null ? Infinity : Date.parse(item.claimed_by.until))));
}

/** The id before and after `id` that still want a decision; null at either end. */
export function neighbours(state: QueueState, id: string | null): { previous: string | null; next: string | null } {
  const at = state.entries.findIndex((entry) => idOf(entry) === id);
  if (at < 0) return { previous: null, next: state.entries[0] ? idOf(state.entries[0]) : null };
  const open = (entry: Entry): boolean => isFree(state, entry);
  const before = state.entries.slice(0, at).reverse().find(open);
  const after = state.entries.slice(at + 1).find(open);
  return { previous: before ? idOf(before) : null, next: after ? idOf(after) : null };
}

/** What another look at the head of the queue says of the entries here: kept, changed, or settled by others. */
function reconciled(state: QueueState, page: QueuePage): Entry[] {
  const found = new Map(page.items.map((item) => [item.comment.id, item]));
  const seen = state.entries.filter((entry) => found.has(idOf(entry)));
  // Beyond the last entry that the page still knows nothing can be said, unless the page is the whole queue.
  const reach = page.next_cursor === null ? Infinity : Math.max(-1, ...seen.map((entry) => entry.order));
  return state.entries.map((entry) => {
    const item = found.get(idOf(entry));
    if (item !== undefined) return { ...entry, item, settled: false };
    return entry.order <= reach ? { ...entry, settled: true } : entry;
  });
}

function refreshed(state: QueueState, page: QueuePage, count: number): QueueState {
  const known = new Set([...state.entries.map(idOf), ...Object.keys(state.leaving)]);
  const fresh = state.cursor === null ? page.items.filter((item) => !known.has(item.comment.id)) : [];
  const entries = [...reconciled(state, page).filter((entry) => !entry.settled), ...enter(fresh, nextOrder(state))];
  const cursor = state.cursor === null ? page.next_cursor : state.cursor;
  return { ...state, phase: "ready", problem: null, entries, cursor, count, expected: count, stale: false, owed: 0 };
}

function more(state: QueueState, page: QueuePage): QueueState {
  const known = new Set([...state.entries.map(idOf), ...Object.keys(state.leaving)]);
  const fresh = page.items.filter((item) => !known.has(item.comment.id));
  return { ...state, entries: [...state.entries, ...enter(fresh, nextOrder(state))], cursor: page.next_cursor };
}

function decided(state: QueueState, id: string, verdict: Verdict): QueueState {
  const entry = state.entries.find((one) => idOf(one) === id);
  if (entry === undefined) return state;
  const leaving = { ...state.leaving, [id]: { entry, verdict } };
  return { ...state, entries: state.entries.filter((one) => one !== entry), leaving, expected: Math.max(0, state.expected - 1) };
}

function refused(state: QueueState, id: string, problem: Problem, item: Item | null): QueueState {
  const left = state.leaving[id];
  if (left === undefined) return state;
  const fault = { problem, verdict: left.verdict };
  const back: Entry = { item: item ?? left.entry.item, order: left.entry.order, fault, settled: false };
  const entries = [...state.entries, back].sort((a, b) => a.order - b.order);
  return { ...state, entries, leaving: without(state.leaving, id), expected: state.expected + 1 };
}

/** Fewer than this screen accounts for: others have been at work, and what they left is now what is expected. */
function counted(state: QueueState, count: number): QueueState {
  const stale = state.stale || count < state.expected;
  const owed = Math.max(0, state.owed - Math.max(0, state.count - count));
  return { ...state, count, expected: Math.min(state.expected, count), stale, owed };
}

/** All that a banned author still had waiting was rejected with the ban. */
function swept(state: QueueState, author: string): QueueState {
  const goes = ({ item }: Entry): boolean => item.author?.id === author && item.comment.status === "waiting";
  const entries = state.entries.filter((entry) => !goes(entry));
  const gone = state.entries.length - entries.length;
  return { ...state, entries, expected: Math.max(0, state.expected - gone), owed: state.owed + gone };
}

function eachItem(state: QueueState, change: (item: Item) => Item): QueueState {
  return { ...state, entries: state.entries.map((entry) => ({ ...entry, item: change(entry.item) })) };
}

/** A decision was taken back: the comment stands where it stood, by its age. */
function back(state: QueueState, item: Item): QueueState {
  const others = state.entries.filter((entry) => idOf(entry) !== item.comment.id);
  const after = others.findIndex((entry) => entry.item.comment.created_at > item.comment.created_at);
  const at = after < 0 ? others.length : after;
  const before = others[at - 1]?.order ?? (others[0]?.order ?? 0) - 1;
  const entry: Entry = { item, order: before + 0.5, fault: null, settled: false };
  const entries = [...others.slice(0, at), entry, ...others.slice(at)];
  return { ...state, entries, count: state.count + 1, expected: state.expected + 1 };
}

/** Put aside by this moderator: the queue's count, which is everybody's, stays. */
function gone(state: QueueState, id: string): QueueState {
  const entries = state.entries.filter((entry) => idOf(entry) !== id);
  return entries.length === state.entries.length ? state : { ...state, entries };
}

export function step(state: QueueState, event: Step): QueueState {
  switch (event.kind) {
    case "loaded": {
      const count = event.page.counts[event.queue];
      return { ...EMPTY, me: state.me, phase: "ready", entries: enter(event.page.items, 0), cursor: event.page.next_cursor, count, expected: count };
    }
    case "more":
      return more(state, event.page);
    case "checked":
      return { ...state, entries: reconciled(state, event.page), stale: false };
    case "refreshed":
      return refreshed(state, event.page, event.page.counts[event.queue]);
    case "unloadable":
      return { ...state, phase: state.phase === "loading" ? "failed" : state.phase, problem: event.problem };
    case "decided":
      return decided(state, event.id, event.verdict);
    case "confirmed":
      return counted({ ...state, leaving: without(state.leaving, event.id) }, event.count);
    case "refused":
      return refused(state, event.id, event.problem, event.item);
    case "back":
      return back(state, event.item);
    case "item":
      return eachItem(state, (item) => (item.comment.id === event.item.comment.id ? event.item : item));
    case "gone":
      return gone(state, event.id);
    case "counted":
      return counted(state, event.count);
    case "claims":
      return eachItem(state, (item) => withClaims(item, event.claims));
    case "lapsed":
      return eachItem(state, (item) => (item.claimed_by !== null && Date.parse(item.claimed_by.until) <= event.now ? { ...item, claimed_by: null } : item));
    case "swept":
      return swept(state, event.author);
    case "author":
      return eachItem(state, (item) => (item.author?.id === event.author.id ? { ...item, author: event.author } : item));
    case "article":
      return eachItem(state, (item) => (item.article.id === event.article.id ? { ...item, article: { ...item.article, ...event.article } } : item));
  }
}
