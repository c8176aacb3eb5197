// Search over all comments and members: one field, two tabs, the newest first. What is looked for stands in the address.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Icon } from "./icons";
import { useKeyOf } from "./key-hint";
import { Link } from "./link";
import { excerpt } from "./excerpt";
import { navigate, SEARCH_KINDS } from "./router";
import type { SearchKind } from "./router";
import { Time } from "./time";
import type { FoundComment, FoundMember } from "./types";
import { usePages } from "./use-pages";
import { number, personName, statusName, t } from "./words";

/** Milliseconds of silence after which a search is meant. */
const TYPED = 300;
const STATUSES = ["published", "waiting", "rejected", "withdrawn"];

interface SearchProps {
  q: string;
  kind: SearchKind;
  status: string;
}

/** To the search page from anywhere; there, to its field. */
export function toSearch(site: string): void {
  const box = document.querySelector<HTMLInputElement>(".page input[type=search]");
  if (box !== null) return box.focus();
  navigate({ page: "search", site, q: "", kind: "comments", status: "" });
}

function Box({ q, kind, status }: SearchProps): JSX.Element {
  const { site } = useDesk();
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q);
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    if (typed.trim() === q) return;
    const timer = setTimeout(() => navigate({ page: "search", site: site.key, q: typed.trim(), kind, status }, "replace"), TYPED);
    return () => clearTimeout(timer);
  }, [typed, q, kind, status, site.key]);
  useEffect(() => {
    if (document.activeElement !== box.current) setTyped(q);
  }, [q]);
  return (
    <label class="search wide">
      <Icon name="search" />
      <span class="unseen">{t("console.search")}</span>
      <input
        ref={box}
        type="search"
        value={typed}
        maxLength={300}
        placeholder={t(`console.search.hint.${kind}`)}
        aria-keyshortcuts={useKeyOf("search")}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
    </label>
  );
}

function Marked({ hit }: { hit: FoundComment }): JSX.Element {
  const parts = excerpt(hit.comment.text ?? "", hit.marks);
  return <p class="hit-text" dir="auto">{parts.map((part, at) => (part.marked ? <mark key={at}>{part.text}</mark> : part.text))}</p>;
}

function CommentHit({ hit, site }: { hit: FoundComment; site: string }): JSX.Element {
  const { comment, article } = hit;
  return (
    <li class="hit">
      <Link route={{ page: "comment", site, id: comment.id }}>
        <span class="hit-top">
          <bdi class="row-name">{personName(comment.author)}</bdi>
          <span class={`status status-${comment.status}`}>{statusName(comment.status)}</span>
          <Time at={comment.created_at} />
        </span>
        <Marked hit={hit} />
        <span class="row-article" dir="auto">{[article.title ?? article.id, article.section].filter(Boolean).join(" · ")}</span>
      </Link>
    </li>
  );
}

function MemberHit({ hit, site }: { hit: FoundMember; site: string }): JSX.Element {
  const { author, sub } = hit;
  const state = author.banned ? t("console.search.banned") : null;
  return (
    <li class="hit">
      <Link route={{ page: "member", site, id: author.id }}>
        <span class="hit-top">
          <bdi class="row-name">{personName(author)}</bdi>
          {state !== null && <span class="tag bad">{state}</span>}
          <span class="quiet">{t("console.search.since")} <Time at={author.first_seen} day /></span>
        </span>
        <span class="quiet hit-sub" dir="ltr">{sub}</span>
        <span class="quiet">{t("console.search.member_figures", { published: number(author.published), rejected: number(author.rejected) })}</span>
      </Link>
    </li>
  );
}

function Tabs({ q, kind, status }: SearchProps): JSX.Element {
  const { site } = useDesk();
  return (
    <div class="search-line">
      <nav class="tabs" aria-label={t("console.search.kinds")}>
        {SEARCH_KINDS.map((one) => (
          <Link key={one} class="tab" current={one === kind ? "page" : false} route={{ page: "search", site: site.key, q, kind: one, status: one === "comments" ? status : "" }}>
            {t(`console.search.${one}`)}
          </Link>
        ))}
      </nav>
      {kind === "comments" && (
        <select
          aria-label={t("console.search.status")}
          value={status}
          onChange={(event) => navigate({ page: "search", site: site.key, q, kind, status: event.currentTarget.value }, "replace")}
        >
          <option value="">{t("console.search.any_status")}</option>
          {STATUSES.map((one) => <option key={one} value={one}>{statusName(one)}</option>)}
        </select>
      )}
    </div>
  );
}

export function SearchPage({ q, kind, status }: SearchProps): JSX.Element {
  const { api, site } = useDesk();
  const pages = usePages<FoundComment | FoundMember>(`${site.key} ${kind} ${status} ${q}`, async (cursor, signal) => {
    if (q === "") return { items: [], next_cursor: null };
    const page = await api.search(site.key, { q, kind, status, cursor }, signal);
    return { items: kind === "comments" ? page.comments : page.members, next_cursor: page.next_cursor };
  });
  useEffect(() => {
    document.title = `${q === "" ? "" : `${q} – `}${t("console.search")} – ${site.name}`;
  }, [q, site.name]);
  const { items } = pages;
  // A page on which nothing was found although there is more behind it: on by itself.
  useEffect(() => {
    if (items?.length === 0 && pages.cursor !== null && !pages.busy) pages.more();
  }, [items, pages.cursor, pages.busy]);
  const fitting = items?.filter((one) => (kind === "comments") === "comment" in one) ?? [];
  return (
    <div class="sheet searching">
      <header class="sheet-head">
        <h1 class="unseen">{t("console.search")}</h1>
        <Box q={q} kind={kind} status={status} />
      </header>
      <Tabs q={q} kind={kind} status={status} />
      {items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {items !== null && pages.fault !== null && <p class="fault" role="alert">{pages.fault}</p>}
      {q === "" && pages.fault === null && <Nothing title={t("console.search.begin")} text={t(`console.search.begin_${kind}`)} />}
      {q !== "" && fitting.length === 0 && items !== null && !pages.busy && pages.fault === null && pages.cursor === null && (
        <Nothing title={t("console.search.none")} text={t("console.search.none_text")} />
      )}
      <ol class="hits" aria-label={t(`console.search.${kind}`)} aria-busy={pages.busy}>
        {fitting.map((one) => ("comment" in one
          ? <CommentHit key={one.comment.id} hit={one} site={site.key} />
          : <MemberHit key={one.author.id} hit={one} site={site.key} />))}
      </ol>
      {pages.cursor !== null && (
        <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>
      )}
    </div>
  );
}
