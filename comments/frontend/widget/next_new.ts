// The way from one new comment to the next. Part of the beside chunk.
import { loaded } from "../shared/state";
import { more, open, replies } from "./later";
import type { ThreadStore } from "./store";

/** Goes to the next comment that is new, loads it where it is not there yet, and begins again after the last. */
export async function nextNew(store: ThreadStore): Promise<void> {
  const { fresh, stepped } = store;
  const shown = [...store.mounting.root.querySelectorAll("article[id^=comment-]")].map(({ id }) => id.slice(8));
  const all = [...shown.filter((id) => fresh.has(id)), ...[...fresh].filter((id) => !shown.includes(id))];
  if (all.every((id) => stepped.has(id))) stepped.clear();
  const id = all.find((one) => !stepped.has(one));
  if (!id) return;
  stepped.add(id);
  await bring(store, id);
  await open(store, id);
}

const PAGES = 4;

/** Loads the pages on the way to a comment; what lies further away is shown with its ancestors alone. */
async function bring(store: ThreadStore, id: string): Promise<void> {
  if (store.thread.parked.has(id)) store.apply({ type: "take" });
  const comment = store.thread.known.get(id);
  if (!comment || store.thread.focus) return;
  const root = comment.root_id;
  for (let page = 0; page < PAGES && store.thread.cursor && !store.thread.order.includes(root); page++) await more(store);
  for (let page = 0; page < PAGES && store.thread.order.includes(root) && !loaded(store.thread, store.thread, comment); page++) await replies(store, root);
}
