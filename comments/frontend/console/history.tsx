// What has happened to a comment before: readers' reports, moderators' decisions, its author's edits.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { diff } from "./diff";
import { weightName } from "./standing";
import { Time } from "./time";
import type { Decision, Edit, Report } from "./types";
import { actionName, many, personName, reasonName, reportReason, t } from "./words";

export function Reports({ reports, before }: { reports: Report[]; before: number }): JSX.Element | null {
  if (reports.length === 0) return null;
  return (
    <section class="part">
      <h2>{many("console.reports", reports.length)}</h2>
      {before > 0 && <p class="quiet">{many("console.reports_before", before)}</p>}
      <ul class="reports">
        {reports.map((report) => (
          <li key={report.id}>
            <span class="tag bad">{reportReason(report.reason)}</span>
            <span class="report-text">
              {report.detail ? <q dir="auto">{report.detail}</q> : <span class="quiet">{t("console.report.no_detail")}</span>}
              <small class="quiet">
                <bdi>{personName(report.by)}</bdi> · {weightName(report.weight)} · <Time at={report.created_at} />
              </small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Decisions({ decisions }: { decisions: Decision[] }): JSX.Element | null {
  if (decisions.length === 0) return null;
  return (
    <section class="part">
      <h2>{t("console.decisions")}</h2>
      <ol class="decisions">
        {decisions.map((decision, index) => (
          <li key={index}>
            <span>
              {actionName(decision.action)}
              {decision.reason !== null && `: ${reasonName(decision.reason)}`}
            </span>
            {decision.note && <q class="quiet" dir="auto">{decision.note}</q>}
            <small class="quiet">
              <bdi>{decision.by ?? t("console.by_system")}</bdi> · <Time at={decision.at} />
            </small>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Struck through and underlined as well as coloured. */
function Difference({ before, after }: { before: string; after: string }): JSX.Element {
  const changes = useMemo(() => diff(before, after), [before, after]);
  const Tags = { same: "span", ins: "ins", del: "del" } as const;
  return (
    <pre class="source" dir="auto">
      {changes.map(({ kind, text }, at) => {
        const Tag = Tags[kind];
        return <Tag key={at}>{text}</Tag>;
      })}
    </pre>
  );
}

/** Each edit as what it changed, oldest first; `source` is the text as it stands. */
export function Edits({ edits, source }: { edits: Edit[]; source: string }): JSX.Element | null {
  if (edits.length === 0) return null;
  return (
    <section class="part">
      <h2>{many("console.edits", edits.length)}</h2>
      <ol class="edits">
        {edits.map((edit, index) => (
          <li key={index}>
            <small class="quiet">{t("console.edit.at")} <Time at={edit.edited_at} /></small>
            <Difference before={edit.source} after={edits[index + 1]?.source ?? source} />
          </li>
        ))}
      </ol>
    </section>
  );
}
