// later.js, what comes right after the first page: who is signed in and their gate, the live thread, what a reader asks
// for. All that writes is in write.tsx and comes with the first click that needs it; what stands beside the conversation is
// in beside.tsx and comes for whom it has anything.
import { problemIn } from "../shared/api";
import type { Context, Page, Problem, Replies } from "../shared/types";
import { pagePath } from "../shared/paths";
import { formOf } from "../shared/thread_view";
import type * as Beside from "./beside";
import { liveThread, type LiveThread } from "./live_thread";
import css from "./later.css";
import { addLooks } from "./looks";
import type { ThreadStore } from "./store";
import { listen } from "./listen";
import { paint } from "./theme";
import { visit } from "./new_since";

export { Arrivals } from "./arrivals";
export { Asked } from "./asked";
export { Gate, Locked } from "./gate";
export { follow, mute } from "./follows";

const threads = new WeakMap<ThreadStore, LiveThread>();

/** Settled when it is known who is signed in. */
export async function begin(store: ThreadStore): Promise<void> {
  addLooks(store.mounting.root, css);
  store.ends.push(followTheme(store));
  const live = liveThread(store);
  threads.set(store, live);
  visit(store);
  listen(store);
  await live.identify();
}

/** Opens the line once the thread can be read. */
export function connect(store: ThreadStore): void {
  threads.get(store)?.connect();
  lookBeside(store);
  if (store.phase === "ready") void store.missed();
}

/** Bell, tabs, hours and what is new: for whom there is any of it. */
export function lookBeside(store: ThreadStore, wanted = false): void {
  const { mounting: { chunks }, thread: { viewer, tabs, article: { opens_at, closes_at } }, returning, phase } = store;
  if (phase !== "ready" || store.beside || !(wanted || viewer || tabs || returning || opens_at || closes_at)) return;
  (import(chunks[2]) as Promise<typeof Beside>).then((beside) => {
    if (store.over || store.beside) return;
    addLooks(store.mounting.root, beside.css);
    store.tell({ beside });
  }).catch(() => {}); // the conversation can be read without it
}

/** Where reading is for others: a taste of it below the gate. */
export function taste(store: ThreadStore, { site, taste: comments = [], total = 0 }: Problem): void {
  const { article, sort } = store.thread;
  if (site) store.apply({ type: "page", sort, page: { article, site, comments, next_cursor: null, total, seq: 0 } });
}

/** Asks again who is signed in: there is another token, or another way to it. */
export async function renew(store: ThreadStore): Promise<void> {
  await threads.get(store)?.identify();
  if (store.phase !== "ready") await store.load();
  connect(store);
}

/** Paints again when the page has changed its looks. */
function followTheme({ mounting: { element, root } }: ThreadStore): () => void {
  const place = root.firstElementChild as HTMLElement;
  const soon = (): void => void requestAnimationFrame(() => paint(element, place));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(soon);
  for (const page of [document.documentElement, document.body]) observer.observe(page, { attributeFilter: ["class", "style", "data-theme"] });
  dark.addEventListener("change", soon);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", soon);
  };
}

/** Runs what a button asked for; a failure is said. */
async function asking(store: ThreadStore, work: () => Promise<void>): Promise<void> {
  if (store.busy) return;
  store.tell({ busy: true });
  await work().catch((error) => {
    store.emit("error", { code: problemIn(error).code });
    toast(store, store.words.t("thread.failed"));
  });
  store.tell({ busy: false });
}

const after = (cursor: string | null | undefined, joint: string): string => (cursor ? `${joint}cursor=${encodeURIComponent(cursor)}` : "");

export const more = (store: ThreadStore): Promise<void> => asking(store, async () => {
  const { site, article, thread: { sort, cursor } } = store;
  store.apply({ type: "more", page: await store.call<Page>(pagePath(site, article, sort) + after(cursor, "&")) });
});

export const replies = (store: ThreadStore, root: string): Promise<void> => asking(store, async () => {
  const cursor = store.thread.repliesCursor.get(root);
  store.apply({ type: "replies", root, answer: await store.call<Replies>(`/comments/${root}/replies${after(cursor, "?")}`) });
});

/** A permalink: the comment where it stands, or with its ancestors when it is not on the screen. */
export async function open(store: ThreadStore, id: string): Promise<void> {
  store.tell({ highlight: id });
  if (!await reveal(store, id)) {
    try {
      const context = await store.call<Context>(`/comments/${encodeURIComponent(id)}/context`);
      if (context.article.id !== store.article) throw new Error("a comment of another article");
      store.apply({ type: "context", context, target: id });
      store.tell({ phase: "ready", problem: null });
    } catch (error) {
      if (store.phase !== "ready") await store.load();
      if (problemIn(error).status === 404) store.tell({ problem: problemIn(error) });
      return;
    }
  }
  await reveal(store, id);
}

/** Brings a comment into sight, whatever hides it, and gives it the focus. */
export async function reveal(store: ThreadStore, id: string, block: ScrollLogicalPosition = "center"): Promise<boolean> {
  for (let above = formOf(store.thread, id)?.parent_id; above; above = formOf(store.thread, above)?.parent_id) store.folded.delete(above);
  store.tell({ tab: "", drawn: Infinity });
  await new Promise(requestAnimationFrame);
  const found = store.mounting.root.getElementById(`comment-${id}`);
  found?.scrollIntoView({ block });
  found?.focus({ preventScroll: true });
  return !!found;
}

/** At once; the server's answer has the last word. */
export async function react(store: ThreadStore, id: string, kind: string): Promise<void> {
  const on = !store.thread.reactions[id]?.includes(kind);
  store.apply({ type: "react", id, kind, on });
  try {
    const answer = await store.call<{ reactions: Record<string, number>; mine: string[] }>(
      `/comments/${id}/reactions/${kind}`, { method: on ? "PUT" : "DELETE" },
    );
    store.apply({ type: "reacted", id, ...answer });
  } catch (error) {
    store.apply({ type: "react", id, kind, on: !on });
    store.emit("error", { code: problemIn(error).code });
  }
}

/** Said in sight for a moment, and to screen readers. */
export function toast(store: ThreadStore, said: string): void {
  store.tell({ said, toasted: true });
  setTimeout(() => store.tell({ toasted: false }), 4_000);
}
