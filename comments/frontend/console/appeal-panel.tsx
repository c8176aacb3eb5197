// An author's appeal beside their comment: their words, what it is against, and the two answers. Where it is against
// one's own decision a colleague answers it, and this says so. Draws and calls; what follows is told by onAnswered.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { problemOf } from "./api";
import { useDesk } from "./desk";
import { Icon } from "./icons";
import { KeyHint, useKeyOf } from "./key-hint";
import { useCommands } from "./keys";
import { Time } from "./time";
import type { AppealAnswer, Item } from "./types";
import { personName, problemText, reasonName, t } from "./words";

interface PanelProps {
  item: Item;
  onAnswered: (item: Item) => void;
}

function against({ against }: NonNullable<Item["appeal"]>): string {
  if (against.by === "machine") return t("console.appeal.against_machine");
  const by = against.by_me ? t("console.appeal.against_me") : t("console.appeal.against_by", { name: against.name ?? t("console.by_system") });
  return against.reason === null ? by : `${by} ${t("console.appeal.against_reason", { reason: reasonName(against.reason) })}`;
}

function Answer({ item, onAnswered }: PanelProps): JSX.Element {
  const { api, site, reasons, setCounts, murmur } = useDesk();
  const { comment, appeal } = item;
  const [note, setNote] = useState("");
  const reason = useRef<HTMLSelectElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const held = comment.status === "waiting";

  const send = async (outcome: AppealAnswer["outcome"]): Promise<void> => {
    if (busy || appeal === null) return;
    setBusy(true);
    setFault(null);
    const words = note.trim();
    const why = held && outcome === "upheld" ? { reason: reason.current?.value ?? "" } : {};
    const told = words === "" ? {} : { note: words };
    try {
      const done = await api.answerAppeal(appeal.id, comment.version ?? 0, { outcome, ...told, ...why });
      setCounts(site.key, done.counts);
      murmur(t(`console.appeal.done.${outcome}`, { name: personName(comment.author) }));
      onAnswered(done.item);
    } catch (error) {
      setFault(problemText(problemOf(error)));
    }
    setBusy(false);
  };
  useCommands({ uphold: () => void send("upheld"), overturn: () => void send("overturned") });

  return (
    <>
      {appeal?.against.by_me && <p class="quiet">{t("console.appeal.alone")}</p>}
      <label class="field">
        <span>{t("console.appeal.note")}</span>
        <textarea rows={2} maxLength={500} value={note} aria-describedby="appeal-note-hint" onInput={(event) => setNote(event.currentTarget.value)} />
        <small class="quiet" id="appeal-note-hint">{t("console.appeal.note_hint")}</small>
      </label>
      {held && (
        <label class="field">
          <span>{t("console.appeal.reason")}</span>
          <select ref={reason}>{reasons.map((one) => <option key={one} value={one}>{reasonName(one)}</option>)}</select>
        </label>
      )}
      {fault !== null && <p class="fault" role="alert">{t("console.appeal.failed")} {fault}</p>}
      <div class="appeal-answers">
        <button type="button" class="button" disabled={busy} aria-keyshortcuts={useKeyOf("uphold")} onClick={() => void send("upheld")}>
          <Icon name="cross" />
          <span>{t("console.appeal.uphold")}</span>
          <KeyHint of="uphold" />
        </button>
        <button type="button" class="button" disabled={busy} aria-keyshortcuts={useKeyOf("overturn")} onClick={() => void send("overturned")}>
          <Icon name="check" />
          <span>{t("console.appeal.overturn")}</span>
          <KeyHint of="overturn" />
        </button>
        <small class="quiet">{t(held ? "console.appeal.what_uphold_held" : "console.appeal.what_uphold")}</small>
      </div>
    </>
  );
}

/** Nothing where there is no appeal; only the outcome where it was answered. */
export function AppealPanel({ item, onAnswered }: PanelProps): JSX.Element | null {
  const { appeal, comment } = item;
  if (appeal === null || appeal === undefined) return null;
  const open = appeal.state === "open";
  return (
    <section class={`appeal${open ? " open" : ""}`} aria-label={t("console.appeal")}>
      <p class="appeal-head">
        <strong>{open ? t("console.appeal.by_author", { name: personName(comment.author) }) : t(`console.appeal.was.${appeal.state}`)}</strong>
        <span class="quiet"><Time at={appeal.decided_at ?? appeal.created_at} /></span>
      </p>
      <blockquote dir="auto">{appeal.text}</blockquote>
      <p class="quiet">{against(appeal)}</p>
      {appeal.note !== null && <p dir="auto">{appeal.note}</p>}
      {open && (appeal.decidable ? <Answer key={comment.id} item={item} onAnswered={onAnswered} /> : <p class="note">{t("console.appeal.not_yours")}</p>)}
    </section>
  );
}

/** What the author was told, word for word. */
export function ReceiptPart({ item }: { item: Item }): JSX.Element | null {
  const { receipt } = item.comment;
  if (!receipt) return null;
  return (
    <section class="part">
      <h2>{t("console.receipt")}</h2>
      <p class="receipt-text" dir="auto">{receipt.text}</p>
    </section>
  );
}
