// The site's webhooks: where messages go, whether they arrive, and the secret that signs them. Administrators only.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Icon } from "./icons";
import { Link } from "./link";
import { Time } from "./time";
import { typeName, WebhookDialog } from "./webhooks-dialog";
import { RotateDialog, SecretDialog } from "./webhooks-secret";
import type { ShownSecret, Webhook, Webhooks } from "./webhooks-types";
import { exactText, failureText, t } from "./words";

const PAUSE = 500;
const PATIENCE = 60; // pauses: a receiver has fifteen seconds, and a worker may be busy

export function Standing({ webhook }: { webhook: Webhook }): JSX.Element {
  const { enabled, off_reason, failing_since, resting_until, delivered_at } = webhook;
  if (!enabled) return <p class={off_reason === "hand" ? "note" : "fault"} role="status">{t(`console.webhooks.off.${off_reason ?? "hand"}`)}</p>;
  if (failing_since !== null)
    return (
      <p class="fault" role="status">
        {t("console.webhooks.failing")} <Time at={failing_since} />. {t(resting_until === null ? "console.webhooks.failing_text" : "console.webhooks.resting_text")}
      </p>
    );
  if (delivered_at === null) return <p class="quiet">{t("console.webhooks.never")}</p>;
  return <p class="quiet">{t("console.webhooks.delivered_at")} <Time at={delivered_at} /></p>;
}

interface CardProps {
  webhook: Webhook;
  types: Webhooks["types"];
  onSecret: (shown: ShownSecret) => void;
  onChanged: () => void;
}

function Card({ webhook, types, onSecret, onChanged }: CardProps): JSX.Element {
  const { api, site, say } = useDesk();
  const [open, setOpen] = useState<"change" | "rotate" | null>(null);
  const [testing, setTesting] = useState(false);
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  const { id, enabled } = webhook;
  const does = async (call: () => Promise<unknown>): Promise<void> => {
    try {
      await call();
      onChanged();
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  const remove = (): void => {
    if (confirm(t("console.webhooks.remove_sure", { url: webhook.url }))) void does(() => api.removeWebhook(site.key, id));
  };
  const test = async (): Promise<void> => {
    setTesting(true);
    await does(async () => {
      const delivery = await api.testWebhook(site.key, id);
      for (let tries = 0; tries < PATIENCE && here.current; tries += 1) {
        await new Promise((done) => setTimeout(done, PAUSE));
        const { tries: made } = await api.delivery(site.key, id, delivery);
        const [last] = made;
        if (last === undefined) continue;
        const good = last.status !== null && last.status >= 200 && last.status < 300;
        const came = last.status === null ? (last.error ?? "") : String(last.status);
        return say({ tone: good ? "plain" : "bad", text: t(good ? "console.webhooks.test_good" : "console.webhooks.test_bad", { came, ms: last.took_ms }) });
      }
      if (here.current) say({ tone: "bad", text: t("console.webhooks.test_nobody") });
    });
    if (here.current) setTesting(false);
  };
  return (
    <li class={`webhook${enabled ? "" : " off"}`}>
      <header class="webhook-head">
        <h2 dir="ltr">{webhook.url}</h2>
        {!enabled && <span class="tag bad">{t("console.webhooks.is_off")}</span>}
        {enabled && webhook.failing_since !== null && <span class="tag warm">{t("console.webhooks.is_failing")}</span>}
      </header>
      {webhook.description !== null && <p dir="auto">{webhook.description}</p>}
      <p class="tags">
        {webhook.events.length === 0
          ? <span class="tag">{t("console.webhooks.all_events")}</span>
          : webhook.events.map((type) => <span class="tag" key={type} title={type}>{typeName(type)}</span>)}
      </p>
      <Standing webhook={webhook} />
      {webhook.old_secrets.map(({ until }) => (
        <p class="quiet" key={until}>{t("console.webhooks.old_secret")} <time dateTime={until}>{exactText(until)}</time>.</p>
      ))}
      <div class="webhook-buttons">
        <Link class="button small" route={{ page: "webhooks", site: site.key, id }} label={t("console.webhooks.log_of", { url: webhook.url })}>{t("console.webhooks.log")}</Link>
        <button type="button" class="button small" disabled={testing || !enabled} onClick={() => void test()}>
          {t(testing ? "console.webhooks.testing" : "console.webhooks.test")}
        </button>
        <button type="button" class="button small" onClick={() => setOpen("change")}>{t("console.webhooks.change")}</button>
        <button type="button" class="button small" onClick={() => setOpen("rotate")}>{t("console.webhooks.rotate")}</button>
        <button type="button" class="button small" onClick={() => void does(() => api.changeWebhook(site.key, id, { enabled: !enabled }))}>
          {t(enabled ? "console.webhooks.switch_off" : "console.webhooks.switch_on")}
        </button>
        <button type="button" class="button small reject" onClick={remove}>{t("console.webhooks.remove")}</button>
      </div>
      {open === "change" && (
        <WebhookDialog types={types} known={webhook} onAdded={onSecret} onChanged={() => { setOpen(null); onChanged(); }} onClose={() => setOpen(null)} />
      )}
      {open === "rotate" && <RotateDialog webhook={webhook} onMade={(shown) => { setOpen(null); onSecret(shown); }} onClose={() => setOpen(null)} />}
    </li>
  );
}

export function WebhooksPage(): JSX.Element {
  const { api, site } = useDesk();
  const [all, setAll] = useState<Webhooks | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<ShownSecret | null>(null);
  const load = async (): Promise<void> => {
    setFault(null);
    try {
      setAll(await api.webhooks(site.key));
    } catch (error) {
      setFault(failureText(error));
    }
  };
  useEffect(() => {
    document.title = `${t("console.webhooks")} – ${site.name}`;
    void load();
  }, [site.key]);
  const show = (shown: ShownSecret): void => {
    setAdding(false);
    setSecret(shown);
    void load();
  };
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t("console.webhooks")}</h1>
        <button type="button" class="button" disabled={all === null} onClick={() => setAdding(true)}>
          <Icon name="webhooks" /> {t("console.webhooks.add")}
        </button>
      </header>
      <p class="quiet">{t("console.webhooks.about")}</p>
      {all === null && (fault === null ? <Loading /> : <Failed text={fault} onRetry={() => void load()} />)}
      {all !== null && fault !== null && <p class="fault" role="alert">{fault}</p>}
      {all?.webhooks.length === 0 && <Nothing title={t("console.webhooks.none")} text={t("console.webhooks.none_text")} />}
      <ul class="webhooks">
        {all?.webhooks.map((one) => <Card key={one.id} webhook={one} types={all.types} onSecret={show} onChanged={() => void load()} />)}
      </ul>
      {adding && all !== null && (
        <WebhookDialog types={all.types} known={null} onAdded={show} onChanged={() => undefined} onClose={() => setAdding(false)} />
      )}
      {secret !== null && <SecretDialog shown={secret} onKept={() => setSecret(null)} />}
    </div>
  );
}
