// Which comments of a list are chosen, to be decided on together. Pure: what leaves the list leaves the selection.
import type { QueueState } from "./queue-state";
import { isFree } from "./queue-state";

/** As many as the server decides on at once. */
export const MOST = 100;

/** `from`: the last that was chosen by itself, where a range begins. */
export interface Selection {
  ids: readonly string[];
  from: string | null;
}

export const NONE: Selection = { ids: [], from: null };

/** Those that still stand in the list and want a decision, in its order. */
export function chosen(selection: Selection, state: QueueState): string[] {
  const wanted = new Set(selection.ids);
  return state.entries.filter((entry) => !entry.settled && wanted.has(entry.item.comment.id)).map((entry) => entry.item.comment.id);
}

/** All that are shown and that no colleague has before them, as many as can be decided on at once. */
export function all(state: QueueState): Selection {
  const free = state.entries.filter((entry) => isFree(state, entry)).map((entry) => entry.item.comment.id);
  return { ids: free.slice(0, MOST), from: null };
}

export function toggled(selection: Selection, id: string): Selection {
  const ids = selection.ids.includes(id) ? selection.ids.filter((one) => one !== id) : [...selection.ids, id];
  return { ids, from: id };
}

/** With everything from the last chosen one to this one; like `toggled` where there is no such one. */
export function extended(selection: Selection, id: string, state: QueueState): Selection {
  const order = state.entries.map((entry) => entry.item.comment.id);
  const [from, to] = [selection.from === null ? -1 : order.indexOf(selection.from), order.indexOf(id)];
  if (from < 0 || to < 0) return toggled(selection, id);
  const between = state.entries.slice(Math.min(from, to), Math.max(from, to) + 1);
  const range = between.filter((entry) => isFree(state, entry)).map((entry) => entry.item.comment.id);
  return { ids: [...new Set([...selection.ids, ...range, id])], from: id };
}
