// Statements of reasons in the server's sentences: beside a comment, and about what is laid upon the account, which one
// may complain about here.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { day, useOwn, when } from "./own";
import { Plead } from "./plead";
import { isKept } from "./pleas";
import type { Statement } from "./types";

export function Reasons({ statement }: { statement: Statement }): VNode {
  const { words } = useOwn();
  return (
    <details class="reasons">
      <summary>{words.t("me.statement")}</summary>
      <ul>{statement.text.map((sentence) => <li key={sentence} dir="auto">{sentence}</li>)}</ul>
      <p class="quiet">{words.t("me.statement_made", { when: when(statement.created_at, words), reference: statement.reference })}</p>
    </details>
  );
}

/** `named`: whether the line above says already what was done. */
export function LaidUpon({ statement, named }: { statement: Statement; named: boolean }): VNode {
  const { words, renew, visit } = useOwn();
  const id = `complaint-${statement.id}`;
  const [open, setOpen] = useState(() => isKept(visit, id));
  const { complaint: { possible, until, state, text, note } } = statement;
  return (
    <div class="note">
      {!named && <p dir="auto">{statement.text[0]}</p>}
      <Reasons statement={statement} />
      {state && <p>{words.t(`appeal.${state}`)}</p>}
      {note && <p class="lines" dir="auto">{words.t("appeal.note", { note })}</p>}
      {text && <p class="quiet lines" dir="auto">{words.t("appeal.yours", { text })}</p>}
      {possible && !open && (
        <p class="steps">
          <button class="button" onClick={() => setOpen(true)}>{words.t("appeal.start")}</button>
          {until && <span class="quiet">{words.t("appeal.until", { until: day(until, words) })}</span>}
        </p>
      )}
      {possible && open && (
        <Plead id={id} path={`/statements/${statement.id}/complaint`} most={5000}
          onClose={() => setOpen(false)} onSent={() => void renew()} />
      )}
    </div>
  );
}
