// What a moderator does with a comment besides deciding it: pick it, lock its thread, put it aside, ask a colleague,
// leave a note. Each has its key; what the server refuses is said and nothing on the screen has changed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import type { Command } from "./bindings";
import { KeyHint, useKeyOf } from "./key-hint";
import { useCommands } from "./keys";
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

function Mark({ command, able, onPress, pressed }: { command: Command; able: boolean; onPress: () => void; pressed?: boolean }): JSX.Element {
  return (
    <button type="button" class="button small" disabled={!able} aria-pressed={pressed} aria-keyshortcuts={useKeyOf(command)} onClick={onPress}>
      {t(`console.${command}`)} <KeyHint of={command} />
    </button>
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
  useCommands({ pick, lock, defer, second_opinion: ask, note });
  return (
    <div class="marks" role="group" aria-label={t("console.marks")}>
      <Mark command="pick" able={pickable} onPress={pick} pressed={comment.picked === true} />
      <Mark command="lock" able={isRoot} onPress={lock} pressed={comment.locked === true} />
      <Mark command="defer" able={decidable} onPress={defer} />
      <Mark command="second_opinion" able={decidable} onPress={ask} />
      <Mark command="note" able onPress={note} />
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
