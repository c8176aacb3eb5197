// Legal notices: those that wait and those decided, complaints, trusted flaggers, and what is published about them.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Link } from "./link";
import { ComplaintsPart } from "./notices-complaints";
import { FlaggersPart } from "./notices-flaggers";
import { ReportsPart } from "./notices-reports";
import { Time } from "./time";
import type { LawState, NoticeRow } from "./types";
import { usePages } from "./use-pages";
import { exactText, lastDayText, t } from "./words";

const PARTS = ["notices", "complaints", "flaggers", "reports"] as const;
type Part = (typeof PARTS)[number];

/** What of a notice one has to see before opening it. */
export function NoticeTags({ notice }: { notice: NoticeRow }): JSX.Element {
  return (
    <>
      {notice.trusted && <span class="tag">{t("console.law.trusted")}</span>}
      {notice.escalated_at !== null && <span class="tag">{t("console.law.escalated")}</span>}
      {notice.outcome !== null && <span class="tag">{t(`console.law.was.${notice.outcome}`)}</span>}
      {notice.due_at !== null && notice.author_told_at === null && notice.decided_at === null && (
        <span class={`tag${notice.overdue ? " bad" : ""}`}>
          {notice.overdue ? t("console.law.overdue") : t("console.law.due")} <time dateTime={notice.due_at}>{exactText(notice.due_at)}</time>
        </span>
      )}
      {notice.author_due_at !== null && notice.decided_at === null && (
        <span class="tag">{t("console.law.author_due")} <time dateTime={notice.author_due_at}>{lastDayText(notice.author_due_at)}</time></span>
      )}
    </>
  );
}

/** Open or decided, for the lists of this page. */
export function StateSwitch({ state, onChange }: { state: LawState; onChange: (state: LawState) => void }): JSX.Element {
  return (
    <div class="law-states">
      {(["open", "decided"] as const).map((one) => (
        <button key={one} type="button" class={`button small${one === state ? " primary" : ""}`} aria-pressed={one === state} onClick={() => onChange(one)}>{t(`console.law.${one}`)}</button>
      ))}
    </div>
  );
}

function NoticesPart(): JSX.Element {
  const { api, site } = useDesk();
  const [state, setState] = useState<LawState>("open");
  const pages = usePages<NoticeRow>(`${site.key} ${state}`, (cursor) => api.notices(site.key, state, cursor));
  return (
    <section class="part">
      <StateSwitch state={state} onChange={setState} />
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && <Nothing title={t("console.law.none")} text={t("console.law.none_text")} />}
      <ul>
        {pages.items?.map((notice) => (
          <li key={notice.id} class="text-row">
            <p class="text-name">
              <Link route={{ page: "notices", site: site.key, id: notice.id }}>{t(`notice.about.${notice.about}`)}</Link>
              <NoticeTags notice={notice} />
            </p>
            <p dir="auto">{notice.excerpt}</p>
            <p class="quiet"><bdi>{notice.flagger ?? notice.name ?? t("console.law.nameless")}</bdi> · <Time at={notice.created_at} /> · {notice.reference}</p>
          </li>
        ))}
      </ul>
      {pages.cursor !== null && <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>}
    </section>
  );
}

export function NoticesPage(): JSX.Element {
  const { session, site } = useDesk();
  const [part, setPart] = useState<Part>("notices");
  const may = (action: string): boolean => session.user.can.includes(action);
  useEffect(() => {
    document.title = `${t("console.law")} – ${site.name}`;
  }, [site.name]);
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t("console.law")}</h1>
      </header>
      <div class="texts law">
        <div class="law-parts">
          {PARTS.filter((one) => one !== "reports" || may("see_figures")).map((one) => (
            <button key={one} type="button" class={`button${one === part ? " primary" : ""}`} aria-pressed={one === part} onClick={() => setPart(one)}>{t(`console.law.${one}`)}</button>
          ))}
        </div>
        {part === "notices" && <NoticesPart />}
        {part === "complaints" && <ComplaintsPart />}
        {part === "flaggers" && <FlaggersPart />}
        {part === "reports" && <ReportsPart />}
      </div>
    </div>
  );
}
