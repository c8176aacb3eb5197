// Add a classifier, or give one another configuration or secret. A secret that is there is never shown: an empty field
// leaves it as it is.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import type { Classifier, ClassifierKind, Classifiers, ConfigField } from "./types";
import { configName, failureText, t } from "./words";

type Config = Record<string, unknown>;

const filled = (kind: ClassifierKind | undefined, known: Config): Config =>
  Object.fromEntries((kind?.config ?? []).map((field) => [field.name, known[field.name] ?? field.default ?? ""]));

function Field({ field, value, onValue }: { field: ConfigField; value: unknown; onValue: (value: unknown) => void }): JSX.Element {
  if (field.type === "boolean")
    return (
      <label class="check">
        <input type="checkbox" checked={value === true} onChange={(event) => onValue(event.currentTarget.checked)} />
        <span>{configName(field.name)}</span>
      </label>
    );
  const read = (text: string): unknown => (field.type === "number" && text !== "" ? Number(text) : text);
  return (
    <label class="field">
      <span>{configName(field.name)}</span>
      <input
        inputMode={field.type === "number" ? "decimal" : "text"} required={field.default === null} dir="ltr" spellcheck={false}
        value={String(value)} onInput={(event) => onValue(read(event.currentTarget.value))}
      />
    </label>
  );
}

interface DialogProps {
  kinds: ClassifierKind[];
  known: Classifier | null;
  onDone: (all: Classifiers) => void;
  onClose: () => void;
}

export function ClassifierDialog({ kinds, known, onDone, onClose }: DialogProps): JSX.Element {
  const { api, site } = useDesk();
  const [kindName, setKindName] = useState(known?.kind ?? kinds[0]?.name ?? "");
  const kind = kinds.find((one) => one.name === kindName);
  const [name, setName] = useState(known?.name ?? "");
  const [config, setConfig] = useState<Config>(filled(kind, known?.config ?? {}));
  const [secret, setSecret] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const choose = (to: string): void => {
    setKindName(to);
    setConfig(filled(kinds.find((one) => one.name === to), {}));
    setSecret("");
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      onDone(
        known === null
          ? await api.addClassifier(site.key, { name, kind: kindName, config, secret: secret || null })
          : await api.changeClassifier(site.key, known.name, { config, secret: secret || null, enabled: null }),
      );
      onClose();
    } catch (error) {
      setBusy(false);
      setFault(failureText(error));
    }
  };

  return (
    <Dialog title={known === null ? t("console.classifiers.add") : known.name} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        {known === null && (
          <>
            <label class="field">
              <span>{t("console.classifiers.kind")}</span>
              <select value={kindName} autofocus onChange={(event) => choose(event.currentTarget.value)}>
                {kinds.map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}
              </select>
              <small>{t(kind?.outside === false ? "console.classifiers.inside_text" : "console.classifiers.outside_text")}</small>
            </label>
            <label class="field">
              <span>{t("console.classifiers.name")}</span>
              <input required pattern="[a-z0-9][a-z0-9_\-]{0,39}" dir="ltr" value={name} onInput={(event) => setName(event.currentTarget.value)} />
              <small>{t("console.classifiers.name_hint")}</small>
            </label>
          </>
        )}
        {kind?.config.map((field) => (
          <Field key={`${kindName} ${field.name}`} field={field} value={config[field.name]} onValue={(value) => setConfig({ ...config, [field.name]: value })} />
        ))}
        {kind !== undefined && kind.secret !== "none" && (
          <label class="field">
            <span>{t("console.classifiers.secret")}</span>
            <input
              type="password" autocomplete="off" dir="ltr" required={kind.secret === "needed" && !known?.has_secret}
              value={secret} onInput={(event) => setSecret(event.currentTarget.value)}
            />
            <small>{t(known?.has_secret ? "console.classifiers.secret_kept" : "console.classifiers.secret_hint")}</small>
          </label>
        )}
        {kind?.error && <p class="fault">{kind.error}</p>}
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button approve" disabled={busy}>{t("console.classifiers.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
