// Ban the author of a comment: why, until when or for good, and what becomes of their waiting comments. Not
// optimistic: it touches more than the comment in view, so the dialog stays until the server has said yes.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "./api";
import { Dialog } from "./dialog";
import type { Ban } from "./types";
import { personName, problemText, t } from "./words";

const TERMS = { day: 1, week: 7, month: 30 } as const;
type Term = keyof typeof TERMS | "good" | "date";
const CHOICES: Term[] = ["day", "week", "month", "date", "good"];

/** The end of a ban as the API wants it: null for good, otherwise RFC 3339; `date` is a datetime-local's value. */
export function endOf(term: Term, date: string, now: number): string | null {
  if (term === "good") return null;
  if (term === "date") return new Date(date).toISOString();
  return new Date(now + TERMS[term] * 86_400_000).toISOString();
}

interface BanProps {
  author: { name: string | null };
  onBan: (ban: Ban) => Promise<void>;
  onClose: () => void;
}

export function BanDialog({ author, onBan, onClose }: BanProps): JSX.Element {
  const [term, setTerm] = useState<Term>("week");
  const [date, setDate] = useState("");
  const [reason, setReason] = useState("");
  const [sweep, setSweep] = useState(true);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (term === "date" && !(new Date(date).getTime() > Date.now())) return setFault(t("console.ban.past"));
    setBusy(true);
    try {
      await onBan({ reason: reason.trim(), until: endOf(term, date, Date.now()), reject_waiting: sweep });
      onClose();
    } catch (error) {
      setBusy(false);
      setFault(error instanceof ApiError ? problemText(error.problem) : String(error));
    }
  };

  return (
    <Dialog title={t("console.ban.title", { name: personName(author) })} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        <fieldset class="terms">
          <legend>{t("console.ban.until")}</legend>
          {CHOICES.map((one) => (
            <label key={one} class="term">
              <input type="radio" name="term" autofocus={one === "week"} checked={term === one} onChange={() => setTerm(one)} />
              <span>{t(`console.ban.${one}`)}</span>
            </label>
          ))}
        </fieldset>
        {term === "date" && (
          <label class="field">
            <span>{t("console.ban.date_label")}</span>
            <input type="datetime-local" required value={date} onInput={(event) => setDate(event.currentTarget.value)} />
          </label>
        )}
        <label class="field">
          <span>{t("console.ban.reason")}</span>
          <textarea required rows={3} maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          <small>{t("console.ban.reason_hint")}</small>
        </label>
        <label class="check">
          <input type="checkbox" checked={sweep} onChange={(event) => setSweep(event.currentTarget.checked)} />
          <span>{t("console.ban.reject_waiting")}</span>
        </label>
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button danger" disabled={busy}>{t(busy ? "console.ban.busy" : "console.ban.submit")}</button>
        </div>
      </form>
    </Dialog>
  );
}
