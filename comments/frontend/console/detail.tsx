// All that is known of one comment, in the order in which one judges: where it stands, what it answers, what it says,
// why it is here; beside it who wrote it and what was decided before. Draws only.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Body } from "../shared/body";
import { holderOf, itemOf } from "./api";
import { AppealPanel, ReceiptPart } from "./appeal-panel";
import { AuthorCard } from "./author-card";
import { useDesk } from "./desk";
import { Findings, foundByRules } from "./findings";
import { Decisions, Edits, Reports } from "./history";
import { Icon } from "./icons";
import { KeyHint } from "./key-hint";
import { Asked } from "./marks";
import { ModeSelect } from "./mode-select";
import { Opinions } from "./opinions";
import type { Fault } from "./queue-state";
import { BrigadingBox } from "./standing";
import { around, Neighbour } from "./thread";
import { Time } from "./time";
import type { Author, Comment, Item, Mode, Verdict } from "./types";
import type { ClaimInHand } from "./use-claim";
import type { Surroundings } from "./use-context-of";
import { badgeName, personName, problemText, statusName, t } from "./words";

interface DetailProps {
  item: Item;
  fault: Fault | null;
  settled: boolean;
  surroundings: Surroundings;
  claim: ClaimInHand;
  onRetry: (verdict: Verdict) => void;
  onMode: (mode: Mode) => void;
  onLift: () => void;
  onAnswered: (item: Item) => void;
  onAuthor: (author: Author) => void;
}

function ArticleLine({ article, onMode }: { article: Item["article"]; onMode: (mode: Mode) => void }): JSX.Element {
  const title = article.title ?? article.id;
  return (
    <div class="article-line">
      <Icon name="articles" />
      {article.url === null ? (
        <span class="article-title" dir="auto">{title}</span>
      ) : (
        <a class="article-title" dir="auto" href={article.url} target="_blank" rel="noreferrer">
          {title} <Icon name="outside" />
        </a>
      )}
      <ModeSelect mode={article.mode} title={title} onMode={onMode} />
    </div>
  );
}

/** A colleague has it before them: who, and how to have it oneself nevertheless. */
function Held({ claim }: { claim: ClaimInHand }): JSX.Element | null {
  if (claim.holder === null) return null;
  return (
    <div class="note with-button" role="status">
      <Icon name="eye" />
      <p>{t("console.claimed.note", { name: personName(claim.holder) })}</p>
      <button type="button" class="button small" onClick={claim.takeOver}>{t("console.claimed.take_over")}</button>
    </div>
  );
}

/** Why an item came back: the server's reason, and the same decision once more where that can help. */
function Returned({ fault, onRetry }: { fault: Fault; onRetry: (verdict: Verdict) => void }): JSX.Element {
  const held = holderOf(fault.problem) !== null;
  const changed = !held && itemOf(fault.problem) !== null;
  const again = held ? { ...fault.verdict, take_over: true } : fault.verdict;
  return (
    <div class="returned" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{t(changed ? "console.returned.changed" : `console.returned.${fault.verdict.decision}`)}</strong>{" "}
        {changed ? t("console.returned.look") : problemText(fault.problem)}
      </p>
      {!changed && (
        <button type="button" class="button small" onClick={() => onRetry(again)}>
          {t(held ? "console.claimed.take_over" : "console.retry")}
        </button>
      )}
    </div>
  );
}

function Above({ item, surroundings, site }: { item: Item; surroundings: Surroundings; site: string }): JSX.Element | null {
  const { open, context, fault } = surroundings;
  const { parent, comment } = item;
  const above: Comment[] = open && context !== null ? around(context.thread, comment.id).above : parent === null ? [] : [parent];
  const box = useRef<HTMLDivElement>(null);
  // The nearest of them, which is there first, stays where it is.
  useLayoutEffect(() => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [above.length, comment.id]);
  if (above.length === 0 && fault === null) return null;
  const deep = comment.depth > 1;
  return (
    <div class={`above${deep ? " deep" : ""}`} ref={box} {...(deep ? { tabIndex: 0, role: "group", "aria-label": t("console.thread.above") } : {})}>
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      {above.map((one, index) => <Neighbour key={one.id} comment={one} site={site} indent={index} />)}
    </div>
  );
}

function Below({ item, surroundings, site }: { item: Item; surroundings: Surroundings; site: string }): JSX.Element | null {
  const { open, context } = surroundings;
  if (!open || context === null) return null;
  const { below } = around(context.thread, item.comment.id);
  if (below.length === 0) return <p class="quiet below-none">{t("console.thread.no_replies")}</p>;
  return (
    <div class="below">
      {below.map((one) => <Neighbour key={one.id} comment={one} site={site} indent={one.depth - item.comment.depth} />)}
    </div>
  );
}

/** What comes later than the comment stands after everything else, so that no button moves under a hand. */
function Around(props: { item: Item; surroundings: Surroundings; site: string }): JSX.Element {
  const { item, surroundings } = props;
  const { open, context, toggle } = surroundings;
  return (
    <div class="detail-around">
      <button type="button" class="button small context-toggle" aria-expanded={open} onClick={toggle}>
        <Icon name="thread" />
        {t(open ? "console.thread.hide" : "console.thread.show")} <KeyHint of="thread" />
      </button>
      {open && context !== null && <Edits edits={context.edits} source={item.comment.source ?? ""} />}
      <Below {...props} />
    </div>
  );
}

export function Byline({ comment }: { comment: Item["comment"] }): JSX.Element {
  return (
    <header class="byline">
      <bdi class="byline-name">{personName(comment.author)}</bdi>
      {(comment.author?.badges ?? []).map((badge) => <span key={badge} class="tag">{badgeName(badge)}</span>)}
      <Time at={comment.created_at} />
      {comment.edited_at !== null && <span class="quiet">{t("console.edited")} <Time at={comment.edited_at} /></span>}
      <span class={`status status-${comment.status}`}>{statusName(comment.status)}</span>
    </header>
  );
}

/** The words of all findings marked, or of the one that is pointed at. */
export function Text({ comment, active = null }: { comment: Item["comment"]; active?: number | null }): JSX.Element {
  if (comment.body === null) return <p class="quiet">{t("console.thread.stub")}</p>;
  const findings = foundByRules(comment);
  const pointed = active === null ? undefined : findings[active];
  const marks = (pointed === undefined ? findings : [pointed]).flatMap((finding) => finding.spans);
  return (
    <div class={`body${pointed === undefined ? "" : " pointed"}`} dir="auto">
      <Body tree={comment.body} marks={marks} />
    </div>
  );
}

export function Detail({ item, fault, settled, surroundings, claim, onRetry, onMode, onLift, onAnswered, onAuthor }: DetailProps): JSX.Element {
  const { site } = useDesk();
  const [active, setActive] = useState<number | null>(null);
  const { comment } = item;
  const findings = foundByRules(comment);
  return (
    <div class="detail">
      <div class="detail-main">
        <ArticleLine article={item.article} onMode={onMode} />
        {fault !== null && <Returned fault={fault} onRetry={onRetry} />}
        {(fault === null || holderOf(fault.problem) === null) && <Held claim={claim} />}
        <Asked item={item} />
        {settled && <p class="note">{t("console.settled.note")}</p>}
        <Above item={item} surroundings={surroundings} site={site.key} />
        <article class="subject">
          <Byline comment={comment} />
          <Text comment={comment} active={active} />
        </article>
        <AppealPanel item={item} onAnswered={onAnswered} />
        <BrigadingBox brigading={item.brigading} />
        <Reports reports={item.reports} before={item.reports_before} />
        <Findings findings={findings} active={active} onActive={setActive} />
        <ReceiptPart item={item} />
        <Opinions opinions={item.opinions} />
      </div>
      <aside class="detail-side" aria-label={t("console.aside")}>
        <AuthorCard author={item.author} comment={comment.id} onLift={onLift} onAuthor={onAuthor} />
        <Decisions decisions={item.decisions} />
      </aside>
      <Around item={item} surroundings={surroundings} site={site.key} />
    </div>
  );
}
