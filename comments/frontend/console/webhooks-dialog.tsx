// Add a webhook, or change where it leads and what it is told.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import type { ShownSecret, Webhook, Webhooks } from "./webhooks-types";
import { failureText, find, t } from "./words";

export const typeName = (type: string): string => find(`console.webhooks.type.${type}`) ?? type;

interface DialogProps {
  types: Webhooks["types"];
  known: Webhook | null;
  onAdded: (shown: ShownSecret) => void;
  onChanged: () => void;
  onClose: () => void;
}

export function WebhookDialog({ types, known, onAdded, onChanged, onClose }: DialogProps): JSX.Element {
  const { api, site } = useDesk();
  const [url, setUrl] = useState(known?.url ?? "");
  const [description, setDescription] = useState(known?.description ?? "");
  const [every, setEvery] = useState((known?.events.length ?? 0) === 0);
  const [chosen, setChosen] = useState(new Set(known?.events ?? []));
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const wanted = types.map((one) => one.type).filter((type) => type !== "webhook.test");

  const choose = (type: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(type);
    else next.delete(type);
    setChosen(next);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const body = { url: url.trim(), description: description.trim() || null, events: every ? [] : wanted.filter((type) => chosen.has(type)) };
    try {
      if (known === null) onAdded(await api.addWebhook(site.key, body));
      else {
        // The address alone asks for the password once more: it is sent only where it is another.
        const { url: to, ...rest } = body;
        await api.changeWebhook(site.key, known.id, to === known.url ? rest : body);
        onChanged();
      }
    } catch (error) {
      setBusy(false);
      setFault(failureText(error));
    }
  };

  return (
    <Dialog title={t(known === null ? "console.webhooks.add" : "console.webhooks.change")} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        <label class="field">
          <span>{t("console.webhooks.url")}</span>
          <input type="url" required autofocus dir="ltr" spellcheck={false} maxLength={2000} placeholder="https://" value={url} onInput={(event) => setUrl(event.currentTarget.value)} />
          <small>{t("console.webhooks.url_hint")}</small>
        </label>
        <label class="field">
          <span>{t("console.webhooks.description")}</span>
          <input maxLength={200} dir="auto" value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={every} onChange={(event) => setEvery(event.currentTarget.checked)} />
          <span>{t("console.webhooks.all_events")}</span>
        </label>
        {!every && (
          <fieldset class="webhook-types">
            <legend>{t("console.webhooks.events")}</legend>
            {wanted.map((type) => (
              <label class="check" key={type}>
                <input type="checkbox" checked={chosen.has(type)} onChange={(event) => choose(type, event.currentTarget.checked)} />
                <span>{typeName(type)} <code class="quiet">{type}</code></span>
              </label>
            ))}
          </fieldset>
        )}
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button primary" disabled={busy || (!every && chosen.size === 0)}>{t("console.webhooks.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
