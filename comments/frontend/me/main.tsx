// me.js: one's own page. The server has found a visit when it serves it; the words of the page's language lie apart.
import { render } from "preact";
import { problemIn } from "../shared/api";
import { createWords, type Texts } from "../shared/i18n";
import { createApi } from "./api";
import { Page } from "./page";
import "./me.css";

async function begin(place: HTMLElement): Promise<void> {
  const { site = "", texts = "" } = place.dataset;
  const language = document.documentElement.lang;
  const api = createApi(site, language, () => location.reload());
  const [words, visit] = await Promise.all([
    (import(texts) as Promise<{ default: Texts }>).then((found) => createWords(language, found.default)),
    api.visit(),
  ]);
  render(<Page api={api} words={words} first={visit} />, place);
}

const place = document.getElementById("me");
if (place) begin(place).catch((error) => {
  const again = document.createElement("button"); // of any language, because no words came
  again.textContent = "↻";
  again.ariaLabel = problemIn(error).code;
  again.onclick = () => location.reload();
  place.replaceChildren(again);
});
