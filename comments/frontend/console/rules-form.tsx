// All rules as a form, in groups, each with a sentence that says what it does. For a section or an article a rule is as
// it is elsewhere until somebody says that it is otherwise here. Draws only.
import type { JSX } from "preact";
import { GROUPS, OF_SITE_ALONE } from "./rules-fields";
import type { Field } from "./rules-fields";
import { RuleInput } from "./rules-inputs";
import type { Rules } from "./rules-types";
import { many, number, ruleLabel, t } from "./words";

interface FormProps {
  /** The values as they stand in the form: all of the site's, or what is otherwise here. */
  draft: Rules;
  /** As they count now: what differs is marked. */
  counting: Rules;
  /** What a section or an article has unless it has it otherwise; null for the site itself. */
  inherited: Rules | null;
  disabled: boolean;
  /** `undefined`: as it is elsewhere. */
  onField: (name: string, value: unknown, wrong: boolean) => void;
}

const isList = (field: Field): boolean => field.kind === "words" || field.kind === "domains";

function told(field: Field, value: unknown): string {
  if (field.kind === "number") return `${number(Number(value))} ${t(`console.rules.unit.${field.unit}`)}`;
  if (field.kind === "yes") return t(value === true ? "console.yes" : "console.no");
  if (field.kind === "choice") return t(`console.rules.choice.${String(value)}`);
  if (field.kind === "zone") return String(value);
  const count = (value as unknown[]).length;
  if (field.kind === "hours") return count === 0 ? t("console.rules.none") : many("console.rules.spans", count);
  return many("console.rules.entries", count);
}

function Row({ field, props }: { field: Field; props: FormProps }): JSX.Element {
  const { draft, counting, inherited, disabled, onField } = props;
  const id = `rule-${field.name}`;
  const own = inherited === null || field.name in draft;
  const changed = JSON.stringify(draft[field.name]) !== JSON.stringify(counting[field.name]);
  const start = (): unknown => (isList(field) ? [] : inherited?.[field.name]);
  return (
    <div class={`rule rule-${field.kind}${changed ? " changed" : ""}`}>
      <div class="rule-head">
        {field.kind === "hours" || !own
          ? <span id={`${id}-label`} class="rule-name">{ruleLabel(field.name)}</span>
          : <label for={id} id={`${id}-label`} class="rule-name">{ruleLabel(field.name)}</label>}
        {changed && <span class="tag warm">{t("console.rules.changed")}</span>}
      </div>
      <p id={`${id}-help`} class="rule-help">{t(`console.rules.${field.name}.help`)}</p>
      {inherited !== null && (
        <label class="rule-own">
          <input type="checkbox" checked={own} disabled={disabled} aria-label={`${ruleLabel(field.name)}: ${t(isList(field) ? "console.rules.more_here" : "console.rules.own_here")}`}
            onChange={(event) => onField(field.name, event.currentTarget.checked ? start() : undefined, false)} />
          <span>{t(isList(field) ? "console.rules.more_here" : "console.rules.own_here")}</span>
          <span class="quiet">{t("console.rules.elsewhere", { value: told(field, inherited[field.name]) })}</span>
        </label>
      )}
      {own && <RuleInput field={field} id={id} value={draft[field.name]} disabled={disabled} onValue={(value, wrong = false) => onField(field.name, value, wrong)} />}
    </div>
  );
}

export function RulesForm(props: FormProps): JSX.Element {
  return (
    <div class="rules-form">
      {GROUPS.map((group) => {
        const fields = props.inherited === null ? group.fields : group.fields.filter((field) => !OF_SITE_ALONE.has(field.name));
        return (
          <section key={group.name} class="rules-group" aria-labelledby={`group-${group.name}`}>
            <h2 id={`group-${group.name}`}>{t(`console.rules.group.${group.name}`)}</h2>
            {fields.map((field) => <Row key={field.name} field={field} props={props} />)}
          </section>
        );
      })}
    </div>
  );
}
