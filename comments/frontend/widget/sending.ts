// Posting and changing one's own comments: shown at once, sent with one key however often, kept when it fails.
import { problemIn } from "../shared/api";
import type { Draft } from "../shared/state";
import type { Comment, Context, Problem, Viewer } from "../shared/types";
import { keepDraft, keyFor, placesOf, readDraft } from "./drafts";
import { open, reveal } from "./later";
import { LEFT } from "../shared/paths";
import type { ThreadStore } from "./store";

/** Milliseconds: who comes back later than this just reads. */
const HOUR = 3_600_000;

/** Nothing is wrong with the text: it can go out again later as it is. */
const passing = ({ status }: Problem): boolean => status === 0 || status === 429 || status >= 500;

/** Posts a text; answers why it was refused, or null when it was taken or waits in the thread to be sent again. */
export async function post(store: ThreadStore, parent: string | null, source: string, question: boolean): Promise<Problem | null> {
  const draft: Draft = { key: keyFor(store, parent ?? "", source), parent_id: parent, source, at: Date.now(), state: "sending", question: question && !parent };
  return send(store, draft, ({ id }) => setTimeout(reveal, 0, store, id, "nearest")); // the composer closes first, and gives the focus back
}

/** As it is kept until the answer is there: whoever reloads meanwhile finds it on its way, or in the composer. */
const keep = (store: ThreadStore, { key, parent_id, source, question = false }: Draft, unsent: boolean): boolean =>
  keepDraft(store, parent_id ?? "", { text: source, key, sent: source, question, unsent });

/** Where the article is, what it is called and which section it belongs to: as the tag says, else as the page does. */
const aboutArticle = ({ mounting: { element } }: ThreadStore): Record<string, string | null> => ({
  article_section: element.getAttribute("article-section"),
  article_url: element.getAttribute("article-url") || location.href.replace(/#.*/, ""),
  article_title: (element.getAttribute("article-title") || document.title).slice(0, 300),
});

async function send(store: ThreadStore, draft: Draft, taken?: (comment: Comment) => unknown): Promise<Problem | null> {
  const { key, parent_id, source, question } = draft;
  keep(store, draft, true);
  store.apply({ type: "draft", draft: { ...draft, state: "sending" } });
  try {
    const call = { method: "POST", body: { body: source, parent_id, ...(question && { question }), ...aboutArticle(store) }, headers: { "Idempotency-Key": key } };
    const comment = await store.call<Comment>(`${store.path}/comments`, call);
    keepDraft(store, parent_id ?? "", null);
    store.apply({ type: "sent", key, comment });
    taken?.(comment);
    store.tell({ said: store.words.t(comment.status === "published" ? "write.posted" : "write.held") });
    store.emit("posted", { comment: comment.id, status: comment.status, parent: parent_id });
    return null;
  } catch (error) {
    const problem = problemIn(error);
    if (problem.status === 403) store.act((later) => later.renew(store)); // the gate knows by then
    if (!passing(problem)) keep(store, draft, false);
    store.apply(passing(problem) ? { type: "unsent", key, problem } : { type: "dropped", key });
    return passing(problem) ? null : problem;
  }
}

/** Sends what failed once more under its key; refused now, it goes back into a composer with the reason. */
export async function resend(store: ThreadStore, draft: Draft): Promise<void> {
  const problem = await send(store, draft);
  if (problem) reopen(store, draft.parent_id, problem);
}

/** The line is back: all that waits for it goes out. */
export function sendAgain(store: ThreadStore): void {
  for (const draft of store.thread.drafts) if (draft.state === "unsent" && draft.problem?.status === 0) void resend(store, draft);
}

/** Takes a failed draft out of the thread, back into a composer. */
export function takeBack(store: ThreadStore, draft: Draft): void {
  store.apply({ type: "dropped", key: draft.key });
  keep(store, draft, false);
  reopen(store, draft.parent_id, null);
}

/** Runs a change of one's own comment; answers why it failed, or null. */
async function change(store: ThreadStore, path: string, call: { method: string; body?: unknown }): Promise<Problem | null> {
  try {
    store.apply({ type: "answered", comment: await store.call<Comment>(path, call) });
    return null;
  } catch (error) {
    return problemIn(error);
  }
}

export const edit = (store: ThreadStore, { id, version }: Comment, body: string): Promise<Problem | null> =>
  change(store, `/comments/${id}`, { method: "PATCH", body: { body, version } });

export const withdraw = (store: ThreadStore, { id }: Comment): Promise<Problem | null> =>
  change(store, `/comments/${id}`, { method: "DELETE" });

export const appeal = (store: ThreadStore, { id }: Comment, text: string): Promise<Problem | null> =>
  change(store, `/comments/${id}/appeal`, { method: "POST", body: { text } });

export async function report(store: ThreadStore, { id }: Comment, reason: string, detail: string): Promise<Problem | null> {
  const body = { reason, detail: detail.trim() || undefined };
  return store.call(`/comments/${id}/reports`, { method: "POST", body }).then(() => null, problemIn);
}

/** What changes the viewer; answers why it failed, or null. */
async function asViewer(store: ThreadStore, path: string, call: { method: string; body?: unknown }): Promise<Problem | null> {
  try {
    store.apply({ type: "viewer", viewer: await store.call<Viewer>(path, call) });
    return null;
  } catch (error) {
    return problemIn(error);
  }
}

export const rename = (store: ThreadStore, name: string): Promise<Problem | null> => asViewer(store, "/me", { method: "PATCH", body: { name } });

/** One has read a moderator's warning; whether the server heard of it. */
export const readWarning = (store: ThreadStore, id: string): Promise<Problem | null> => asViewer(store, `/me/warnings/${id}/seen`, { method: "POST" });

/** The author's own source of a comment: known from the last answer, else asked for. */
export async function sourceOf(store: ThreadStore, comment: Comment): Promise<string | null> {
  if (comment.source !== undefined) return comment.source;
  const context = await store.call<Context>(`/comments/${comment.id}/context`).catch(() => null);
  return context?.comments.find(({ id }) => id === comment.id)?.source ?? null;
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

/** What an earlier visit, or the way through a log-in, has left: texts go back into their composers, or out. */
export function resume(store: ThreadStore): void {
  const { root } = store.mounting;
  for (const place of placesOf(store).filter((name) => /^\d*$/.test(name))) {
    const kept = readDraft(store, place);
    if (!kept) continue;
    const { key, text, at, question } = kept;
    if (!kept.unsent || !key) {
      if (!root.getElementById(`write-${place}`)) store.refusals.set(place, null);
    } else if (!store.thread.drafts.some((draft) => draft.key === key)) {
      const draft: Draft = { key, parent_id: place || null, source: text, at, question, state: "unsent", problem: { status: 0, code: "offline" } };
      store.apply({ type: "draft", draft });
    }
  }
  store.draw();
  sendAgain(store);
  void comeBack(store);
}

/** Back from the publisher's log-in: at the text that was being written, wherever the page has been opened. */
async function comeBack(store: ThreadStore): Promise<void> {
  const left = readDraft(store, LEFT);
  if (!left) return;
  keepDraft(store, LEFT, null);
  if (Date.now() - left.at > HOUR) return;
  const { root, element } = store.mounting;
  const place = left.text.slice(1);
  const reading = left.text === "r";
  if (place && !root.getElementById(`comment-${place}`)) await open(store, place);
  if (!reading) reopen(store, place, null);
  await new Promise(requestAnimationFrame);
  const field = root.getElementById(`write-${place}`);
  (field ?? element).scrollIntoView({ block: "center" });
  field?.focus({ preventScroll: true });
}
