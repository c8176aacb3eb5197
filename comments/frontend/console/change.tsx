// One field that changed, as the log and the versions of rules show it.
import type { JSX } from "preact";
import type { FieldChange } from "./changes";
import { fieldName, valueName } from "./words";

export function Change({ change }: { change: FieldChange }): JSX.Element {
  return (
    <span class="change">
      {change.field !== null && <span class="quiet">{fieldName(change.field)} </span>}
      {change.before !== null && <del>{valueName(change.field, change.before)}</del>}
      {change.before !== null && change.after !== null && " → "}
      {change.after !== null && <ins>{valueName(change.field, change.after)}</ins>}
    </span>
  );
}
