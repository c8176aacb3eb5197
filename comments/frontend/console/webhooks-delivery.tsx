// One delivery: the message as it was sent, each attempt with its answer, and sending it once more.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import { Time } from "./time";
import { typeName } from "./webhooks-dialog";
import type { Attempt, Delivery, WholeDelivery } from "./webhooks-types";
import { failureText, t } from "./words";

const TONES = { waiting: "warm", delivered: "good", failed: "bad", dropped: "" };

export function Outcome({ delivery }: { delivery: Delivery }): JSX.Element {
  return (
    <span class={`tag ${TONES[delivery.state]}`}>
      {t(`console.webhooks.state.${delivery.state}`)}{delivery.status !== null && ` · ${delivery.status}`}
    </span>
  );
}

function Try({ one }: { one: Attempt }): JSX.Element {
  return (
    <li>
      <p>
        <Time at={one.at} /> · <strong>{one.status ?? t("console.webhooks.no_answer")}</strong> · {one.took_ms} ms
      </p>
      {one.error !== null && <p class="fault" dir="auto">{one.error}</p>}
      {one.excerpt !== null && <pre class="webhook-text" tabIndex={0} aria-label={t("console.webhooks.answer")} dir="auto">{one.excerpt}</pre>}
    </li>
  );
}

interface DialogProps {
  webhook: string;
  id: string;
  onClose: () => void;
  onReplayed: () => void;
}

export function DeliveryDialog({ webhook, id, onClose, onReplayed }: DialogProps): JSX.Element {
  const { api, site } = useDesk();
  const [whole, setWhole] = useState<WholeDelivery | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    api.delivery(site.key, webhook, id).then(setWhole, (error: unknown) => setFault(failureText(error)));
  }, [id]);
  const replay = async (): Promise<void> => {
    try {
      await api.replay(site.key, webhook, id);
      onReplayed();
    } catch (error) {
      setFault(failureText(error));
    }
  };
  const tried = whole !== null && whole.delivery.state !== "dropped" && whole.delivery.attempts > 0;
  return (
    <Dialog title={whole === null ? t("console.loading") : typeName(whole.delivery.type)} onClose={onClose} size="middle">
      {whole !== null && (
        <>
          <p class="webhook-id"><Outcome delivery={whole.delivery} /> <code dir="ltr">{whole.delivery.message}</code></p>
          <h3>{t("console.webhooks.tries")}</h3>
          {whole.tries.length === 0 && <p class="quiet">{t("console.webhooks.no_tries")}</p>}
          <ol class="webhook-tries">{whole.tries.map((one) => <Try key={one.at} one={one} />)}</ol>
          <h3>{t("console.webhooks.message")}</h3>
          {whole.payload === null
            ? <p class="quiet">{t("console.webhooks.erased")}</p>
            : <pre class="webhook-text" tabIndex={0} aria-label={t("console.webhooks.message")} dir="ltr">{JSON.stringify(whole.payload, null, 2)}</pre>}
        </>
      )}
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>{t("console.close")}</button>
        <button type="button" class="button primary" disabled={!tried || whole?.payload === null} onClick={() => void replay()}>{t("console.webhooks.replay")}</button>
      </div>
    </Dialog>
  );
}
