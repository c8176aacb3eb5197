// When an article's thread opens and closes by itself: two times of the moderator's own clock. The dialog stays until
// the server has said yes; what it says otherwise is read here.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { exactText, failureText, t } from "./words";

/** Both null: nothing is planned. RFC 3339. */
export interface Hours {
  opens_at: string | null;
  closes_at: string | null;
}

/** A datetime-local's value for a time, in the browser's time zone; "" for none. */
export function localOf(at: string | null | undefined): string {
  if (!at) return "";
  const time = new Date(at);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The time itself as it was before where the field shows it still: fields know no seconds. */
export const momentOf = (value: string, before: string | null | undefined): string | null =>
  value === "" ? null : value === localOf(before) ? (before ?? null) : new Date(value).toISOString();

interface HoursProps {
  title: string;
  article: { opens_at?: string; closes_at?: string };
  onSave: (hours: Hours) => Promise<void>;
  onClose: () => void;
}

export function HoursDialog({ title, article, onSave, onClose }: HoursProps): JSX.Element {
  const [opens, setOpens] = useState(localOf(article.opens_at));
  const [closes, setCloses] = useState(localOf(article.closes_at));
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const hours = { opens_at: momentOf(opens, article.opens_at), closes_at: momentOf(closes, article.closes_at) };
    const past = [hours.opens_at, hours.closes_at].some((at) => at !== null && Date.parse(at) <= Date.now());
    if (past) return setFault(t("console.hours.past"));
    if (opens !== "" && closes !== "" && closes <= opens) return setFault(t("console.hours.order"));
    setBusy(true);
    try {
      await onSave(hours);
      onClose();
    } catch (error) {
      setBusy(false);
      setFault(failureText(error));
    }
  };

  return (
    <Dialog title={t("console.hours.title", { title })} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <label class="field">
          <span>{t("console.hours.opens")}</span>
          <input type="datetime-local" autofocus value={opens} onInput={(event) => setOpens(event.currentTarget.value)} />
          <small>{t("console.hours.opens_hint")}</small>
        </label>
        <label class="field">
          <span>{t("console.hours.closes")}</span>
          <input type="datetime-local" value={closes} onInput={(event) => setCloses(event.currentTarget.value)} />
          <small>{t("console.hours.closes_hint")}</small>
        </label>
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button primary" disabled={busy}>{t("console.hours.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

interface ButtonProps {
  title: string;
  article: { opens_at?: string; closes_at?: string };
  onSave: (hours: Hours) => Promise<void>;
}

/** What is planned, or that something may be; opens the dialog. */
export function HoursButton({ title, article, onSave }: ButtonProps): JSX.Element {
  const [asked, setAsked] = useState(false);
  const planned = (["opens", "closes"] as const).flatMap((name) => {
    const at = article[`${name}_at`];
    return at ? [t(`console.hours.${name}_at`, { time: exactText(at) })] : [];
  });
  return (
    <>
      <button type="button" class="hours" aria-label={[t("console.hours.label", { title }), ...planned].join(". ")} onClick={() => setAsked(true)}>
        {planned.length === 0 ? t("console.hours.plan") : planned.map((one) => <span key={one}>{one}</span>)}
      </button>
      {asked && <HoursDialog title={title} article={article} onSave={onSave} onClose={() => setAsked(false)} />}
    </>
  );
}
