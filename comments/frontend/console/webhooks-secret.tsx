// A webhook's secret, the only time that it is seen; and asking for a new one.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import { ShownOnce } from "./shown-once";
import type { ShownSecret, Webhook } from "./webhooks-types";
import { failureText, t } from "./words";

export function SecretDialog({ shown, onKept }: { shown: ShownSecret; onKept: () => void }): JSX.Element {
  return <ShownOnce title={t("console.webhooks.secret")} text={t("console.webhooks.secret_text")} value={shown.secret} onKept={onKept} />;
}

const OVERLAPS = [0, 1, 24, 72, 168];

interface RotateProps {
  webhook: Webhook;
  onMade: (shown: ShownSecret) => void;
  onClose: () => void;
}

export function RotateDialog({ webhook, onMade, onClose }: RotateProps): JSX.Element {
  const { api, site } = useDesk();
  const [hours, setHours] = useState(24);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      onMade(await api.rotateSecret(site.key, webhook.id, hours));
    } catch (error) {
      setFault(failureText(error));
    }
  };
  return (
    <Dialog title={t("console.webhooks.rotate")} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{t("console.webhooks.rotate_text")}</p>
        <label class="field">
          <span>{t("console.webhooks.overlap")}</span>
          <select value={hours} onChange={(event) => setHours(Number(event.currentTarget.value))}>
            {OVERLAPS.map((one) => <option key={one} value={one}>{t(`console.webhooks.overlap.${one}`)}</option>)}
          </select>
        </label>
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button primary">{t("console.webhooks.rotate")}</button>
        </div>
      </form>
    </Dialog>
  );
}
