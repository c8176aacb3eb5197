// later.js, everything beyond the first page: who is signed in and their gate, the live thread, what the reader asks for,
// and (composer.tsx, menu.tsx) all that writes. One chunk, because two would be half a kilobyte more.
import english from "words:later";
import { problemIn } from "../shared/api";
import type { Context, Page, Problem, Replies } from "../shared/types";
import { pagePath } from "../shared/paths";
import { liveThread, type LiveThread } from "./live_thread";
import css from "./later.css";
import { addLooks } from "./looks";
import type { ThreadStore } from "./store";
import { paint } from "./theme";

export { Arrivals } from "./arrivals";
export { Composer, SentDraft } from "./composer";
export { Gate } from "./gate";
export { Open } from "./open";
export { Marked, Waiting } from "./receipt";

const threads = new WeakMap<ThreadStore, LiveThread>();

/** Settled when it is known who is signed in. */
export async function begin(store: ThreadStore): Promise<void> {
  store.words.add(english);
  addLooks(store.mounting.root, css);
  store.ends.push(followTheme(store));
  const live = liveThread(store);
  threads.set(store, live);
  await live.identify();
}

/** Opens the line once the thread can be read. */
export const connect = (store: ThreadStore): void => threads.get(store)?.connect();

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
  if (!store.mounting.root.getElementById(`comment-${id}`)) {
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
  store.tell({ highlight: id });
  await new Promise(requestAnimationFrame);
  store.reveal(id);
}

/** At once; the server's answer has the last word. */
export async function recommend(store: ThreadStore, id: string): Promise<void> {
  const kind = "recommend";
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

/** Opens the composer under a comment (or the article) with the text that is kept for it, and why it was refused. */
export function reopen(store: ThreadStore, parent: string | null, problem: Problem | null): void {
  store.refusals.set(parent ?? "", problem);
  store.draw();
}

export function close(store: ThreadStore, parent: string): void {
  store.refusals.delete(parent);
  store.draw();
  requestAnimationFrame(() => store.mounting.root.querySelector<HTMLElement>(".join")?.focus());
}

/** Said in sight for a moment, and to screen readers. */
export function toast(store: ThreadStore, said: string): void {
  store.tell({ said, toasted: true });
  setTimeout(() => store.tell({ toasted: false }), 4_000);
}
