// The second factor of one's own account: set up with a QR code and a first code, recovery codes shown once, removed
// with password and code.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Api } from "./api";
import { ProofDialog } from "./proof-dialog";
import { Qr } from "./qr";
import { CodeField } from "./sign-in";
import type { OfferedFactor, Session } from "./types";
import { failureText, many, t } from "./words";

export function Part({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="account-part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** The only time that they are seen: they stay until somebody says that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }): JSX.Element {
  return (
    <Part title={t("console.account.codes")}>
      <p role="status">{t("console.account.codes_text")}</p>
      <ul class="recovery-codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <button type="button" class="button primary" onClick={onKept}>{t("console.account.codes_kept")}</button>
    </Part>
  );
}

interface EnrolProps {
  api: Api;
  onEnrolled: (codes: string[], session: Session) => void;
  onCancel?: () => void;
}

export function Enrol({ api, onEnrolled, onCancel }: EnrolProps): JSX.Element {
  const [offered, setOffered] = useState<OfferedFactor | null>(null);
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const attempt = async (does: () => Promise<void>): Promise<void> => {
    setFault(null);
    try {
      await does();
    } catch (error) {
      setFault(failureText(error));
    }
  };
  const begin = (): Promise<void> => attempt(async () => setOffered(await api.offerFactor()));
  const confirm = (event: Event): void => {
    event.preventDefault();
    void attempt(async () => {
      const { codes, session } = await api.enrolFactor(offered?.ticket ?? "", code);
      onEnrolled(codes, session);
    });
  };
  return (
    <Part title={t("console.account.factor")}>
      <p class="quiet">{t("console.account.factor_text")}</p>
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      {offered === null ? (
        <button type="button" class="button" onClick={() => void begin()}>{t("console.account.factor_set_up")}</button>
      ) : (
        <form class="enrol" onSubmit={confirm}>
          <p>{t("console.account.scan")}</p>
          <Qr rows={offered.qr} label={t("console.account.qr")} />
          <p>
            {t("console.account.secret")} <code class="secret">{offered.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
          </p>
          <CodeField focus value={code} onValue={setCode} />
          <div class="enrol-foot">
            <button type="submit" class="button primary">{t("console.account.factor_confirm")}</button>
            {onCancel && <button type="button" class="button" onClick={onCancel}>{t("console.cancel")}</button>}
          </div>
        </form>
      )}
    </Part>
  );
}

interface FactorProps {
  api: Api;
  left: number;
  required: boolean;
  onCodes: (codes: string[]) => void;
  onRemoved: () => void;
}

/** What can be done about a second factor that is there. */
export function Factor({ api, left, required, onCodes, onRemoved }: FactorProps): JSX.Element {
  const [removing, setRemoving] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const renew = async (): Promise<void> => {
    try {
      onCodes(await api.renewCodes());
    } catch (error) {
      setFault(failureText(error));
    }
  };
  const remove = async (password: string, code: string): Promise<void> => {
    await api.removeFactor(password, code);
    setRemoving(false);
    onRemoved();
  };
  return (
    <Part title={t("console.account.factor")}>
      <p>{t("console.account.factor_on")} {many("console.account.codes_left", left)}</p>
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      <div class="account-buttons">
        <button type="button" class="button" onClick={() => void renew()}>{t("console.account.codes_renew")}</button>
        <button type="button" class="button reject" onClick={() => setRemoving(true)}>{t("console.account.factor_remove")}</button>
      </div>
      {required && <p class="quiet">{t("console.account.factor_required")}</p>}
      {removing && (
        <ProofDialog
          title={t("console.account.factor_remove")} text={t("console.account.factor_remove_text")} second
          give={remove} onClose={() => setRemoving(false)}
        />
      )}
    </Part>
  );
}

/** Instead of the console, where the operator wants a second factor and this account has none. */
export function MustEnrol({ api, onDone }: { api: Api; onDone: (session: Session) => void }): JSX.Element {
  const [enrolled, setEnrolled] = useState<{ codes: string[]; session: Session } | null>(null);
  return (
    <main class="door">
      <div class="door-card account-door">
        <h1>{t("console.account.needed")}</h1>
        <p>{t("console.account.needed_text")}</p>
        {enrolled === null ? (
          <Enrol api={api} onEnrolled={(codes, session) => setEnrolled({ codes, session })} />
        ) : (
          <RecoveryCodes codes={enrolled.codes} onKept={() => onDone(enrolled.session)} />
        )}
      </div>
    </main>
  );
}
