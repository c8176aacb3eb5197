// One input for each kind of rule. Each holds what is typed, and gives the form a value or says that there is none.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons";
import { DAYS, isZone, readLines } from "./rules-fields";
import type { Field } from "./rules-fields";
import type { Window } from "./rules-types";
import { many, number, t } from "./words";

export interface InputProps<F extends Field = Field> {
  field: F;
  id: string;
  value: unknown;
  disabled: boolean;
  /** `wrong`: what is typed is no value, so nothing may be tried or switched on. */
  onValue: (value: unknown, wrong?: boolean) => void;
}

type Of<K extends Field["kind"]> = InputProps<Extract<Field, { kind: K }>>;

const FAULTS_SHOWN = 5;

function ListInput({ field, id, value, disabled, onValue }: Of<"words" | "domains">): JSX.Element {
  const entries = value as string[];
  const [text, setText] = useState(entries.join("\n"));
  const read = readLines(text, field.kind);
  const type = (typed: string): void => {
    const now = readLines(typed, field.kind);
    setText(typed);
    onValue(now.entries, now.faults.length > 0 || now.tooMany);
  };
  const wrong = read.faults.length > 0 || read.tooMany;
  return (
    <>
      <textarea
        id={id}
        class="list-input"
        rows={Math.min(12, Math.max(3, entries.length + 1))}
        value={text}
        readOnly={disabled}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        aria-describedby={`${id}-help ${id}-state`}
        aria-invalid={wrong}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <div id={`${id}-state`} class="list-state" role="status">
        <span>{many("console.rules.entries", read.entries.length)}</span>
        {read.doubles > 0 && <span>{many("console.rules.doubles", read.doubles)}</span>}
        {read.faults.slice(0, FAULTS_SHOWN).map((fault) => (
          <span key={fault.line} class="wrong">{t(`console.rules.fault.${fault.why}`, { line: number(fault.line) })}</span>
        ))}
        {read.faults.length > FAULTS_SHOWN && <span class="wrong">{many("console.rules.more_faults", read.faults.length - FAULTS_SHOWN)}</span>}
        {read.tooMany && <span class="wrong">{t("console.rules.fault.many")}</span>}
      </div>
    </>
  );
}

function NumberInput({ field, id, value, disabled, onValue }: Of<"number">): JSX.Element {
  const [text, setText] = useState(String(value));
  const valid = (typed: string): boolean => /^\d{1,9}$/.test(typed) && Number(typed) >= field.least && Number(typed) <= field.most;
  const type = (typed: string): void => {
    setText(typed);
    onValue(valid(typed) ? Number(typed) : value, !valid(typed));
  };
  return (
    <span class="number-input">
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={field.least}
        max={field.most}
        step={1}
        value={text}
        disabled={disabled}
        aria-describedby={`${id}-help`}
        aria-invalid={!valid(text)}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <span class="quiet">{t(`console.rules.unit.${field.unit}`)}</span>
      {!valid(text) && <span class="wrong" role="alert">{t("console.rules.fault.number", { least: number(field.least), most: number(field.most) })}</span>}
    </span>
  );
}

function YesInput({ id, value, disabled, onValue }: Of<"yes">): JSX.Element {
  return (
    <input id={id} type="checkbox" checked={value === true} disabled={disabled} aria-describedby={`${id}-help`}
      onChange={(event) => onValue(event.currentTarget.checked)} />
  );
}

function ChoiceInput({ field, id, value, disabled, onValue }: Of<"choice">): JSX.Element {
  return (
    <select id={id} value={String(value)} disabled={disabled} aria-describedby={`${id}-help`} onChange={(event) => onValue(event.currentTarget.value)}>
      {field.of.map((one) => <option key={one} value={one}>{t(`console.rules.choice.${one}`)}</option>)}
    </select>
  );
}

function ZoneInput({ id, value, disabled, onValue }: Of<"zone">): JSX.Element {
  const [text, setText] = useState(String(value));
  const type = (typed: string): void => {
    setText(typed);
    onValue(typed.trim(), !isZone(typed.trim()));
  };
  return (
    <span class="number-input">
      <input id={id} type="text" list={`${id}-zones`} value={text} disabled={disabled} spellcheck={false} aria-describedby={`${id}-help`}
        aria-invalid={!isZone(text.trim())} onInput={(event) => type(event.currentTarget.value)} />
      <datalist id={`${id}-zones`}>{Intl.supportedValuesOf("timeZone").map((zone) => <option key={zone} value={zone} />)}</datalist>
      {!isZone(text.trim()) && <span class="wrong" role="alert">{t("console.rules.fault.zone")}</span>}
    </span>
  );
}

function HoursRow({ hours, disabled, onHours, onGone }: { hours: Window; disabled: boolean; onHours: (hours: Window) => void; onGone: () => void }): JSX.Element {
  const toggle = (day: string): void =>
    onHours({ ...hours, days: DAYS.filter((one) => (one === day ? !hours.days.includes(one) : hours.days.includes(one))) });
  return (
    <li class="hours-row">
      <label><span class="unseen">{t("console.rules.from")}</span><input type="time" required value={hours.start} disabled={disabled} onInput={(event) => onHours({ ...hours, start: event.currentTarget.value })} /></label>
      <span aria-hidden="true">–</span>
      <label><span class="unseen">{t("console.rules.until")}</span><input type="time" required value={hours.end} disabled={disabled} onInput={(event) => onHours({ ...hours, end: event.currentTarget.value })} /></label>
      <span class="days">
        {DAYS.map((day) => (
          <label key={day} class="day"><input type="checkbox" checked={hours.days.includes(day)} disabled={disabled} onChange={() => toggle(day)} /><span>{t(`console.rules.day.${day}`)}</span></label>
        ))}
      </span>
      {!disabled && (
        <button type="button" class="button icon-only plain" aria-label={t("console.rules.hours_remove")} onClick={onGone}><Icon name="cross" /></button>
      )}
    </li>
  );
}

function HoursInput({ id, value, disabled, onValue }: Of<"hours">): JSX.Element {
  const all = value as Window[];
  const put = (next: Window[]): void => onValue(next, next.some((one) => !one.start || !one.end || one.days.length === 0));
  return (
    <div id={id} role="group" aria-labelledby={`${id}-label`} aria-describedby={`${id}-help`}>
      {all.length > 0 && (
        <ul class="hours">
          {all.map((hours, at) => (
            <HoursRow key={at} hours={hours} disabled={disabled}
              onHours={(now) => put(all.map((one, place) => (place === at ? now : one)))}
              onGone={() => put(all.filter((_, place) => place !== at))} />
          ))}
        </ul>
      )}
      {all.length === 0 && disabled && <span class="quiet">{t("console.rules.none")}</span>}
      {!disabled && all.length < 20 && (
        <button type="button" class="button small" onClick={() => put([...all, { start: "22:00", end: "06:00", days: [...DAYS] }])}>{t("console.rules.hours_add")}</button>
      )}
    </div>
  );
}

export function RuleInput(props: InputProps): JSX.Element {
  switch (props.field.kind) {
    case "words":
    case "domains":
      return <ListInput {...(props as Of<"words" | "domains">)} />;
    case "number":
      return <NumberInput {...(props as Of<"number">)} />;
    case "yes":
      return <YesInput {...(props as Of<"yes">)} />;
    case "choice":
      return <ChoiceInput {...(props as Of<"choice">)} />;
    case "hours":
      return <HoursInput {...(props as Of<"hours">)} />;
    case "zone":
      return <ZoneInput {...(props as Of<"zone">)} />;
  }
}
