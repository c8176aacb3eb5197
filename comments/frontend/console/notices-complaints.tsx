// Complaints about what was laid upon members, and about notices on which nothing was done: a colleague answers.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Link } from "./link";
import { StateSwitch } from "./notices-page";
import { Time } from "./time";
import type { Complaint, LawState } from "./types";
import { usePages } from "./use-pages";
import { failureText, t } from "./words";

function Answer({ complaint, onDone }: { complaint: Complaint; onDone: () => void }): JSX.Element {
  const { api, site, say } = useDesk();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const answer = async (outcome: "upheld" | "overturned"): Promise<void> => {
    setBusy(true);
    try {
      await api.decideComplaint(site.key, complaint.id, outcome, note);
      say({ tone: "plain", text: t("console.law.done") });
      onDone();
    } catch (error) {
      setFault(failureText(error));
    }
    setBusy(false);
  };
  return (
    <div class="text-edit">
      <label class="field">
        <span>{t("console.law.note")}</span>
        <textarea rows={2} maxLength={2000} dir="auto" value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      {complaint.against_me && <p class="quiet">{t("console.law.against_me")}</p>}
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      <div class="dialog-foot">
        {(["upheld", "overturned"] as const).map((one) => (
          <button key={one} type="button" class="button" disabled={busy || note.trim() === ""} onClick={() => void answer(one)}>{t(`console.law.outcome.${one}`)}</button>
        ))}
      </div>
    </div>
  );
}

export function ComplaintsPart(): JSX.Element {
  const { api, site } = useDesk();
  const [state, setState] = useState<LawState>("open");
  const pages = usePages<Complaint>(`${site.key} ${state}`, (cursor) => api.complaints(site.key, state, cursor));
  return (
    <section class="part">
      <StateSwitch state={state} onChange={setState} />
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && <Nothing title={t("console.law.no_complaints")} text={t("console.law.no_complaints_text")} />}
      <ul>
        {pages.items?.map((one) => (
          <li key={one.id} class="text-row">
            <p class="text-name">
              {one.member_id !== null && <Link route={{ page: "member", site: site.key, id: one.member_id }}><bdi>{one.member ?? one.member_id}</bdi></Link>}
              {one.notice_id !== null && <Link route={{ page: "notices", site: site.key, id: one.notice_id }}>{one.reference}</Link>}
              {one.outcome !== null && <span class="tag">{t(`console.law.was.${one.outcome}`)}</span>}
            </p>
            {one.measure !== null && <p class="quiet">{t(`statement.measure.${one.measure}`)} {one.explanation !== null && <q dir="auto">{one.explanation}</q>}</p>}
            <p dir="auto">{one.text}</p>
            <p class="quiet"><Time at={one.created_at} />{one.against !== null && <> · {t("console.law.against", { name: one.against })}</>}</p>
            {one.outcome === null ? <Answer complaint={one} onDone={pages.again} /> : one.note !== null && <p dir="auto">{one.note}</p>}
          </li>
        ))}
      </ul>
      {pages.cursor !== null && <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>}
    </section>
  );
}
