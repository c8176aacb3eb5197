// Warn the author: a reason of the site's list and one's own words, with the text as the reader will find it. Not
// optimistic: the dialog stays until the server has said yes.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "./api";
import { Dialog } from "./dialog";
import { personName, problemText, reasonName, t } from "./words";

interface WarnProps {
  author: { name: string | null };
  reasons: string[];
  onWarn: (reason: string, text: string) => Promise<void>;
  onClose: () => void;
}

/** A form in a dialog that stays until what it asks for is done. */
export function useSubmit(act: () => Promise<void>, onClose: () => void): { busy: boolean; fault: string | null; submit: (event: Event) => void } {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      await act();
      onClose();
    } catch (error) {
      setBusy(false);
      setFault(error instanceof ApiError ? problemText(error.problem) : String(error));
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return { busy, fault, submit };
}

/** What the member will read, as their page shows it. */
function Preview({ lines }: { lines: string[] }): JSX.Element {
  return (
    <div class="preview" aria-live="polite">
      <small class="quiet">{t("console.person.preview")}</small>
      {lines.filter(Boolean).map((line, at) => <p key={at} dir="auto">{line}</p>)}
    </div>
  );
}

export function WarnDialog({ author, reasons, onWarn, onClose }: WarnProps): JSX.Element {
  const [reason, setReason] = useState(reasons[0] ?? "");
  const [text, setText] = useState("");
  const { busy, fault, submit } = useSubmit(() => onWarn(reason, text.trim()), onClose);
  return (
    <Dialog title={t("console.warn.title", { name: personName(author) })} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        <label class="field">
          <span>{t("console.warn.reason")}</span>
          <select autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
            {reasons.map((one) => <option key={one} value={one}>{reasonName(one)}</option>)}
          </select>
        </label>
        <label class="field">
          <span>{t("console.warn.text")}</span>
          <textarea rows={3} maxLength={2000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <Preview lines={[t("gate.warned"), t("gate.because", { reason: reasonName(reason) }), text.trim(), t("gate.warned_then")]} />
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button danger" disabled={busy || reason === ""}>{t("console.warn.submit")}</button>
        </div>
      </form>
    </Dialog>
  );
}

interface ReasonProps {
  /** The group of words: console.GROUP.title, .submit. */
  group: "premoderate" | "ban_everywhere" | "member_note";
  author: { name: string | null };
  /** What the member reads besides the reason; nothing: they are not told. */
  told?: string;
  onReason: (reason: string) => Promise<void>;
  onClose: () => void;
}

/** What needs a reason and nothing else. */
export function ReasonDialog({ group, author, told, onReason, onClose }: ReasonProps): JSX.Element {
  const [reason, setReason] = useState("");
  const { busy, fault, submit } = useSubmit(() => onReason(reason.trim()), onClose);
  return (
    <Dialog title={t(`console.${group}.title`, { name: personName(author) })} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        <p class="quiet">{t(`console.${group}.text`)}</p>
        <label class="field">
          <span>{t(group === "member_note" ? "console.member_note.label" : "console.ban.reason")}</span>
          <textarea autofocus required rows={3} maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        {told !== undefined && <Preview lines={[told, reason.trim() === "" ? "" : t("gate.because", { reason: reason.trim() })]} />}
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button danger" disabled={busy || reason.trim() === ""}>{t(`console.${group}.submit`)}</button>
        </div>
      </form>
    </Dialog>
  );
}
