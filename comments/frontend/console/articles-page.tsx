// The site's articles: how much is said under each, and who may still say something. The mode is switched on the spot,
// or at a time that is planned.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { HoursButton } from "./hours-dialog";
import type { Hours } from "./hours-dialog";
import { Icon } from "./icons";
import { Link } from "./link";
import { ModeSelect } from "./mode-select";
import { navigate } from "./router";
import { Time } from "./time";
import type { Article, ArticleRow, Mode } from "./types";
import { usePages } from "./use-pages";
import { failureText, number, t } from "./words";

/** Milliseconds of silence after which a search is meant. */
const TYPED = 250;

interface RowProps {
  article: ArticleRow;
  site: string;
  onMode: (mode: Mode) => void;
  onHours: (hours: Hours) => Promise<void>;
}

function Row({ article, site, onMode, onHours }: RowProps): JSX.Element {
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
      <td class="mode-cell">
        <ModeSelect mode={article.mode} title={title} onMode={onMode} />
        <HoursButton title={title} article={article} onSave={onHours} />
      </td>
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

  const put = ({ id, mode, opens_at, closes_at }: Pick<Article, "id" | "mode" | "opens_at" | "closes_at">): void =>
    pages.change((all) =>
      all.map((one) => {
        if (one.id !== id) return one;
        const { opens_at: _opens, closes_at: _closes, ...rest } = one;
        return { ...rest, mode, ...(opens_at && { opens_at }), ...(closes_at && { closes_at }) };
      }),
    );
  const plan = async (article: ArticleRow, hours: Hours): Promise<void> => put(await api.setHours(site.key, article.id, hours));
  const switchMode = async (article: ArticleRow, mode: Mode): Promise<void> => {
    put({ ...article, mode });
    try {
      put(await api.setMode(site.key, article.id, mode));
    } catch (error) {
      put(article);
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
              <Row key={article.id} article={article} site={site.key} onMode={(mode) => void switchMode(article, mode)} onHours={(hours) => plan(article, hours)} />
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
