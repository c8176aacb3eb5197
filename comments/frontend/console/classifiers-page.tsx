// The site's classifiers: who is asked for an opinion, what the scores cause, and a try with a text of one's own.
// Administrators only; what others may know they see with the comments.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ClassifierDialog } from "./classifiers-dialog";
import { RuleForm } from "./classifiers-rule";
import { TryForm } from "./classifiers-try";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Icon } from "./icons";
import { Time } from "./time";
import type { Classifier, ClassifierKind, Classifiers } from "./types";
import { failureText, t } from "./words";

export interface CardProps {
  classifier: Classifier;
  kind: ClassifierKind | undefined;
  put: (all: Classifiers) => void;
}

function Trouble({ classifier }: { classifier: Classifier }): JSX.Element | null {
  if (classifier.trouble === null) return null;
  return (
    <p class="fault" role="status">
      {t("console.classifiers.trouble")} <Time at={classifier.trouble.since} />: {classifier.trouble.error}
    </p>
  );
}

function Card({ classifier, kind, put }: CardProps): JSX.Element {
  const { api, site, say } = useDesk();
  const [editing, setEditing] = useState(false);
  const { name, enabled } = classifier;
  const does = async (call: () => Promise<Classifiers>): Promise<void> => {
    try {
      put(await call());
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  const remove = (): void => {
    if (confirm(t("console.classifiers.remove_sure", { name }))) void does(() => api.removeClassifier(site.key, name));
  };
  return (
    <li class={`classifier${enabled ? "" : " off"}`}>
      <header class="classifier-head">
        <h2>{name}</h2>
        <span class="tag">{classifier.kind}</span>
        <span class={`tag${kind?.outside === false ? "" : " warm"}`}>
          {t(kind?.outside === false ? "console.classifiers.inside" : "console.classifiers.outside")}
        </span>
        {!enabled && <span class="tag bad">{t("console.classifiers.is_off")}</span>}
        <span class="classifier-buttons">
          <button type="button" class="button small" onClick={() => setEditing(true)}>{t("console.classifiers.change")}</button>
          <button
            type="button"
            class="button small"
            onClick={() => void does(() => api.changeClassifier(site.key, name, { config: null, secret: null, enabled: !enabled }))}
          >
            {t(enabled ? "console.classifiers.switch_off" : "console.classifiers.switch_on")}
          </button>
          <button type="button" class="button small reject" onClick={remove}>{t("console.classifiers.remove")}</button>
        </span>
      </header>
      <Trouble classifier={classifier} />
      <div class="classifier-parts">
        <RuleForm classifier={classifier} kind={kind} put={put} />
        <TryForm classifier={classifier} put={put} />
      </div>
      {editing && <ClassifierDialog kinds={kind === undefined ? [] : [kind]} known={classifier} onDone={put} onClose={() => setEditing(false)} />}
    </li>
  );
}

export function ClassifiersPage(): JSX.Element {
  const { api, site } = useDesk();
  const [all, setAll] = useState<Classifiers | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const load = async (): Promise<void> => {
    setFault(null);
    try {
      setAll(await api.classifiers(site.key));
    } catch (error) {
      setFault(failureText(error));
    }
  };
  useEffect(() => {
    document.title = `${t("console.classifiers")} – ${site.name}`;
    void load();
  }, [site.key]);
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t("console.classifiers")}</h1>
        <button type="button" class="button" disabled={all === null} onClick={() => setAdding(true)}>
          <Icon name="classifiers" /> {t("console.classifiers.add")}
        </button>
      </header>
      <p class="quiet">{t("console.classifiers.about")}</p>
      {all === null && (fault === null ? <Loading /> : <Failed text={fault} onRetry={() => void load()} />)}
      {all?.classifiers.length === 0 && <Nothing title={t("console.classifiers.none")} text={t("console.classifiers.none_text")} />}
      <ul class="classifiers">
        {all?.classifiers.map((one) => (
          <Card key={one.name} classifier={one} kind={all.kinds.find((kind) => kind.name === one.kind)} put={setAll} />
        ))}
      </ul>
      {adding && all !== null && <ClassifierDialog kinds={all.kinds} known={null} onDone={setAll} onClose={() => setAdding(false)} />}
    </div>
  );
}
