// The audit log: who did what to what, when, and why; newest first, page by page. It can be read, never changed.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Change } from "./change";
import { changesOf } from "./changes";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Link } from "./link";
import { Time } from "./time";
import type { AuditEntry } from "./types";
import { usePages } from "./use-pages";
import { actionName, reasonName, subjectName, t } from "./words";

function Subject({ entry, site }: { entry: AuditEntry; site: string }): JSX.Element {
  const { subject } = entry;
  if (subject === null) return <span class="quiet">–</span>;
  const label = subject.label || subjectName(subject);
  if (subject.type === "comment") return <Link route={{ page: "comment", site, id: subject.id }}>{label}</Link>;
  if (subject.type === "member") return <Link route={{ page: "member", site, id: subject.id }}>{label}</Link>;
  return <span dir="auto">{label}</span>;
}

function Entry({ entry, site }: { entry: AuditEntry; site: string }): JSX.Element {
  return (
    <tr>
      <td class="quiet at"><Time at={entry.at} /></td>
      <td class="by"><bdi>{entry.by ?? t("console.by_system")}</bdi></td>
      <td class="what">{actionName(entry.action)}</td>
      <td class="subject-cell"><Subject entry={entry} site={site} /></td>
      <td class="why">
        {entry.reason !== null && <span>{reasonName(entry.reason)}</span>}
        {entry.note && <q class="quiet" dir="auto">{entry.note}</q>}
        {changesOf(entry.before, entry.after).map((change) => <Change key={change.field} change={change} />)}
      </td>
    </tr>
  );
}

export function AuditPage(): JSX.Element {
  const { api, site } = useDesk();
  const pages = usePages<AuditEntry>(site.key, async (cursor) => {
    const { entries, next_cursor } = await api.audit(site.key, cursor);
    return { items: entries, next_cursor };
  });
  useEffect(() => {
    document.title = `${t("console.audit")} – ${site.name}`;
  }, [site.name]);
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t("console.audit")}</h1>
      </header>
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && <Nothing title={t("console.audit.none")} text={t("console.audit.none_text")} />}
      {pages.items !== null && pages.items.length > 0 && (
        <table class="table audit">
          <thead>
            <tr>
              {["at", "by", "what", "subject", "why"].map((column) => <th key={column} scope="col">{t(`console.audit.${column}`)}</th>)}
            </tr>
          </thead>
          <tbody>{pages.items.map((entry) => <Entry key={entry.id} entry={entry} site={site.key} />)}</tbody>
        </table>
      )}
      {pages.items !== null && pages.fault !== null && <p class="fault" role="alert">{pages.fault}</p>}
      {pages.cursor !== null && (
        <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>
      )}
    </div>
  );
}
