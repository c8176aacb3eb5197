// The left-hand list of a queue: one row a comment, enough to choose by. Rows are links, so that they open in a new
// tab, and Tab and a screen reader find them.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { colleague } from "./claims";
import { useDesk } from "./desk";
import { foundByRules } from "./findings";
import { Icon } from "./icons";
import { Link } from "./link";
import { arrived } from "./queue-state";
import type { Entry, QueueState } from "./queue-state";
import type { QueueName } from "./router";
import type { Sift } from "./sift";
import { Time } from "./time";
import type { Holder, Item } from "./types";
import { many, number, personName, problemText, reportReason, ruleName, t } from "./words";

/** What stands in the way of deciding on it, or else why it is here. */
function State({ entry, holder }: { entry: Entry; holder: Holder | null }): JSX.Element {
  if (entry.settled) return <span class="tags"><span class="tag">{t("console.queue.settled")}</span></span>;
  if (holder === null) return <Tags item={entry.item} />;
  return <span class="tags"><span class="tag"><Icon name="eye" />{t("console.claimed.by", { name: personName(holder) })}</span></span>;
}

/** Why a comment is in a queue, in a few words: the rules that held it, or what readers reported. */
function Tags({ item }: { item: Item }): JSX.Element {
  const held = foundByRules(item.comment).filter((finding) => finding.kind !== "note");
  const rules = [...new Set(held.map((finding) => finding.rule))];
  const reasons = [...new Set(item.reports.map((report) => report.reason))];
  return (
    <span class="tags">
      {item.reports.length > 0 && <span class="tag bad">{many("console.reports", item.reports.length)}</span>}
      {reasons.map((reason) => <span key={reason} class="tag">{reportReason(reason)}</span>)}
      {rules.map((rule) => <span key={rule} class="tag warm">{ruleName(rule)}</span>)}
    </span>
  );
}

/** How much speaks against it: as a word and as a number, with a bar beside it for the quick eye. */
function Risk({ risk }: { risk: number }): JSX.Element | null {
  if (risk <= 0) return null;
  const level = risk >= 67 ? "high" : risk >= 34 ? "middle" : "low";
  return (
    <span class={`risk risk-${level}`} title={t("console.risk.title")}>
      {t(`console.risk.${level}`)} {number(risk)}
    </span>
  );
}

/** Chooses rows to be decided on together. */
export interface Choosing {
  ids: string[];
  onToggle: (id: string, range: boolean) => void;
}

interface RowProps {
  entry: Entry;
  site: string;
  queue: QueueName;
  sift: Sift;
  current: boolean;
  choosing: Choosing | null;
  onChoose: (id: string) => void;
}

function Row({ entry, site, queue, sift, current, choosing, onChoose }: RowProps): JSX.Element {
  const { item, fault, settled } = entry;
  const { comment } = item;
  const holder = colleague(item, useDesk().session.user.id);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (current) link.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <li class={`row${current ? " current" : ""}${fault ? " faulty" : ""}${settled ? " settled" : ""}${holder === null ? "" : " held"}`}>
      {choosing !== null && (
        <input
          type="checkbox"
          class="tick"
          aria-label={t("console.bulk.choose", { name: personName(comment.author) })}
          aria-keyshortcuts={current ? "X" : undefined}
          checked={choosing.ids.includes(comment.id)}
          disabled={settled}
          onClick={(event) => choosing.onToggle(comment.id, event.shiftKey)}
        />
      )}
      <Link
        inside={link}
        route={{ page: "queue", site, queue, id: comment.id, sift }}
        current={current}
        onFollow={() => onChoose(comment.id)}
      >
        <span class="row-top">
          <bdi class="row-name">{personName(comment.author)}</bdi>
          <Risk risk={comment.risk ?? 0} />
          <Time at={comment.created_at} short />
        </span>
        <span class="row-text" dir="auto">{comment.text ?? ""}</span>
        {fault !== null && <span class="row-fault">{t("console.queue.came_back", { reason: problemText(fault.problem) })}</span>}
        <span class="row-foot">
          <State entry={entry} holder={holder} />
          <span class="row-article" dir="auto">{item.article.title ?? item.article.id}</span>
        </span>
      </Link>
    </li>
  );
}

interface ListProps {
  state: QueueState;
  site: string;
  queue: QueueName;
  sift: Sift;
  /** What stands above the rows. */
  head: ComponentChildren;
  /** null: nothing may be decided here. */
  choosing: Choosing | null;
  selected: string | null;
  onChoose: (id: string) => void;
  onMore: () => void;
  onRefresh: () => void;
}

export function QueueList({ state, site, queue, sift, head, choosing, selected, onChoose, onMore, onRefresh }: ListProps): JSX.Element {
  const fresh = arrived(state);
  return (
    <div class="list">
      <div class="list-head">{head}</div>
      <ol class="rows" aria-label={t(`console.queue.${queue}`)}>
        {state.entries.map((entry) => (
          <Row
            key={entry.item.comment.id}
            entry={entry}
            site={site}
            queue={queue}
            sift={sift}
            current={entry.item.comment.id === selected}
            choosing={choosing}
            onChoose={onChoose}
          />
        ))}
      </ol>
      {state.cursor !== null && (
        <button type="button" class="button list-more" onClick={onMore}>{t("console.more")}</button>
      )}
      <div class="arrivals" role="status">
        {fresh > 0 && (
          <button type="button" class="pill" onClick={onRefresh}>{many("console.arrived", fresh)}</button>
        )}
      </div>
    </div>
  );
}
