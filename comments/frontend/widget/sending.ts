// Posting and changing one's own comments: shown at once, sent with one key however often, kept when it fails.
import { problemIn } from "../shared/api";
import type { Draft } from "../shared/state";
import type { Comment, Context, Problem, Viewer } from "../shared/types";
import { keepDraft, keyFor } from "./drafts";
import type { ThreadStore } from "./store";

/** Nothing is wrong with the text: it can go out again later as it is. */
const passing = ({ status }: Problem): boolean => status === 0 || status === 429 || status >= 500;

/** Posts a text; answers why it was refused, or null when it was taken or waits in the thread to be sent again. */
export async function post(store: ThreadStore, parent: string | null, source: string): Promise<Problem | null> {
  const key = keyFor(store, parent, source);
  keepDraft(store, parent, { text: source, key, sent: source });
  const draft: Draft = { key, parent_id: parent, source, at: Date.now(), state: "sending" };
  return send(store, draft, ({ id }) => requestAnimationFrame(() => store.reveal(id, "nearest")));
}

/** Where the article is, what it is called and which section it belongs to: as the tag says, else as the page does. */
const aboutArticle = ({ mounting: { element } }: ThreadStore): Record<string, string | null> => ({
  article_section: element.getAttribute("article-section"),
  article_url: element.getAttribute("article-url") || location.href.replace(/#.*/, ""),
  article_title: (element.getAttribute("article-title") || document.title).slice(0, 300),
});

async function send(store: ThreadStore, draft: Draft, taken?: (comment: Comment) => void): Promise<Problem | null> {
  const { key, parent_id, source } = draft;
  store.apply({ type: "draft", draft: { ...draft, state: "sending" } });
  try {
    const call = { method: "POST", body: { body: source, parent_id, ...aboutArticle(store) }, headers: { "Idempotency-Key": key } };
    const comment = await store.call<Comment>(`${store.path}/comments`, call);
    keepDraft(store, parent_id, null);
    store.apply({ type: "sent", key, comment });
    taken?.(comment);
    store.tell({ said: store.words.t(comment.status === "published" ? "write.posted" : "write.held") });
    store.emit("posted", { comment: comment.id, status: comment.status, parent: parent_id });
    return null;
  } catch (error) {
    const problem = problemIn(error);
    if (problem.status === 403) store.act((later) => later.renew(store)); // the gate knows by then
    store.apply(passing(problem) ? { type: "unsent", key, problem } : { type: "dropped", key });
    return passing(problem) ? null : problem;
  }
}

/** Sends what failed once more under its key; refused now, it goes back into a composer with the reason. */
export async function resend(store: ThreadStore, draft: Draft): Promise<void> {
  const problem = await send(store, draft);
  if (problem) store.later?.reopen(store, draft.parent_id, problem);
}

/** The line is back: all that waits for it goes out. */
export function sendAgain(store: ThreadStore): void {
  for (const draft of store.thread.drafts) if (draft.state === "unsent" && draft.problem?.status === 0) void resend(store, draft);
}

/** Takes a failed draft out of the thread, back into a composer. */
export function takeBack(store: ThreadStore, draft: Draft): void {
  store.apply({ type: "dropped", key: draft.key });
  keepDraft(store, draft.parent_id, { text: draft.source, key: draft.key, sent: draft.source });
  store.later?.reopen(store, draft.parent_id, null);
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
  change(store, `/comments/${id}`, { method: "PATCH", body: version === undefined ? { body } : { body, version } });

export const withdraw = (store: ThreadStore, { id }: Comment): Promise<Problem | null> =>
  change(store, `/comments/${id}`, { method: "DELETE" });

export const appeal = (store: ThreadStore, { id }: Comment, text: string): Promise<Problem | null> =>
  change(store, `/comments/${id}/appeal`, { method: "POST", body: { text } });

export async function report(store: ThreadStore, { id }: Comment, reason: string, detail: string): Promise<Problem | null> {
  const body = detail.trim() ? { reason, detail: detail.trim() } : { reason };
  return store.call(`/comments/${id}/reports`, { method: "POST", body }).then(() => null, problemIn);
}

export async function mute(store: ThreadStore, member: string, on: boolean): Promise<void> {
  store.apply({ type: "mute", member, on });
  await store.call(`/members/${member}/mute`, { method: on ? "PUT" : "DELETE" })
    .catch(() => store.apply({ type: "mute", member, on: !on }));
}

export async function rename(store: ThreadStore, name: string): Promise<Problem | null> {
  try {
    const viewer = await store.call<Viewer>("/me", { method: "PATCH", body: { name } });
    store.apply({ type: "viewer", viewer });
    return null;
  } catch (error) {
    return problemIn(error);
  }
}

/** One has read a moderator's warning; whether the server heard of it. */
export async function readWarning(store: ThreadStore, id: string): Promise<Problem | null> {
  try {
    store.apply({ type: "viewer", viewer: await store.call<Viewer>(`/me/warnings/${id}/seen`, { method: "POST" }) });
    return null;
  } catch (error) {
    return problemIn(error);
  }
}

/** The author's own source of a comment: known from the last answer, else asked for. */
export async function sourceOf(store: ThreadStore, comment: Comment): Promise<string | null> {
  if (comment.source !== undefined) return comment.source;
  const context = await store.call<Context>(`/comments/${comment.id}/context`).catch(() => null);
  return context?.comments.find(({ id }) => id === comment.id)?.source ?? null;
}
