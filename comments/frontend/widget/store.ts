// One thread on the page: its state, how it is loaded first, and who is told. Components draw it and call it. State
// changes only through `apply`: what the first page needs is here, the rest comes with the chunk later.js.
import { answerOf, ask, problemIn, type Call } from "../shared/api";
import { createWords, type Words } from "../shared/i18n";
import type { Mounting } from "../shared/mounting";
import { firstPage } from "../shared/pages";
import { articlePath, pagePath } from "../shared/paths";
import { emptyThread, type Thread } from "../shared/state";
import { viewOf, type View } from "../shared/thread_view";
import type { ThreadEvent } from "../shared/thread";
import type { Page, Problem, Site, Sort } from "../shared/types";
import english from "words:read";
import type * as Later from "./later";

/** The key under which a draft is kept in this browser. */
export const draftKey = (site: string, article: string, parent: string | null): string =>
  `comments:draft:${site}:${article}:${parent ?? ""}`;

export class ThreadStore {
  thread: Thread;
  view: View;
  phase: "loading" | "ready" | "failed" | "locked" = "loading";
  problem: Problem | null = null;
  /** The site, when reading it is not for this viewer. */
  lock: Site | null = null;
  /** Is it known by now who is signed in? */
  asked = false;
  /** The line to the server is down. */
  cut = false;
  /** At least so many have the page open; 0: nobody says. */
  readers = 0;
  busy = false;
  now = Date.now();
  /** Said to screen readers, politely; `toasted`: in sight too. */
  said = "";
  toasted = false;
  /** The permalink's comment. */
  highlight: string | null = null;
  /** Composers to open again: the comment answered ("" the article), with why its text was refused. */
  readonly refusals = new Map<string, Problem | null>();
  /** The chunk for everything beyond the first page, once it is there. */
  later: typeof Later | null = null;
  /** Both are replaced by the later chunk: with the whole `apply`, and with calls as whoever is signed in. */
  reduce = (thread: Thread, event: ThreadEvent): Thread => (event.type === "page" ? firstPage(thread, event) : thread);
  call: <T>(path: string, call?: Call) => Promise<T> = (path, call) => ask(this.root + path, call);
  /** Told when the thread is unmounted; from then on it is over, whatever is still on its way. */
  readonly ends: (() => void)[] = [];
  over = false;
  readonly words: Words;
  readonly site: string;
  readonly article: string;
  readonly path: string;
  readonly root: string;
  /** Set by the one component that draws the store. */
  draw: () => void = () => {};
  #loading: Promise<typeof Later> | undefined;

  constructor(readonly mounting: Mounting) {
    const attribute = (name: string): string => mounting.element.getAttribute(name) ?? "";
    this.site = attribute("site");
    this.article = attribute("article");
    this.path = articlePath(this.site, this.article);
    this.root = `${mounting.base}/api/v1`;
    this.words = createWords(mounting.language, english, mounting.texts);
    this.thread = emptyThread(this.article, (attribute("sort") || "newest") as Sort);
    this.view = viewOf(this.thread);
    const clock = setInterval(() => this.tell({ now: Date.now() }), 60_000);
    this.ends.push(() => clearInterval(clock));
  }

  tell(change: Partial<ThreadStore> = {}): void {
    Object.assign(this, change);
    this.draw();
  }

  apply(event: ThreadEvent): void {
    const before = this.thread;
    this.thread = this.reduce(before, event);
    this.view = viewOf(this.thread);
    if (this.thread.total !== before.total || event.type === "page") this.emit("count", { total: this.thread.total });
    this.draw();
  }

  /** Tells the publisher's page; false when it has prevented the default. */
  emit(name: string, detail: Record<string, unknown> = {}): boolean {
    return this.over || this.mounting.element.dispatchEvent(new CustomEvent(`comments:${name}`, {
      bubbles: true, composed: true, cancelable: true, detail: { site: this.site, article: this.article, ...detail },
    }));
  }

  async start(): Promise<void> {
    const { first, comment } = this.mounting;
    if (!comment) await this.load(this.thread.sort, first);
    let later: typeof Later | undefined;
    while (!later) {
      later = await this.need().catch((): undefined => {});
      if (this.over) return;
      if (!later) await new Promise((done) => setTimeout(done, 2_000 + Math.random() * 4_000)); // the line comes back
    }
    if (comment) await later.open(this, comment);
    later.connect(this);
    if (this.phase === "ready") this.emit("ready", { total: this.thread.total });
  }

  /** The first page in an order; as whoever is signed in, where not everybody may read. */
  async load(sort = this.thread.sort, first?: Promise<Response> | null): Promise<void> {
    this.tell({ busy: true });
    const page = (): Promise<Page> => this.call<Page>(pagePath(this.site, this.article, sort));
    try {
      const found = await (first ? first.then(answerOf<Page>) : page()).catch(async (error) => {
        if (this.later || !problemIn(error).site) throw error;
        await this.need();
        return page();
      });
      this.apply({ type: "page", page: found, sort });
      this.tell({ phase: "ready", problem: null, lock: null });
    } catch (error) {
      const problem = problemIn(error);
      this.tell({ phase: problem.site ? "locked" : "failed", lock: problem.site ?? null, problem });
      if (!problem.site) this.emit("error", { code: problem.code });
    }
    this.tell({ busy: false });
  }

  /** Settled when it is known who is signed in; tried again where the chunk could not be loaded. */
  need(): Promise<typeof Later> {
    return this.#loading ??= (import(this.mounting.chunk) as Promise<typeof Later>).then(async (later) => {
      if (this.over) throw new Error("unmounted");
      this.later = later;
      await later.begin(this);
      return later;
    }).catch((error) => {
      this.#loading = undefined;
      throw error;
    });
  }

  /** For buttons: what the later chunk does, when it is there. */
  act(work: (later: typeof Later) => unknown): void {
    this.need().then(work).catch(() => this.emit("error", { code: "offline" }));
  }

  /** Brings a comment into sight and gives it the focus. */
  reveal(id: string | undefined, block: ScrollLogicalPosition = "center"): void {
    const found = this.mounting.root.getElementById(`comment-${id}`);
    found?.scrollIntoView({ block });
    found?.focus({ preventScroll: true });
  }

  /** Is there a text that somebody began and did not post? */
  hasDraft(parent: string | null): boolean {
    try {
      return !!localStorage.getItem(draftKey(this.site, this.article, parent));
    } catch {
      return false;
    }
  }
}
