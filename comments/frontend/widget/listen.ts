// What is heard anywhere in the thread: the key to the next new comment, and the first sign that somebody is about to
// write, for which the chunk is loaded meanwhile. And the reader's place, kept where the browser does not keep it itself.
// Part of the later chunk.
import { lookBeside } from "./later";
import type { ThreadStore } from "./store";

/** `n` counts only in the thread and outside of fields (WCAG 2.1.4); the button for it is always there. */
const isNext = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent, target: Element): boolean =>
  key === "n" && !ctrlKey && !altKey && !metaKey && !target.closest("textarea, input, select, [role=menu], [role=dialog]");

export function listen(store: ThreadStore): void {
  const place = store.mounting.root.firstElementChild as HTMLElement;
  place.addEventListener("keydown", (event) => isNext(event, event.target as Element) && void store.beside?.nextNew(store));
  place.addEventListener("pointerover", ({ target }) => {
    if ((target as HTMLElement).dataset["parent"]) lookBeside(store, true);
    if ((target as Element).closest("[part=join], [part=reply]")) store.needWrite().catch(() => {}); // a click tries again, and says so
  });
}

/** Runs a change that comes by itself; what the reader looks at stays where it is, also where the browser does not see to it (Safari). */
export function calmly(store: ThreadStore, change: () => void): void {
  if (getComputedStyle(document.documentElement).getPropertyValue("overflow-anchor") === "auto") return change();
  const seen = [...store.mounting.root.querySelectorAll("article")].find((article) => article.getBoundingClientRect().bottom > 0);
  const top = seen?.getBoundingClientRect().top ?? 0;
  change();
  requestAnimationFrame(() => seen?.isConnected && top < innerHeight && scrollBy({ top: seen.getBoundingClientRect().top - top, behavior: "instant" }));
}
