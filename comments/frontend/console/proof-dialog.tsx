// The password once more, before something that an unattended console must not do; with the code where there is one.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { CodeField } from "./sign-in";
import { failureText, t } from "./words";

interface ProofProps {
  title: string;
  text: string;
  /** Whether a code is asked for, too. */
  second: boolean;
  give: (password: string, code: string) => Promise<void>;
  onClose: () => void;
}

export function ProofDialog({ title, text, second, give, onClose }: ProofProps): JSX.Element {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await give(password, code);
    } catch (error) {
      setBusy(false);
      setFault(failureText(error));
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <p class="quiet">{text}</p>
        <label class="field">
          <span>{t("console.sign_in.password")}</span>
          <input type="password" autocomplete="current-password" required autofocus value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
        </label>
        {second && <CodeField value={code} onValue={setCode} />}
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button primary" disabled={busy}>{t("console.account.go_on")}</button>
        </div>
      </form>
    </Dialog>
  );
}
