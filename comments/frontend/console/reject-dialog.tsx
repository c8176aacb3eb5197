// Why is this comment rejected? One of the site's reasons, each on a number key; a message for the author, who reads it
// in the receipt, and a note for moderators only.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import { useKeys } from "./keys";
import { reasonName, t } from "./words";

interface RejectProps {
  reasons: string[];
  onReject: (reason: string, said: { message?: string; note?: string }) => void;
  onClose: () => void;
}

export function RejectDialog({ reasons, onReject, onClose }: RejectProps): JSX.Element {
  const message = useRef<HTMLInputElement>(null);
  const note = useRef<HTMLInputElement>(null);
  const pick = (reason: string): void => {
    const said = { message: message.current?.value.trim() ?? "", note: note.current?.value.trim() ?? "" };
    onReject(reason, Object.fromEntries(Object.entries(said).filter(([, text]) => text !== "")));
  };
  const keyed = useDesk().keys.reasons === null ? 0 : 9;
  const numbered = reasons.slice(0, keyed).map((reason, at): [string, () => void] => [String(at + 1), () => pick(reason)]);
  useKeys(Object.fromEntries(numbered), "dialog");
  return (
    <Dialog title={t("console.reject.title")} onClose={onClose}>
      <ol class="choices">
        {reasons.map((reason, at) => (
          <li key={reason}>
            <button type="button" class="choice" onClick={() => pick(reason)}>
              {at < keyed ? <kbd>{at + 1}</kbd> : <span class="no-key" />}
              <span>{reasonName(reason)}</span>
            </button>
          </li>
        ))}
      </ol>
      <label class="field">
        <span>{t("console.reject.message")}</span>
        <input ref={message} type="text" maxLength={500} autocomplete="off" aria-describedby="reject-message-hint" />
        <small class="quiet" id="reject-message-hint">{t("console.reject.message_hint")}</small>
      </label>
      <label class="field">
        <span>{t("console.reject.note")}</span>
        <input ref={note} type="text" maxLength={500} autocomplete="off" />
      </label>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
      </div>
    </Dialog>
  );
}
