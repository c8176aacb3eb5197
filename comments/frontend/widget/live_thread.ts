// Who is signed in, and the thread kept with the server: socket, catch-up, one's own. A lost event is repaired by asking
// for the changes after the thread's own seq. One for each mounted thread, made by live.tsx.
import { ask, problemIn, type Call } from "../shared/api";
import type { ThreadElement } from "../shared/mounting";
import { SignedIn, tokenFrom } from "../shared/session";
import { openLine, type Line } from "../shared/socket";
import { apply } from "../shared/thread";
import type { Article, Batch, Changes, Mine, Viewer } from "../shared/types";
import type { ThreadStore } from "./store";

/** Milliseconds: the jitter before a catch-up, and how often it is asked for while the line is cut. */
const SOON = 500;
const JITTER = 1_500;
const WITHOUT_LINE = 30_000;

/** The publisher's token, from wherever the element says, looked up anew each time. */
const sourceOf = (element: ThreadElement) => async (): Promise<string | null> => {
  if (element.getToken) return element.getToken();
  const url = element.getAttribute("token-url");
  return element.getAttribute("token") || (url ? tokenFrom(url)() : null);
};

export class LiveThread {
  known: Promise<void>;
  readonly #session: SignedIn;
  #line: Line | null = null;
  #catching: ReturnType<typeof setTimeout> | undefined;
  readonly #poll: ReturnType<typeof setInterval>;
  #mineAsked = 0;

  constructor(private readonly store: ThreadStore) {
    store.reduce = apply;
    this.#session = new SignedIn(
      store.root, store.site, sourceOf(store.mounting.element), this.viewer, (token) => this.#tellToken(token),
    );
    store.call = this.#signed;
    this.known = this.#identify();
    this.#poll = setInterval(() => document.hidden || this.#line?.state === "open" || void this.catchUp(), WITHOUT_LINE);
    void this.known.then(() => this.#connect());
    addEventListener("online", this.#sendAgain);
  }

  stop(): void {
    this.#line?.close();
    this.#line = null;
    clearInterval(this.#poll);
    clearTimeout(this.#catching);
    this.#session.forget();
    removeEventListener("online", this.#sendAgain);
  }

  renew(): void {
    this.#session.forget();
    this.known = this.#identify();
    void this.known.then(async () => {
      if (this.store.phase !== "ready") await this.store.load();
      if (this.#line) this.#line.renew();
      else this.#connect();
    });
  }

  /** A call as whoever is signed in; once more with a new token when the server says that the first has ended. */
  #signed = async <T>(path: string, call?: Call): Promise<T> => {
    const url = this.store.root + path;
    const token = await this.#session.token();
    try {
      return await ask<T>(url, call, token);
    } catch (error) {
      if (!token || !/^token_(exp|rev|inv)/.test(problemIn(error).code)) throw error;
      return ask<T>(url, call, await this.#session.token(token));
    }
  };

  viewer = (viewer: Viewer | null): void => {
    this.store.apply({ type: "viewer", viewer });
    this.store.tell({ asked: true });
    if (viewer) void this.#mine();
  };

  async #identify(): Promise<void> {
    try {
      await this.#session.token();
    } catch (error) {
      this.store.apply({ type: "viewer", viewer: null });
      this.store.emit("error", { code: problemIn(error).code });
    }
    this.store.tell({ asked: true });
  }

  #connect(): void {
    if (this.#line || this.store.phase !== "ready") return;
    const { site, article } = this.store;
    let failures = 0;
    this.#line = openLine({
      base: this.store.mounting.base,
      auth: async () => {
        const token = await this.#session.token().catch(() => null);
        return { site, article, after: this.store.thread.seq, ...(token ? { token } : {}) };
      },
      onEvent: (name, payload) => this.#take(name, payload),
      onState: (state) => {
        failures = state === "open" ? 0 : failures + Number(state === "waiting");
        this.store.tell({ cut: failures > 1 });
        if (state === "open") this.#sendAgain();
      },
      onRefused: (code) => {
        if (/^token/.test(code)) this.#session.forget();
        return !/^(not_found|forbidden)/.test(code);
      },
    });
  }

  #take(name: string, payload: unknown): void {
    const about = payload as { site?: string; article?: unknown };
    const key = typeof about.article === "object" ? (about.article as Article | null)?.id : about.article;
    if (name === "token.expired") return void this.#expired();
    if (about.site !== this.store.site || key !== this.store.article) return;
    if (name === "thread.batch") this.store.apply({ type: "batch", batch: payload as Batch });
    else if (name === "thread.reset") this.store.apply({ type: "reset" });
    else if (name === "article.changed") this.store.apply({ type: "article", article: about.article as Article });
    else if (name === "mine.changed") void this.#mine();
    this.#repair();
  }

  /** A gap is filled after a moment, not by everybody at once; a reset loads the page again. */
  #repair(): void {
    const { stale } = this.store.thread;
    if (!stale || this.#catching !== undefined) return;
    this.#catching = setTimeout(() => {
      this.#catching = undefined;
      if (this.store.thread.stale === "reset") void this.store.load();
      else void this.catchUp();
    }, SOON + Math.random() * JITTER);
  }

  async catchUp(): Promise<void> {
    try {
      const answer = await this.store.call<Changes>(`${this.store.path}/changes?after=${this.store.thread.seq}`);
      this.store.apply({ type: "changes", answer });
      this.#repair();
    } catch {
      // The line's next connection asks again.
    }
  }

  async #mine(): Promise<void> {
    const turn = ++this.#mineAsked;
    const drafts = this.store.thread.drafts.length;
    try {
      const mine = await this.store.call<Mine>(`${this.store.path}/mine`);
      if (turn !== this.#mineAsked) return;
      // A post was answered meanwhile: this answer may be older than that one.
      if (this.store.thread.drafts.length < drafts) return void this.#mine();
      this.store.apply({ type: "mine", mine });
    } catch {
      // Asked again with the next change or connection.
    }
  }

  async #expired(): Promise<void> {
    this.#session.forget();
    this.#tellToken(await this.#session.token().catch(() => null));
  }

  #tellToken(token: string | null): void {
    this.#line?.ask("token", { token }).catch(() => {});
  }

  #sendAgain = (): void => this.store.write?.sendAgain(this.store);
}
