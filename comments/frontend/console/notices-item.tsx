// One legal notice: what it says, the comments that it is about, and what is decided about them.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Byline, Text } from "./detail";
import { Failed, Loading } from "./empty";
import { Link } from "./link";
import { NoticeTags } from "./notices-page";
import { Time } from "./time";
import type { LegalNotice } from "./types";
import { failureText, personName, reasonName, t } from "./words";

const TEXTS = ["answer", "legal_ground", "explanation"] as const;

function Decide({ notice, onChange }: { notice: LegalNotice; onChange: (notice: LegalNotice) => void }): JSX.Element {
  const { api, site, say } = useDesk();
  const removable = notice.items.filter((one) => one.comment.status === "published" || one.comment.status === "waiting");
  const [outcome, setOutcome] = useState<"no_action" | "restricted">("no_action");
  const [chosen, setChosen] = useState(removable.map((one) => one.comment.id));
  const [reason, setReason] = useState(notice.reasons[0] ?? "");
  const [texts, setTexts] = useState({ answer: "", legal_ground: "", explanation: "" });
  const [handing, setHanding] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const attempt = async (what: () => Promise<LegalNotice>): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      onChange(await what());
      say({ tone: "plain", text: t("console.law.done") });
    } catch (error) {
      setFault(failureText(error));
    }
    setBusy(false);
  };
  const removes = outcome === "restricted";
  const decide = (): Promise<LegalNotice> => api.decideNotice(site.key, notice.id, {
    outcome,
    version: notice.version,
    answer: texts.answer,
    comments: removes ? removable.filter((one) => chosen.includes(one.comment.id)).map((one) => ({ id: one.comment.id, version: one.comment.version ?? 0 })) : [],
    reason: removes ? reason : null,
    legal_ground: removes && texts.legal_ground.trim() !== "" ? texts.legal_ground : null,
    explanation: removes && texts.explanation.trim() !== "" ? texts.explanation : null,
  });
  const step = (name: "escalate" | "author_told", note: string): void =>
    void attempt(() => api.stepNotice(site.key, notice.id, name, notice.version, note));
  return (
    <form class="text-edit" onSubmit={(event) => (event.preventDefault(), void attempt(decide))}>
      <h2>{t("console.law.decide")}</h2>
      <fieldset class="law-choice">
        <legend class="unseen">{t("console.law.decide")}</legend>
        {(["no_action", "restricted"] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="outcome" checked={outcome === one} disabled={one === "restricted" && removable.length === 0} onChange={() => setOutcome(one)} /> {t(`console.law.outcome.${one}`)}
          </label>
        ))}
      </fieldset>
      {removes && (
        <>
          {removable.length > 1 && (
            <fieldset class="law-choice">
              <legend>{t("console.law.comments")}</legend>
              {removable.map(({ comment }) => (
                <label key={comment.id}>
                  <input type="checkbox" checked={chosen.includes(comment.id)} onChange={(event) => setChosen(event.currentTarget.checked ? [...chosen, comment.id] : chosen.filter((id) => id !== comment.id))} /> <bdi>{personName(comment.author)}</bdi> #{comment.id}
                </label>
              ))}
            </fieldset>
          )}
          <label class="field">
            <span>{t("console.law.reason")}</span>
            <select value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
              {notice.reasons.map((one) => <option key={one} value={one}>{reasonName(one)}</option>)}
            </select>
          </label>
        </>
      )}
      {TEXTS.filter((name) => removes || name === "answer").map((name) => (
        <label key={name} class="field">
          <span>{t(`console.law.${name}`)}</span>
          <textarea rows={name === "legal_ground" ? 1 : 3} maxLength={name === "legal_ground" ? 500 : 2000} dir="auto" value={texts[name]} onInput={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })} />
        </label>
      ))}
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      <div class="dialog-foot">
        {notice.due_at !== null && notice.author_told_at === null && <button type="button" class="button" disabled={busy} onClick={() => step("author_told", "")}>{t("console.law.author_told")}</button>}
        <button type="submit" class="button primary" disabled={busy || texts.answer.trim() === "" || (removes && chosen.length === 0)}>{t(`console.law.outcome.${outcome}`)}</button>
      </div>
      {notice.escalated_at === null && (
        <details class="law-on">
          <summary>{t("console.law.escalate")}</summary>
          <label class="field">
            <span>{t("console.law.escalation")}</span>
            <textarea rows={2} maxLength={2000} dir="auto" value={handing} onInput={(event) => setHanding(event.currentTarget.value)} />
          </label>
          <div class="dialog-foot">
            <button type="button" class="button" disabled={busy || handing.trim() === ""} onClick={() => step("escalate", handing)}>{t("console.law.escalate")}</button>
          </div>
        </details>
      )}
    </form>
  );
}

export function NoticePage({ id }: { id: string }): JSX.Element {
  const { api, site } = useDesk();
  const [notice, setNotice] = useState<LegalNotice | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const load = (): void => void api.notice(site.key, id).then(setNotice, (error: unknown) => setFault(failureText(error)));
  useEffect(load, [site.key, id]);
  useEffect(() => {
    document.title = `${notice?.reference ?? t("console.law")} – ${site.name}`;
  }, [notice?.reference, site.name]);
  if (fault !== null) return <Failed text={fault} onRetry={() => (setFault(null), load())} />;
  if (notice === null) return <Loading />;
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t(`notice.about.${notice.about}`)}</h1>
        <Link route={{ page: "notices", site: site.key, id: null }}>{t("console.law.back")}</Link>
      </header>
      <div class="texts law">
        <p class="text-name"><NoticeTags notice={notice} /></p>
        <p class="quiet">
          {notice.reference} · <Time at={notice.created_at} /> · {t("console.law.from")} <bdi>{notice.name ?? t("console.law.nameless")}</bdi>
          {notice.email !== null && <> <bdi>{notice.email}</bdi></>}
        </p>
        {notice.text === "" ? <p class="quiet">{t("console.law.forgotten")}</p> : <blockquote dir="auto">{notice.text}</blockquote>}
        {Object.entries(notice.details).map(([name, value]) => <p key={name} dir="auto">{t(`notice.${name}`)} {typeof value === "string" && <q>{value}</q>}</p>)}
        {notice.escalation !== null && <p dir="auto"><strong>{t("console.law.escalated")}</strong> {notice.escalation}</p>}
        <h2>{t("console.law.comments")}</h2>
        {notice.items.length === 0 && <p class="quiet">{t("console.law.no_comments")}</p>}
        <ul>
          {notice.items.map(({ comment, article }) => (
            <li key={comment.id} class="text-row">
              <article class="subject">
                <Byline comment={comment} />
                <Text comment={comment} />
              </article>
              <p class="quiet"><bdi>{article.title ?? article.id}</bdi> · <Link route={{ page: "comment", site: site.key, id: comment.id }}>{t("console.law.look_at", { id: comment.id })}</Link></p>
            </li>
          ))}
        </ul>
        {notice.urls.length > 0 && <h2>{t("console.law.addresses")}</h2>}
        <ul class="addresses">{notice.urls.map((url) => <li key={url}><a href={url} dir="ltr" target="_blank" rel="noreferrer nofollow">{url}</a></li>)}</ul>
        {notice.answer !== null && (
          <>
            <h2>{t("console.law.answered")}</h2>
            <blockquote dir="auto">{notice.answer}</blockquote>
            <p class="quiet">{t("console.law.against", { name: notice.by ?? t("console.by_system") })}{notice.decided_at !== null && <> · <Time at={notice.decided_at} /></>}</p>
          </>
        )}
        {notice.complaint !== null && (
          <>
            <h2>{t("console.law.complaint")}</h2>
            <blockquote dir="auto">{notice.complaint}</blockquote>
          </>
        )}
        {notice.can && <Decide key={notice.version} notice={notice} onChange={setNotice} />}
      </div>
    </div>
  );
}
