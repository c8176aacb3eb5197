// One's own account: where one is signed in, the password, the second factor.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Enrol, Factor, Part, RecoveryCodes } from "./account-factor";
import { useDesk } from "./desk";
import { Failed, Loading } from "./empty";
import { Time } from "./time";
import type { OwnAccount, OwnSession } from "./types";
import { failureText, t } from "./words";

interface SessionsProps {
  sessions: OwnSession[];
  does: (call: () => Promise<unknown>, said: string) => Promise<void>;
}

function Sessions({ sessions, does }: SessionsProps): JSX.Element {
  const { api, signedOut } = useDesk();
  const others = sessions.filter((one) => !one.is_this);
  const everywhere = async (): Promise<void> => {
    await api.signOutEverywhere();
    signedOut();
  };
  return (
    <Part title={t("console.account.sessions")}>
      <p class="quiet">{t("console.account.sessions_text")}</p>
      <ul class="sessions">
        {sessions.map((one) => (
          <li key={one.id}>
            <span>
              <strong>{one.browser || t("console.account.browser")}</strong>
              {one.is_this && <span class="tag good">{t("console.account.this")}</span>}
              <small class="quiet">
                {t("console.account.since")} <Time at={one.since} /> · {t("console.account.seen")} <Time at={one.seen} />
              </small>
            </span>
            {!one.is_this && (
              <button
                type="button" class="button small" aria-label={`${t("console.account.end")}: ${one.browser || t("console.account.browser")}`}
                onClick={() => void does(() => api.endSession(one.id), t("console.account.ended"))}
              >
                {t("console.account.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <div class="account-buttons">
        {others.length > 0 && (
          <button type="button" class="button" onClick={() => void does(api.endOtherSessions, t("console.account.ended"))}>
            {t("console.account.end_others")}
          </button>
        )}
        <button type="button" class="button reject" onClick={() => void does(everywhere, "")}>{t("console.account.everywhere")}</button>
      </div>
    </Part>
  );
}

function Password({ does }: Pick<SessionsProps, "does">): JSX.Element {
  const { api, session } = useDesk();
  const [password, setPassword] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    await does(async () => {
      await api.changePassword(password);
      setPassword("");
    }, t("console.account.password_changed"));
  };
  return (
    <Part title={t("console.account.password")}>
      <form class="account-form" onSubmit={submit}>
        <input type="email" autocomplete="username" value={session.user.email} readOnly hidden />
        <label class="field">
          <span>{t("console.account.password_new")}</span>
          <input
            type="password" autocomplete="new-password" minLength={10} maxLength={1000} required
            value={password} onInput={(event) => setPassword(event.currentTarget.value)}
          />
          <small>{t("console.account.password_hint")}</small>
        </label>
        <button type="submit" class="button">{t("console.account.password_change")}</button>
      </form>
    </Part>
  );
}

export function AccountPage(): JSX.Element {
  const { api, session, say } = useDesk();
  const [account, setAccount] = useState<OwnAccount | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const load = async (): Promise<void> => {
    try {
      setAccount(await api.account());
      setFault(null);
    } catch (error) {
      setFault(failureText(error));
    }
  };
  useEffect(() => {
    document.title = t("console.account");
    void load();
  }, []);
  const does = async (call: () => Promise<unknown>, said: string): Promise<void> => {
    try {
      await call();
      if (said === "") return;
      say({ tone: "plain", text: said });
      await load();
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  const told = (fresh: string[]): void => {
    setCodes(fresh);
    void load();
  };

  return (
    <div class="sheet account">
      <header class="sheet-head">
        <h1>{t("console.account")}</h1>
        <p class="quiet" dir="ltr">{session.user.email}</p>
      </header>
      {account === null && (fault === null ? <Loading /> : <Failed text={fault} onRetry={() => void load()} />)}
      {codes !== null && <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />}
      {account !== null && codes === null && (
        <>
          <Sessions sessions={account.sessions} does={does} />
          <Password does={does} />
          {account.second_factor ? (
            <Factor api={api} left={account.recovery_codes} required={account.second_factor_required} onCodes={told} onRemoved={() => void load()} />
          ) : (
            <Enrol api={api} onEnrolled={told} />
          )}
        </>
      )}
    </div>
  );
}
