// Who is signed in, and the thread kept with the server: socket, catch-up, one's own. A lost event is repaired by asking
// for the changes after the thread's own seq. One for each mounted thread, made by later.tsx.
import { ask, problemIn } from "../shared/api";
import type { ThreadElement } from "../shared/mounting";
import { draftKey } from "../shared/paths";
import { signIn, tokenFrom } from "../shared/session";
import { openLine, type Line } from "../shared/socket";
import { apply } from "../shared/thread";
import type { Article, Batch, Changes, Mine, Viewer } from "../shared/types";
import { countUnread, sawFollowed } from "./follows";
import { calmly } from "./listen";
import { addLooks } from "./looks";
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

/** Is there anything here that somebody began and did not post? */
function hasDraft({ site, article }: ThreadStore): boolean {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith(draftKey(site, article, "")));
  } catch {
    return false;
  }
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
  /** The viewer's own changes that are on their way. */
  let acts: Promise<unknown> = Promise.resolve();

  const tellToken = (token: string | null): void => {
    if (line?.state === "open") void line.ask("token", { token });
  };
  const onViewer = (viewer: Viewer | null): void => {
    const { id } = viewer ?? {};
    if (id && id !== store.thread.viewer?.id) addLooks(mounting.root, `[data-member="${CSS.escape(id)}"]{background:var(--tint)}`);
    store.apply({ type: "viewer", viewer });
    store.tell({ asked: true });
    void mine();
  };
  const session = signIn({ root, site, source: () => tokenOf(mounting.element), onViewer, onRenewed: tellToken });

  /** A call as whoever is signed in; once more with a new token when the server says that the first has ended. */
  store.call = (address, call) => {
    // Receipts are written in the reader's language, by the server.
    const sent = { ...call, headers: { ...call?.headers, "Accept-Language": store.words.language } };
    const askAs = (token: string | null): Promise<never> => ask(root + address, sent, token);
    const answer = session.token().then((token) => askAs(token).catch(async (error) => {
      if (token && /^token/.test(problemIn(error).code)) return askAs(await session.token(token));
      throw error;
    }));
    if (call?.method) acts = acts.then(() => answer).catch(() => {});
    return answer;
  };
  store.reduce = apply;

  const mine = async (): Promise<void> => {
    if (!store.thread.viewer) return;
    const turn = ++mineAsked;
    const before = acts;
    await before;
    const found = await store.call<Mine>(`${path}/mine`).catch(() => null); // asked again with the next change
    if (!found || turn !== mineAsked) return;
    if (before !== acts) return mine(); // something was done meanwhile: this answer may be older
    store.apply({ type: "mine", mine: found });
    store.tell({ unread: found.unread });
    if (turn === 1) sawFollowed(store);
  };

  const catchUp = async (): Promise<void> => {
    const answer = await store.call<Changes>(`${path}/changes?after=${store.thread.seq}`).catch(() => null);
    if (!answer) return; // the line's next connection asks again
    calmly(store, () => store.apply({ type: "changes", answer }));
    repair();
  };

  /** A gap is filled after a moment, not by everybody at once; a reset loads the page again. */
  const repair = (): void => {
    if (!store.thread.stale || catching) return;
    catching = setTimeout(() => {
      catching = undefined;
      // The page loaded anew may come from a cache, older than what made us ask: what came since is asked for, too.
      void (store.thread.stale === "reset" ? store.load().then(catchUp) : catchUp());
    }, SOON + Math.random() * JITTER);
  };

  const onEvent = (name: string, payload: unknown): void => {
    const about = payload as { site?: string; article?: string | Article; readers?: number };
    if (name === "mine.changed" && about.site === site && about.article !== article) void countUnread(store);
    if (name === "token.expired") {
      session.forget();
      session.token().catch(() => null).then(tellToken);
    }
    const key = typeof about.article === "object" ? about.article.id : about.article;
    if (about.site !== site || key !== article) return;
    if (name === "thread.batch") calmly(store, () => store.apply({ type: "batch", batch: payload as Batch }));
    if (name === "thread.reset") store.apply({ type: "reset" });
    if (name === "article.changed") store.apply({ type: "article", ...(payload as { article: Article; seq: number }) });
    if (name === "mine.changed") void mine();
    if (name === "presence") store.tell({ readers: about.readers });
    repair();
  };

  const connect = (): void => {
    if (store.over || store.phase !== "ready") return;
    if (hasDraft(store)) store.compose((write) => write.resume(store));
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
          store.write?.sendAgain(store);
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

  const online = (): void => store.write?.sendAgain(store);
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
