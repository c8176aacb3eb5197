// What a classifier's scores cause: a threshold for each label, hold or note, and what comments do until the opinion is
// there or if none comes. Saving makes a new version of the site's rules.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { CardProps } from "./classifiers-page";
import { useDesk } from "./desk";
import type { OpinionRule } from "./types";
import { failureText, t } from "./words";

const BY_DEFAULT: OpinionRule = { thresholds: {}, action: "hold", first: "appear", without: "appear", patience: 120 };
const CHOICES = { action: ["hold", "note"], first: ["appear", "wait"], without: ["appear", "wait"] } as const;

export function RuleForm({ classifier, kind, put }: CardProps): JSX.Element {
  const { api, site, say } = useDesk();
  const [rule, setRule] = useState<OpinionRule>(classifier.rule ?? BY_DEFAULT);
  const [label, setLabel] = useState("");
  const [busy, setBusy] = useState(false);
  const free = (kind?.labels ?? []).filter((one) => !(one in rule.thresholds));
  const list = `labels-${classifier.name}`;

  const save = async (to: OpinionRule | null): Promise<void> => {
    setBusy(true);
    try {
      put(await api.setOpinionRule(site.key, classifier.name, to));
      if (to === null) setRule(BY_DEFAULT);
      say({ tone: "plain", text: t(to === null ? "console.classifiers.not_asked" : "console.classifiers.saved") });
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
    setBusy(false);
  };
  const set = (name: string, value: number | null): void => {
    const { [name]: _gone, ...others } = rule.thresholds;
    setRule({ ...rule, thresholds: value === null ? others : { ...rule.thresholds, [name]: value } });
  };
  const add = (): void => {
    if (label.trim() !== "") set(label.trim(), 0.8);
    setLabel("");
  };

  return (
    <form class="classifier-rule" onSubmit={(event) => { event.preventDefault(); void save(rule); }}>
      <h3>{t("console.classifiers.rule")}</h3>
      {classifier.rule === null && <p class="note">{t("console.classifiers.asked_nothing")}</p>}
      <ul class="thresholds">
        {Object.entries(rule.thresholds).map(([name, value]) => (
          <li key={name}>
            <label>
              <span>{name}</span>
              <input
                type="number" min={0} max={1} step="any" required value={value}
                onInput={(event) => set(name, Math.min(1, Math.max(0, event.currentTarget.valueAsNumber || 0)))}
              />
            </label>
            <button type="button" class="button small plain" aria-label={t("console.classifiers.no_threshold", { label: name })} onClick={() => set(name, null)}>×</button>
          </li>
        ))}
      </ul>
      <div class="threshold-new">
        <input
          list={list} aria-label={t("console.classifiers.label")} placeholder={t("console.classifiers.label")} maxLength={100} dir="ltr"
          value={label} onInput={(event) => setLabel(event.currentTarget.value)}
          onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); add(); } }}
        />
        <datalist id={list}>{free.map((one) => <option key={one} value={one} />)}</datalist>
        <button type="button" class="button small" disabled={label.trim() === ""} onClick={add}>{t("console.classifiers.add_threshold")}</button>
      </div>
      {(["action", "first", "without"] as const).map((field) => (
        <label key={field} class="field">
          <span>{t(`console.classifiers.${field}`)}</span>
          <select value={rule[field]} onChange={(event) => setRule({ ...rule, [field]: event.currentTarget.value })}>
            {CHOICES[field].map((one) => <option key={one} value={one}>{t(`console.classifiers.${field}.${one}`)}</option>)}
          </select>
        </label>
      ))}
      <label class="field">
        <span>{t("console.classifiers.patience")}</span>
        <input
          type="number" min={5} max={86_400} required value={rule.patience}
          onInput={(event) => setRule({ ...rule, patience: event.currentTarget.valueAsNumber || 120 })}
        />
      </label>
      <div class="classifier-foot">
        <button type="submit" class="button approve" disabled={busy || Object.keys(rule.thresholds).length === 0}>{t("console.classifiers.save")}</button>
        {classifier.rule !== null && (
          <button type="button" class="button" disabled={busy} onClick={() => void save(null)}>{t("console.classifiers.ask_no_more")}</button>
        )}
      </div>
    </form>
  );
}
