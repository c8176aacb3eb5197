// The way in: a local account. It stands where the page was, so that signing in again brings one back to it.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";
import type { Api } from "./api";
import type { Session } from "./types";
import { problemText, t } from "./words";

export function CodeField({ value, onValue, focus = false }: { value: string; onValue: (code: string) => void; focus?: boolean }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) field.current?.focus();
  }, []);
  return (
    <label class="field">
      <span>{t("console.sign_in.code")}</span>
      <input
        name="code" autocomplete="one-time-code" ref={field} autocapitalize="none" spellcheck={false} dir="ltr" required
        value={value} onInput={(event) => onValue(event.currentTarget.value)}
      />
      <small>{t("console.sign_in.code_hint")}</small>
    </label>
  );
}

interface SignInProps {
  api: Api;
  /** A session ended under somebody at work: say so. */
  ended: boolean;
  onSession: (session: Session) => void;
}

export function SignIn({ api, ended, onSession }: SignInProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [asksCode, setAsksCode] = useState(false);
  const [code, setCode] = useState("");
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = t("console.sign_in.title");
    email.current?.focus();
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      onSession(await api.signIn(email.current?.value.trim() ?? "", password.current?.value ?? "", asksCode ? code : ""));
    } catch (error) {
      setBusy(false);
      if (error instanceof ApiError && error.code === "code_needed") return setAsksCode(true);
      if (error instanceof ApiError && error.code === "bad_credentials") setAsksCode(false);
      setFault(error instanceof ApiError ? problemText(error.problem) : String(error));
      if (!asksCode) password.current?.select();
    }
  };

  return (
    <main class="door">
      <form class="door-card" onSubmit={submit}>
        <h1>{t("console.sign_in.title")}</h1>
        {ended && fault === null && <p class="note" role="status">{t("console.sign_in.ended")}</p>}
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <label class="field">
          <span>{t("console.sign_in.email")}</span>
          <input ref={email} type="email" name="email" autocomplete="username" required />
        </label>
        <label class="field">
          <span>{t("console.sign_in.password")}</span>
          <input ref={password} type="password" name="password" autocomplete="current-password" required />
        </label>
        {asksCode && <CodeField focus value={code} onValue={setCode} />}
        <button type="submit" class="button primary wide" disabled={busy}>
          {t(busy ? "console.sign_in.busy" : "console.sign_in.submit")}
        </button>
        <p class="quiet">{t("console.sign_in.hint")}</p>
      </form>
    </main>
  );
}
