// <comment-thread>: waits until the reader comes near, then loads the widget (and its language and the first page at
// the same time) and mounts it into a shadow root. Pages may add, change, move and remove it at will.
import { draftKey, LEFT, pagePath } from "../shared/paths";
import { pickLanguage } from "../shared/language";
import type { Mounted, Mounting, ThreadElement, WidgetModule } from "../shared/mounting";
import type { Sort } from "../shared/types";

export const NAME = "comment-thread";

/** How near the reader must come, in pixels of scrolling. */
const NEAR = "800px";
const REMOUNT = ["site", "article", "lang", "theme", "sort", "article-url", "article-title", "article-section", "comment"];
const RENEW = ["token", "token-url"];

/** Keeps its place while it is empty, so that what stands below does not jump. */
const RESERVED = ":host{display:block;min-height:16rem}:host([hidden]){display:none}";

const spoken = CHUNKS.words.split(" ");

const linked = (): string | null => /^#comment-(\d+)$/.exec(location.hash)?.[1] ?? null;

/** Does the reader come back from the publisher's log-in, to the text that they were writing? */
function left(element: Element): string | null | undefined {
  try {
    return localStorage.getItem(draftKey(element.getAttribute("site") ?? "", element.getAttribute("article") ?? "", LEFT));
  } catch {
    return undefined; // this browser keeps nothing
  }
}

/** Loads what the thread needs; answers how to mount it, because the element may have changed meanwhile. */
async function load(element: ThreadElement, root: ShadowRoot, base: string): Promise<() => Mounted> {
  const attribute = (name: string): string | null => element.getAttribute(name);
  const place = (file: string): string => `${base}/static/${file}`;
  const language = pickLanguage(
    [attribute("lang"), element.closest<HTMLElement>("[lang]")?.lang, navigator.language], spoken,
  );
  const words = spoken.includes(language) && `locale-${language}-${CHUNKS.mark}.js`;
  const comment = attribute("comment") ?? linked();
  const sort = (attribute("sort") ?? "newest") as Sort;
  const first = comment ? null : fetch(
    `${base}/api/v1${pagePath(attribute("site") ?? "", attribute("article") ?? "", sort)}`, { credentials: "omit" },
  );
  first?.catch(() => {}); // the widget looks at it when it is there
  const [widget, texts] = await Promise.all([
    import(place(CHUNKS.widget)) as Promise<WidgetModule>,
    words && (import(place(words)) as Promise<Mounting["texts"]>).catch(() => undefined),
  ]);
  return () => widget.mount({ element, root, base, chunks: [CHUNKS.later, CHUNKS.write, CHUNKS.beside].map(place) as Mounting["chunks"], language, texts: texts || undefined, first, comment });
}

export function defineThread(base: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(RESERVED);

  class CommentThread extends HTMLElement {
    static observedAttributes = [...REMOUNT, ...RENEW];
    #root = this.attachShadow({ mode: "open" });
    #mounted: Mounted | null = null;
    #turn = 0;
    #observer: IntersectionObserver | null = null;
    #getToken: ThreadElement["getToken"];

    get getToken(): ThreadElement["getToken"] {
      return this.#getToken;
    }

    set getToken(value: ThreadElement["getToken"]) {
      this.#getToken = value;
      this.#mounted?.renew();
    }

    connectedCallback(): void {
      if (Object.hasOwn(this, "getToken")) { // set before the element was defined
        const { getToken } = this;
        Reflect.deleteProperty(this, "getToken");
        this.getToken = getToken;
      }
      addEventListener("hashchange", this.#follow);
      this.#begin();
    }

    disconnectedCallback(): void {
      removeEventListener("hashchange", this.#follow);
      this.#end();
    }

    attributeChangedCallback(name: string, before: string | null, after: string | null): void {
      if (!this.isConnected || before === after) return;
      if (RENEW.includes(name)) this.#mounted?.renew();
      else this.#begin();
    }

    #follow = (): void => {
      const id = linked();
      if (!id) return;
      if (this.#mounted) this.#mounted.open(id);
      else this.#begin();
    };

    /** A page sets attributes one after the other: begin once, when it has finished. */
    #begin(): void {
      this.#end();
      const turn = this.#turn;
      queueMicrotask(() => {
        if (turn !== this.#turn || !this.getAttribute("site") || !this.getAttribute("article")) return;
        this.#root.adoptedStyleSheets = [sheet];
        if (this.hasAttribute("comment") || linked() || left(this)) return void this.#mount(turn);
        this.#observer = new IntersectionObserver((entries) => {
          if (entries.some((entry) => entry.isIntersecting)) void this.#mount(turn);
        }, { rootMargin: NEAR });
        this.#observer.observe(this);
      });
    }

    async #mount(turn: number): Promise<void> {
      this.#observer?.disconnect();
      try {
        const mount = await load(this, this.#root, base);
        if (turn === this.#turn) this.#mounted = mount();
      } catch {
        const again = document.createElement("button");
        again.textContent = "↻";
        again.ariaLabel = "Comments"; // of any language, because no words came
        again.onclick = () => this.#begin();
        this.#root.replaceChildren(again);
        const detail = { code: "not_loaded" };
        this.dispatchEvent(new CustomEvent("comments:error", { bubbles: true, composed: true, detail }));
      }
    }

    #end(): void {
      this.#turn += 1;
      this.#observer?.disconnect();
      this.#mounted?.unmount();
      this.#mounted = null;
    }
  }

  customElements.define(NAME, CommentThread);
}
