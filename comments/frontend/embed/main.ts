// embed.js, the publisher's script tag: renders a thread where the tag stands, defines <comment-thread>, fills the
// counts. No dependency, no global, nothing loaded before the reader comes near; import() suits strict CSP and Trusted Types.
import { fillCounts } from "./counts";
import { defineThread, NAME } from "./element";

const own: unknown = document.currentScript; // an <img name=currentScript> stands in its way
const script = own instanceof HTMLScriptElement ? own : document.querySelector<HTMLScriptElement>('script[data-site][src*="/embed.js"]');

/** The attributes of a thread that a script tag may carry as data-…. */
const CARRIED = ["token", "token-url", "lang", "theme", "sort", "article-url", "article-title", "article-section", "comment"];

function place(tag: HTMLScriptElement): void {
  const { site, article } = tag.dataset;
  if (!site || !article || !tag.closest("body")) return;
  const element = document.createElement(NAME);
  element.setAttribute("site", site);
  element.setAttribute("article", article);
  for (const name of CARRIED) {
    const value = tag.getAttribute(`data-${name}`);
    if (value !== null) element.setAttribute(name, value);
  }
  tag.after(element);
}

if (script) {
  const base = new URL(script.src).href.replace(/\/embed\.js([?#].*)?$/, "");
  if (!customElements.get(NAME)) {
    defineThread(base);
    fillCounts(base, script.dataset["site"]);
  }
  place(script);
}
