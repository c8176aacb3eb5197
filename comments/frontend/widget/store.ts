// One thread on the page: its state, how it is loaded first, and who is told. Components draw it and call it. State
// changes only through `apply`: what the first page needs is here, the rest comes with the chunk later.js.
import { answerOf, ask, problemIn, type Call } from "../shared/api";
import { createWords, type Texts, type Words } from "../shared/i18n";
import type { Mounting } from "../shared/mounting";
import { firstPage } from "../shared/pages";
import { articlePath, pagePath } from "../shared/paths";
import { emptyThread, type Thread } from "../shared/state";
import { viewOf, type View } from "../shared/thread_view";
import type { ThreadEvent } from "../shared/thread";
import type { Page, Problem, Site, Sort } from "../shared/types";
import english from "words:read";
import type * as Beside from "./beside";
import type * as Later from "./later";
import type * as Write from "./write";

/** The key under which this browser remembers the visits to a site's articles. */
export const visitsKey = (site: string): string => `comments:visits:${site}`;

const stored = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

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
  /** How many roots are drawn: first what fills a screen, then some more with each turn. */
  drawn = 8;
  now = Date.now();
  /** Said to screen readers, politely; `toasted`: in sight too. */
  said = "";
  toasted = false;
  /** The permalink's comment. */
  highlight: string | null = null;
  /** Threads that the reader has folded up; what is new since the last visit. */
  readonly folded = new Set<string>();
  fresh: ReadonlySet<string> = new Set();
  /** Those of them that the reader was led to. */
  readonly stepped = new Set<string>();
  /** Was somebody here before? Then a line is kept free for what is new. */
  readonly returning: boolean;
  /** Could they write? Then no place is kept free for the gate. */
  readonly writer: boolean;
  /** Asks once for what is new beyond the first page. */
  missed: () => Promise<void> = async () => {};
  /** The viewer's notifications, at all articles of the site. */
  unread = 0;
  /** The tab that is open: "" the conversation, "picks" or "answers". */
  tab = "";
  /** Composers to open again: the comment answered ("" the article), with why its text was refused. */
  readonly refusals = new Map<string, Problem | null>();
  /** The chunk for everything beyond the first page, once it is there. */
  later: typeof Later | null = null;
  /** The chunk for all that writes, once it is there. */
  write: typeof Write | null = null;
  /** The chunk for what stands beside the conversation, for whom there is any of it. */
  beside: typeof Beside | null = null;
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
  /** Set by the one component that draws the store; comments that are shown look for themselves whether they changed. */
  draw: () => void = () => {};
  readonly shown = new Set<{ look: () => void }>();
  #loading: Promise<typeof Later> | undefined;
  #writing: Promise<typeof Write> | undefined;

  constructor(readonly mounting: Mounting) {
    const attribute = (name: string): string => mounting.element.getAttribute(name) ?? "";
    this.site = attribute("site");
    this.article = attribute("article");
    this.path = articlePath(this.site, this.article);
    this.root = `${mounting.base}/api/v1`;
    const visits = stored(visitsKey(this.site)) ?? "";
    this.returning = visits.includes(`${JSON.stringify(this.article)}:`);
    this.writer = visits.includes('"":');
    this.words = createWords(mounting.language, english, mounting.texts?.default);
    this.thread = emptyThread(this.article, (attribute("sort") || "newest") as Sort);
    this.view = viewOf(this.thread);
    const clock = setInterval(() => this.tell({ now: Date.now() }), 60_000);
    this.ends.push(() => clearInterval(clock));
  }

  tell(change: Partial<ThreadStore>): void {
    Object.assign(this, change);
    this.draw();
  }

  apply(event: ThreadEvent): void {
    const before = this.thread;
    this.thread = this.reduce(before, event);
    this.view = viewOf(this.thread, this.view);
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
    if (!comment) {
      await this.load(this.thread.sort, first);
      await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
      if (this.over) return;
    }
    this.#drawOn();
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

  /** The roots beyond the first frame, a few in each turn: no key and no finger waits for all of them. */
  #drawOn(): void {
    if (this.drawn < this.view.roots.length) setTimeout(() => this.#drawOn());
    else this.drawn = Infinity;
    this.tell({ drawn: this.drawn + 4 });
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
      // What is there stays, with the drafts in it.
      if (this.phase === "ready" && !problem.site) this.tell({ said: this.words.t("thread.failed") });
      else {
        this.later?.taste(this, problem);
        this.tell({ phase: problem.site ? "locked" : "failed", lock: problem.site ?? null, problem });
      }
      if (!problem.site) this.emit("error", { code: problem.code });
    }
    this.tell({ busy: false });
  }

  /** Settled when it is known who is signed in; tried again where the chunk could not be loaded. */
  need(): Promise<typeof Later> {
    return this.#loading ??= this.#begin().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
  }

  async #begin(): Promise<typeof Later> {
    const { base, chunks, texts } = this.mounting;
    const [later, words] = await Promise.all([
      import(chunks[0]) as Promise<typeof Later>,
      import(`${base}/static/${texts?.rest ?? ENGLISH}`) as Promise<{ default: Texts }>,
    ]);
    if (this.over) throw new Error("unmounted");
    this.words.add(words.default);
    this.later = later;
    await later.begin(this);
    return later;
  }

  /** The chunk for all that writes, loaded when it is first needed. */
  needWrite(): Promise<typeof Write> {
    return this.#writing ??= this.need().then(() => import(this.mounting.chunks[1]) as Promise<typeof Write>).then((write) => {
      if (this.over) throw new Error("unmounted");
      write.begin(this);
      this.tell({ write });
      return write;
    }).catch((error) => {
      this.#writing = undefined;
      throw error;
    });
  }

  /** For buttons that open something to write in. */
  compose(work: (write: typeof Write) => unknown): void {
    // On a slow line something says that the click was heard.
    const slow = setTimeout(() => this.tell({ said: this.words.t("thread.wait"), toasted: true }), 250);
    this.needWrite().then((write) => {
      this.tell({ toasted: false });
      work(write);
    }).catch(() => {
      this.tell({ said: this.words.t("thread.again"), toasted: true });
      this.emit("error", { code: "offline" });
    }).then(() => clearTimeout(slow));
  }

  /** For buttons: what the later chunk does, when it is there. */
  act(work: (later: typeof Later) => unknown): void {
    this.need().then(work).catch(() => this.emit("error", { code: "offline" }));
  }
}
