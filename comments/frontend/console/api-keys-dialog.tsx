// Making a key of the publishers' API: a name, what it is good for, when it ends; then the key, the only time that it is
// seen; and the question before one is revoked.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { SCOPES } from "./api-keys-types";
import type { ApiKey, MadeApiKey, Scope } from "./api-keys-types";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import { ShownOnce } from "./shown-once";
import { failureText, t } from "./words";

const DAYS = ["30", "90", "365", "never"] as const;
const DAY = 86_400_000;

/** When a key ends that is made now; null: never. */
const endOf = (days: string): string | null => (days === "never" ? null : new Date(Date.now() + Number(days) * DAY).toISOString());

export function NewKeyDialog({ onMade, onClose }: { onMade: (made: MadeApiKey) => void; onClose: () => void }): JSX.Element {
  const { api, site } = useDesk();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const [days, setDays] = useState("90");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const turn = (scope: Scope): void => setScopes(SCOPES.filter((one) => scopes.includes(one) !== (one === scope)));
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      onMade(await api.addApiKey(site.key, { name: name.trim(), scopes, expires_at: endOf(days) }));
    } catch (error) {
      setBusy(false);
      setFault(failureText(error));
    }
  };
  return (
    <Dialog title={t("console.api_keys.add")} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        <label class="field">
          <span>{t("console.api_keys.name")}</span>
          <input required autofocus maxLength={60} dir="auto" value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <small class="quiet">{t("console.api_keys.name_help")}</small>
        </label>
        <fieldset class="api-key-scopes">
          <legend>{t("console.api_keys.scopes")}</legend>
          {SCOPES.map((scope) => (
            <label key={scope}>
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => turn(scope)} />
              <span><strong>{t(`console.api_keys.scope.${scope}`)}</strong> <small class="quiet">{t(`console.api_keys.scope.${scope}.help`)}</small></span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>{t("console.api_keys.ends")}</span>
          <select value={days} onChange={(event) => setDays(event.currentTarget.value)}>
            {DAYS.map((one) => <option key={one} value={one}>{t(`console.api_keys.ends.${one}`)}</option>)}
          </select>
        </label>
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button primary" disabled={busy || scopes.length === 0 || name.trim() === ""}>{t("console.api_keys.make")}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function KeyDialog({ made, onKept }: { made: MadeApiKey; onKept: () => void }): JSX.Element {
  return <ShownOnce title={t("console.api_keys.once")} text={t("console.api_keys.once_text", { name: made.api_key.name })} value={made.key} onKept={onKept} />;
}

export function RevokeDialog({ known, onRevoked, onClose }: { known: ApiKey; onRevoked: () => void; onClose: () => void }): JSX.Element {
  const { api, site } = useDesk();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await api.revokeApiKey(site.key, known.id);
      onRevoked();
    } catch (error) {
      setBusy(false);
      setFault(failureText(error));
    }
  };
  return (
    <Dialog title={t("console.api_keys.revoke_title", { name: known.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{t("console.api_keys.revoke_text")}</p>
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button reject" disabled={busy}>{t("console.api_keys.revoke")}</button>
        </div>
      </form>
    </Dialog>
  );
}
