// What a moderator does with a comment besides deciding it: pick it, lock its thread, put it aside, ask a colleague,
// leave a note. Each has its key; what the server refuses is said and nothing on the screen has changed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import { useKeys } from "./keys";
import type { Item } from "./types";
import { failureText, t } from "./words";

const DEFERRED = 60; // minutes

interface MarksProps {
  item: Item;
  decidable: boolean;
  /** It stands like this now. */
  onItem: (item: Item) => void;
  /** It leaves this moderator's queues. */
  onGone: () => void;
}

function SayDialog({ what, onSay, onClose }: { what: "note" | "second_opinion"; onSay: (text: string) => Promise<void>; onClose: () => void }): JSX.Element {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await onSay(text.trim());
      onClose();
    } catch (error) {
      setBusy(false);
      setFault(failureText(error));
    }
  };
  return (
    <Dialog title={t(`console.${what}.title`)} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        <label class="field">
          <span>{t(`console.${what}.label`)}</span>
          <textarea rows={4} maxLength={2000} required autofocus value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button primary" disabled={busy || text.trim() === ""}>{t(`console.${what}.send`)}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function Marks({ item, decidable, onItem, onGone }: MarksProps): JSX.Element {
  const { api, say } = useDesk();
  const [dialog, setDialog] = useState<"note" | "second_opinion" | null>(null);
  const { comment } = item;
  const isRoot = comment.parent_id === null;
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  const toggle = (what: "pick" | "lock", on: boolean): void => void attempt(async () => onItem(await api.mark(comment.id, what, on)));
  const pickable = comment.status === "published" || comment.picked === true;
  const pick = (): void => {
    if (pickable) toggle("pick", comment.picked !== true);
  };
  const lock = (): void => {
    if (isRoot) toggle("lock", comment.locked !== true);
  };
  const defer = (): void => {
    if (!decidable) return;
    void attempt(async () => {
      await api.defer(comment.id, DEFERRED);
      say({ tone: "plain", text: t("console.deferred", { minutes: DEFERRED }) });
      onGone();
    });
  };
  const ask = (): void => {
    if (decidable) setDialog("second_opinion");
  };
  const note = (): void => setDialog("note");
  const send = async (text: string): Promise<void> => {
    if (dialog === "note") return onItem(await api.note(comment.id, text));
    onItem(await api.secondOpinion(comment.id, text));
    onGone();
  };
  useKeys({ p: pick, l: lock, d: defer, o: ask, n: note });
  const button = (label: string, key: string, able: boolean, act: () => void, pressed?: boolean): JSX.Element => (
    <button type="button" class="button small" disabled={!able} aria-pressed={pressed} aria-keyshortcuts={key} onClick={act}>
      {label} <kbd>{key}</kbd>
    </button>
  );
  return (
    <div class="marks" role="group" aria-label={t("console.marks")}>
      {button(t("console.pick"), "P", pickable, pick, comment.picked === true)}
      {button(t("console.lock"), "L", isRoot, lock, comment.locked === true)}
      {button(t("console.defer"), "D", decidable, defer)}
      {button(t("console.second_opinion"), "O", decidable, ask)}
      {button(t("console.note"), "N", true, note)}
      {dialog !== null && <SayDialog what={dialog} onSay={send} onClose={() => setDialog(null)} />}
    </div>
  );
}

/** A colleague asks what others think. */
export function Asked({ item }: { item: Item }): JSX.Element | null {
  const asked = item.second_opinion;
  if (asked === null) return null;
  return (
    <p class="note" role="status">
      {t(asked.by_me ? "console.asked.by_me" : "console.asked", { name: asked.by })} <q dir="auto">{asked.note}</q>
    </p>
  );
}
