// The site's articles: how much is said under each, and who may still say something. The mode is switched on the spot.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Icon } from "./icons";
import { Link } from "./link";
import { ModeSelect } from "./mode-select";
import { navigate } from "./router";
import { Time } from "./time";
import type { ArticleRow, Mode } from "./types";
import { usePages } from "./use-pages";
import { failureText, number, t } from "./words";

/** Milliseconds of silence after which a search is meant. */
const TYPED = 250;

function Row({ article, site, onMode }: { article: ArticleRow; site: string; onMode: (mode: Mode) => void }): JSX.Element {
  const title = article.title ?? article.id;
  return (
    <tr>
      <td class="article-cell">
        {article.url === null ? (
          <span dir="auto">{title}</span>
        ) : (
          <a href={article.url} target="_blank" rel="noreferrer" dir="auto">
            {title} <Icon name="outside" />
          </a>
        )}
        {article.title !== null && <small class="quiet">{article.id}</small>}
      </td>
      <td class="figure" data-label={t("console.articles.total")}>{number(article.total)}</td>
      <td class={`figure${article.waiting > 0 ? " warm" : " quiet"}`} data-label={t("console.articles.waiting")}>{number(article.waiting)}</td>
      <td class="quiet created"><Time at={article.created_at} day /></td>
      <td class="rules-cell">
        <Link route={{ page: "rules", site, article: article.id }} label={t("console.rules.of_article", { title })}>{t("console.rules")}</Link>
      </td>
      <td class="mode-cell"><ModeSelect mode={article.mode} title={title} onMode={onMode} /></td>
    </tr>
  );
}

function Search({ q }: { q: string }): JSX.Element {
  const { site } = useDesk();
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => navigate({ page: "articles", site: site.key, q: typed.trim() }, "replace"), TYPED);
    return () => clearTimeout(timer);
  }, [typed, site.key]);
  useEffect(() => {
    if (document.activeElement !== box.current) setTyped(q);
  }, [q]);
  return (
    <label class="search">
      <Icon name="search" />
      <span class="unseen">{t("console.articles.search")}</span>
      <input
        ref={box}
        type="search"
        value={typed}
        placeholder={t("console.articles.search")}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
    </label>
  );
}

export function ArticlesPage({ q }: { q: string }): JSX.Element {
  const { api, site, say } = useDesk();
  const pages = usePages<ArticleRow>(`${site.key} ${q}`, async (cursor, signal) => {
    const { articles, next_cursor } = await api.articles(site.key, q, cursor, signal);
    return { items: articles, next_cursor };
  });
  useEffect(() => {
    document.title = `${t("console.articles")} – ${site.name}`;
  }, [site.name]);

  const put = (id: string, mode: Mode): void =>
    pages.change((all) => all.map((one) => (one.id === id ? { ...one, mode } : one)));
  const switchMode = async (article: ArticleRow, mode: Mode): Promise<void> => {
    put(article.id, mode);
    try {
      put(article.id, (await api.setMode(site.key, article.id, mode)).mode);
    } catch (error) {
      put(article.id, article.mode);
      say({ tone: "bad", text: failureText(error) });
    }
  };

  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t("console.articles")}</h1>
        <Search q={q} />
      </header>
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && !pages.busy && (
        <Nothing title={t("console.articles.none")} text={t(q === "" ? "console.articles.none_text" : "console.articles.none_found")} />
      )}
      {pages.items !== null && pages.items.length > 0 && (
        <table class="table articles">
          <thead>
            <tr>
              <th scope="col">{t("console.articles.article")}</th>
              <th scope="col" class="figure">{t("console.articles.total")}</th>
              <th scope="col" class="figure">{t("console.articles.waiting")}</th>
              <th scope="col" class="created">{t("console.articles.created")}</th>
              <th scope="col">{t("console.rules")}</th>
              <th scope="col">{t("console.articles.mode")}</th>
            </tr>
          </thead>
          <tbody>
            {pages.items.map((article) => (
              <Row key={article.id} article={article} site={site.key} onMode={(mode) => void switchMode(article, mode)} />
            ))}
          </tbody>
        </table>
      )}
      {pages.items !== null && pages.fault !== null && <p class="fault" role="alert">{pages.fault}</p>}
      {pages.cursor !== null && (
        <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>
      )}
    </div>
  );
}
