// What may be laid upon an author, wherever they are shown: warn and pre-moderate with their dialogs, and the
// way back. Banning is the bench's own.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { KeyHint, useKeyOf } from "./key-hint";
import { useCommands } from "./keys";
import type { Author, Laid } from "./types";
import { ReasonDialog, WarnDialog } from "./warn-dialog";
import { failureText, personName, t } from "./words";

interface ActionsProps {
  author: Author;
  /** On account of which comment a warning is. */
  comment?: string;
  onAuthor: (author: Author) => void;
}

export function PersonActions({ author, comment, onAuthor }: ActionsProps): JSX.Element | null {
  const { api, reasons, session, say } = useDesk();
  const [dialog, setDialog] = useState<"warn" | "premoderate" | null>(null);
  const name = personName(author);
  const may = (session.user.role as string) !== "staff";

  /** Show what it changed, and offer the way back. */
  const done = (laid: Laid, text: string): void => {
    onAuthor(laid.author);
    const { undo } = laid;
    const back = async (): Promise<void> => {
      if (undo === null) return;
      try {
        onAuthor((await api.takeBack(undo)).author);
      } catch (error) {
        say({ tone: "bad", text: failureText(error) });
      }
    };
    say({ tone: "plain", text, ...(undo === null ? {} : { act: { label: t("console.undo_this"), run: () => void back() } }) });
  };
  const lift = async (): Promise<void> => {
    try {
      done(await api.liftPremoderation(author.id), t("console.premoderate.lifted", { name }));
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  const premoderate = (): void => (author.premoderated ? void lift() : setDialog("premoderate"));
  const [warnKey, premoderateKey] = [useKeyOf("warn"), useKeyOf("premoderate")];
  useCommands(may ? { warn: () => setDialog("warn"), premoderate } : {});

  if (!may) return null;
  return (
    <div class="person-actions">
      <button type="button" class="button small" aria-keyshortcuts={warnKey} aria-haspopup="dialog" onClick={() => setDialog("warn")}>
        {t("console.warn")} <KeyHint of="warn" />
      </button>
      <button type="button" class="button small" aria-keyshortcuts={premoderateKey} aria-haspopup={author.premoderated ? undefined : "dialog"} onClick={premoderate}>
        {t(author.premoderated ? "console.premoderate.lift" : "console.premoderate")} <KeyHint of="premoderate" />
      </button>
      {dialog === "warn" && (
        <WarnDialog author={author} reasons={reasons} onClose={() => setDialog(null)}
          onWarn={async (reason, text) => done(await api.warn(author.id, reason, text, comment), t("console.warn.done", { name }))} />
      )}
      {dialog === "premoderate" && (
        <ReasonDialog group="premoderate" author={author} told={t("gate.premoderated")} onClose={() => setDialog(null)}
          onReason={async (reason) => done(await api.premoderate(author.id, reason), t("console.premoderate.done", { name }))} />
      )}
    </div>
  );
}
