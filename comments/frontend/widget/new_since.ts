// Keeps what is new since the last visit true while the thread is read, and remembers the visit. Part of the later chunk.
import type { Thread } from "../shared/state";
import type { Changes } from "../shared/types";
import { visitsKey, type ThreadStore } from "./store";
import { newIn, remembered, seenBefore, seenIn, type Visits } from "./visits";

function read(site: string): Visits {
  try {
    return JSON.parse(localStorage.getItem(visitsKey(site)) ?? "{}") as Visits;
  } catch {
    return {}; // no storage, or not ours
  }
}

/** Keeps `fresh` true from now on, and remembers this visit when the page is left. */
export function visit(store: ThreadStore): void {
  const { site, article } = store;
  const before = seenBefore(read(site)[article], Date.now());
  const added = new Set<string>();
  const apply = store.reduce;
  const look = (thread: Thread): void => void (before && (store.fresh = newIn(thread, before, added)));
  const leave = (): void => {
    const { phase, thread } = store;
    if (phase !== "ready") return;
    const visit = { at: Date.now(), before, ...seenIn(thread, store.view.nodes) };
    const { "": _, ...kept } = remembered(read(site), article, visit);
    if (thread.viewer?.can.write) kept[""] = visit; // the site's own: see `writer` of the store
    try {
      localStorage.setItem(visitsKey(site), JSON.stringify(kept));
    } catch {
      // Storage may be off or full: then nothing is new the next time.
    }
  };
  store.reduce = (thread, event) => {
    const next = apply(thread, event);
    if (next.known !== thread.known || next.mutes !== thread.mutes) look(next);
    return next;
  };
  look(store.thread);
  if (before) store.missed = async () => {
    if (store.thread.focus || before.seq >= store.thread.seq) return;
    const answer = await store.call<Changes>(`${store.path}/changes?after=${before.seq}`).catch(() => null); // then only what is loaded counts
    if (!answer || answer.reset) return;
    for (const { kind, comment } of answer.changes) if (kind === "added") added.add(comment.id);
    store.apply({ type: "changes", answer });
  };
  const hide = (): void => void (document.hidden && leave());
  document.addEventListener("visibilitychange", hide);
  store.ends.push(leave, () => document.removeEventListener("visibilitychange", hide));
}
