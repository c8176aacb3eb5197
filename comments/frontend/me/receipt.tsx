// Why a comment is not public, in the server's words, and the appeal: its form, that it was sent, what became of it.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { day, useOwn, when } from "./own";
import { Plead } from "./plead";
import { isKept } from "./pleas";
import { Reasons } from "./statement";
import type { OwnComment } from "./types";

interface Props {
  own: OwnComment;
  onChange: (changed: OwnComment) => void;
}

export function Receipt({ own: { comment, statement }, onChange }: Props): VNode | null {
  const { words, visit } = useOwn();
  const id = `appeal-${comment.id}`;
  const [open, setOpen] = useState(() => isKept(visit, id));
  const { receipt } = comment;
  if (!receipt) return null;
  const { appeal } = receipt;
  return (
    <div class="note">
      <p class="lines" dir="auto">{receipt.text}</p>
      <p class="quiet">{words.t(`appeal.by.${receipt.by}`, { when: when(receipt.at, words) })}</p>
      {statement && <Reasons statement={statement} />}
      {appeal.state && <p>{words.t(`appeal.${appeal.state}`)}</p>}
      {appeal.note && <p class="lines" dir="auto">{words.t("appeal.note", { note: appeal.note })}</p>}
      {appeal.text && <p class="quiet lines" dir="auto">{words.t("appeal.yours", { text: appeal.text })}</p>}
      {appeal.possible && !open && (
        <p class="steps">
          <button class="button" onClick={() => setOpen(true)}>{words.t("appeal.start")}</button>
          {appeal.until && <span class="quiet">{words.t("appeal.until", { until: day(appeal.until, words) })}</span>}
        </p>
      )}
      {appeal.possible && open && (
        <Plead id={id} path={`/comments/${comment.id}/appeal`} most={500} hint={words.t("appeal.hint")}
          onClose={() => setOpen(false)} onSent={(answer) => onChange(answer as OwnComment)} />
      )}
    </div>
  );
}
