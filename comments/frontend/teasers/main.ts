// teasers.js, a publisher's second script tag, for front pages: defines <comment-most-discussed> and <comment-picks>,
// which ask for their JSON and draw it node by node. No dependency, no HTML is parsed, nothing inline.
import { DEEPEST, parts } from "../shared/tree";
import type { Tree, TreeNode } from "../shared/types";
import STYLE from "./style.css";

interface Discussed { articles: { id: string; title: string | null; url: string | null; comments: number }[] }
interface Picks { picks: { comment: { id: string; author: { name: string | null } | null; body: Tree | null; created_at: string; language?: string | null }; article: { id: string; title: string | null }; url: string }[] }

const own: unknown = document.currentScript; // an <img name=currentScript> stands in its way
const script = own instanceof HTMLScriptElement ? own : document.querySelector<HTMLScriptElement>('script[src*="/teasers.js"]');
const base = (script?.src ?? "").replace(/\/teasers\.js([?#].*)?$/, "");

const make = (tag: string, part: string, ...children: (Node | string)[]): HTMLElement => {
  const one = document.createElement(tag);
  if (part) one.setAttribute("part", part);
  one.append(...children);
  return one;
};

/** What a member wrote, of the same few elements as in the thread; their links are text on other pages. */
function drawn(node: TreeNode, depth = 0): Node | string {
  if (typeof node === "string") return node;
  const { tag, children } = parts(node);
  const inside = depth < DEEPEST && tag !== "br" ? children.map((child) => drawn(child, depth + 1)) : [];
  return make(!tag || tag === "a" ? "span" : tag === "mention" ? "b" : tag, "", ...inside);
}

/** The first of the wished languages that there are words for. */
const spoken = (...wished: (string | null | undefined)[]): string =>
  wished.map((one) => one?.split("-")[0]!.toLowerCase()).find((one) => one && Object.hasOwn(TEASER_TEXTS, one)) ?? "en";

abstract class Teaser extends HTMLElement {
  static observedAttributes = ["site", "window", "by", "limit", "lang"];
  abstract kind: string;
  language = "en";
  #root = this.attachShadow({ mode: "open" });
  #turn = 0;

  /** The items of an answer. */
  abstract items(answer: unknown): HTMLElement[];

  connectedCallback(): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    this.#begin();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#begin();
  }

  text(key: string, n = 0): string {
    const texts = TEASER_TEXTS[this.language]!;
    return (texts[key] ?? texts["other"]!).replace("{n}", n.toLocaleString(this.language));
  }

  /** A link whose following the page is told of, and may take over. */
  link(url: string | null, article: string, title: string | null, comment: string | null = null): HTMLElement {
    const site = this.getAttribute("site")!;
    const plain = `${base}/articles/${encodeURIComponent(site)}/${encodeURIComponent(article)}`;
    const href = url && /^https?:/.test(url) ? url : plain;
    const link = Object.assign(make("a", "link", title || this.text("title")), { href, dir: "auto" });
    link.onclick = (event) => {
      const detail = { site, teaser: this.kind, article, comment, url: href };
      const told = new CustomEvent("comments:teaser", { bubbles: true, composed: true, cancelable: true, detail });
      if (!this.dispatchEvent(told)) event.preventDefault();
    };
    return link;
  }

  /** A page sets attributes one after the other: begin once, when it has finished. */
  #begin(): void {
    const turn = ++this.#turn;
    queueMicrotask(async () => {
      const site = this.getAttribute("site");
      if (turn !== this.#turn || !site) return;
      const query = new URLSearchParams(["window", "by", "limit"].flatMap((name) => this.hasAttribute(name) ? [[name, this.getAttribute(name)!]] : []));
      const answer = await fetch(`${base}/api/v1/sites/${encodeURIComponent(site)}/${this.kind}?${query}`, { credentials: "omit" })
        .then((response) => response.ok ? response.json() : null, () => null) as unknown;
      if (turn !== this.#turn) return;
      this.language = spoken(this.closest<HTMLElement>("[lang]")?.lang, navigator.language);
      const items = answer ? this.items(answer) : [];
      const heading = Object.assign(document.createElement("slot"), { name: "heading" });
      const list = Object.assign(make("ol", "list", ...items), { lang: this.language, dir: /ar|he/.test(this.language) ? "rtl" : "ltr" });
      this.#root.replaceChildren(...(items.length ? [heading, list] : [])); // of nothing there is no heading either
    });
  }
}

class MostDiscussed extends Teaser {
  kind = "most-discussed";

  items({ articles }: Discussed): HTMLElement[] {
    return articles.map(({ id, title, url, comments }) => make(
      "li", "item", this.link(url, id, title), " ",
      make("span", "count", this.text(new Intl.PluralRules(this.language).select(comments), comments)),
    ));
  }
}

class SaidByReaders extends Teaser {
  kind = "picks";

  items({ picks }: Picks): HTMLElement[] {
    return picks.map(({ comment, article, url }) => {
      const body = Object.assign(make("blockquote", "body", ...(comment.body ?? []).map((node) => drawn(node))), { dir: "auto", lang: comment.language ?? "" });
      const time = Object.assign(make("time", "time", new Date(comment.created_at).toLocaleDateString(this.language, { dateStyle: "medium" })), { dateTime: comment.created_at });
      const name = make("bdi", "name", comment.author?.name || this.text("someone"));
      return make("li", "item", body, make("p", "from", name, " ", time, " ", this.link(url, article.id, article.title, comment.id)));
    });
  }
}

if (!customElements.get("comment-picks")) {
  customElements.define("comment-most-discussed", MostDiscussed);
  customElements.define("comment-picks", SaidByReaders);
}
