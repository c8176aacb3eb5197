// Who is signed in, and the thread kept with the server: socket, catch-up, one's own. A lost event is repaired by asking
// for the changes after the thread's own seq. One for each mounted thread, made by later.tsx.
import { ask, problemIn } from "../shared/api";
import type { ThreadElement } from "../shared/mounting";
import { signIn, tokenFrom } from "../shared/session";
import { openLine, type Line } from "../shared/socket";
import { apply } from "../shared/thread";
import type { Article, Batch, Changes, Mine, Viewer } from "../shared/types";
import { sendAgain } from "./sending";
import type { ThreadStore } from "./store";

/** Milliseconds: the jitter before a catch-up, and how often it is asked for while the line is cut. */
const SOON = 500;
const JITTER = 1_500;
const WITHOUT_LINE = 30_000;

export interface LiveThread {
  /** Asks who is signed in, and again when there is another token; settled when it is known. */
  identify: () => Promise<void>;
  /** Opens the line, or opens it anew; nothing while the thread cannot be read. */
  connect: () => void;
}

/** The publisher's token, from wherever the element says, looked up anew each time. */
async function tokenOf(element: ThreadElement): Promise<string | null> {
  if (element.getToken) return element.getToken();
  const url = element.getAttribute("token-url");
  return element.getAttribute("token") || (url ? tokenFrom(url) : null);
}

export function liveThread(store: ThreadStore): LiveThread {
  const { root, site, article, path, mounting } = store;
  let line: Line | null = null;
  let catching: ReturnType<typeof setTimeout> | undefined;
  let mineAsked = 0;

  const tellToken = (token: string | null): void => {
    if (line?.state === "open") void line.ask("token", { token });
  };
  const onViewer = (viewer: Viewer | null): void => {
    store.apply({ type: "viewer", viewer });
    store.tell({ asked: true });
    void mine();
  };
  const session = signIn({ root, site, source: () => tokenOf(mounting.element), onViewer, onRenewed: tellToken });

  /** A call as whoever is signed in; once more with a new token when the server says that the first has ended. */
  store.call = async (address, call) => {
    const token = await session.token();
    // Receipts are written in the reader's language, by the server.
    const sent = { ...call, headers: { ...call?.headers, "Accept-Language": store.words.language } };
    return ask<never>(root + address, sent, token).catch(async (error) => {
      if (!token || !/^token_(exp|rev|inv)/.test(problemIn(error).code)) throw error;
      return ask<never>(root + address, sent, await session.token(token));
    });
  };
  store.reduce = apply;

  const mine = async (): Promise<void> => {
    if (!store.thread.viewer) return;
    const turn = ++mineAsked;
    const drafts = store.thread.drafts.length;
    const found = await store.call<Mine>(`${path}/mine`).catch(() => null); // asked again with the next change
    if (!found || turn !== mineAsked) return;
    // A post was answered meanwhile: this answer may be older than that one.
    if (store.thread.drafts.length < drafts) return mine();
    store.apply({ type: "mine", mine: found });
  };

  const catchUp = async (): Promise<void> => {
    const answer = await store.call<Changes>(`${path}/changes?after=${store.thread.seq}`).catch(() => null);
    if (!answer) return; // the line's next connection asks again
    store.apply({ type: "changes", answer });
    repair();
  };

  /** A gap is filled after a moment, not by everybody at once; a reset loads the page again. */
  const repair = (): void => {
    if (!store.thread.stale || catching) return;
    catching = setTimeout(() => {
      catching = undefined;
      void (store.thread.stale === "reset" ? store.load() : catchUp());
    }, SOON + Math.random() * JITTER);
  };

  const onEvent = (name: string, payload: unknown): void => {
    const about = payload as { site?: string; article?: string | Article; readers?: number };
    if (name === "token.expired") {
      session.forget();
      session.token().catch(() => null).then(tellToken);
    }
    const key = typeof about.article === "object" ? about.article.id : about.article;
    if (about.site !== site || key !== article) return;
    if (name === "thread.batch") store.apply({ type: "batch", batch: payload as Batch });
    if (name === "thread.reset") store.apply({ type: "reset" });
    if (name === "article.changed") store.apply({ type: "article", ...(payload as { article: Article; seq: number }) });
    if (name === "mine.changed") void mine();
    if (name === "presence") store.tell({ readers: about.readers });
    repair();
  };

  const connect = (): void => {
    if (store.over || store.phase !== "ready") return;
    if (line) return line.renew();
    let failures = 0;
    line = openLine({
      base: mounting.base,
      auth: async () => ({ site, article, after: store.thread.seq, token: await session.token().catch(() => null) ?? undefined }),
      onEvent,
      onState: (state) => {
        if (state === "waiting") failures += 1;
        if (state === "open") {
          if (failures) void mine(); // the batch on connecting tells what the public sees, this the rest
          failures = 0;
          sendAgain(store);
        }
        if (store.cut !== failures > 1) store.tell({ cut: failures > 1, readers: 0 });
      },
      onRefused: (code) => {
        if (/^token/.test(code)) session.forget();
        return !/^(not_found|forbidden)/.test(code);
      },
    });
  };

  const identify = async (): Promise<void> => {
    session.forget();
    await session.token().catch((error) => {
      onViewer(null);
      store.emit("error", { code: problemIn(error).code });
    });
  };

  const online = (): void => sendAgain(store);
  addEventListener("online", online);
  const poll = setInterval(() => document.hidden || !line || line.state === "open" || void catchUp().then(mine), WITHOUT_LINE);
  store.ends.push(() => {
    removeEventListener("online", online);
    clearInterval(poll);
    clearTimeout(catching);
    line?.close();
    session.forget();
  });
  return { identify, connect };
}
