// The keys: what a moderator can do without the mouse, and the place to change that. Each command's key can be another
// one or none; a key that is another command's is refused with its name, and nothing is kept.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { changedOf, COMMANDS, labelOf, pressedKey, shownKey, takenBy, USUAL } from "./bindings";
import type { Command, Keys } from "./bindings";
import { useDesk } from "./desk";
import { Dialog } from "./dialog";
import { failureText, t } from "./words";

interface RowProps {
  command: Command;
  value: string | null;
  asking: boolean;
  onAsk: (asking: boolean) => void;
  /** Without a word: what was said stays where it is, and so does what is being pointed at. */
  onLeave: () => void;
  onKey: (key: string | null) => void;
}

function Row({ command, value, asking, onAsk, onLeave, onKey }: RowProps): JSX.Element {
  const label = t(labelOf(command));
  const shown = value === null ? t("console.keys.none") : shownKey(value);
  const listen = (event: KeyboardEvent): void => {
    // Tab goes on, as everywhere; Enter and Space on the button itself ask for a key.
    if (!asking || event.key === "Tab" || event.key === "Shift") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return onAsk(false);
    onKey(pressedKey(event) ?? "");
  };
  const able = command !== "reasons";
  return (
    <li>
      <span class="keys-label">{label}</span>
      {able ? (
        <button
          type="button" class={`button small keys-key${asking ? " asking" : ""}`} aria-pressed={asking} aria-label={t("console.keys.change", { what: label, key: shown })}
          onClick={(event) => {
            event.currentTarget.focus(); // not every browser does that by itself
            onAsk(!asking);
          }}
          onKeyDown={listen} onBlur={onLeave}
        >
          {asking ? t("console.keys.press") : value === null ? shown : <kbd>{shown}</kbd>}
        </button>
      ) : (
        <span class="keys-key">{value === null ? shown : <kbd>{shown}</kbd>}</span>
      )}
      <button type="button" class="button small plain" aria-label={`${t(value === null ? "console.keys.on" : "console.keys.off")}: ${label}`} onClick={() => onKey(value === null ? USUAL[command] : null)}>
        {t(value === null ? "console.keys.on" : "console.keys.off")}
      </button>
    </li>
  );
}

/** Say what became of a change, and keep it where it can be. */
function useEditor(): { asking: Command | null; fault: string | null; said: string; ask: (command: Command | null) => void; leave: () => void; change: (command: Command, key: string | null) => void; reset: () => void } {
  const { api, keys, setKeys } = useDesk();
  const [asking, setAsking] = useState<Command | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const keep = async (wanted: Keys, told: string): Promise<void> => {
    setAsking(null);
    setFault(null);
    setSaid("");
    try {
      setKeys(await api.setKeys(changedOf(wanted)));
      setSaid(told);
    } catch (error) {
      setFault(failureText(error));
    }
  };
  const change = (command: Command, key: string | null): void => {
    const what = t(labelOf(command));
    if (key === "") return setFault(t("console.keys.unfit"));
    const other = key === null ? null : takenBy(keys, command, key);
    if (key !== null && other !== null) return setFault(t("console.keys.taken", { key: shownKey(key), what: t(labelOf(other)) }));
    void keep({ ...keys, [command]: key }, key === null ? t("console.keys.is_off", { what }) : t("console.keys.is", { what, key: shownKey(key) }));
  };
  const ask = (command: Command | null): void => {
    setAsking(command);
    setFault(null);
    setSaid("");
  };
  return { asking, fault, said, ask, leave: () => setAsking(null), change, reset: () => void keep(USUAL, t("console.keys.are_usual")) };
}

export function HelpDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { keys } = useDesk();
  const { asking, fault, said, ask, leave, change, reset } = useEditor();
  return (
    <Dialog title={t("console.help.title")} onClose={onClose} size="middle">
      <p class="quiet">{t("console.keys.intro")}</p>
      <div class="keys-said">
        {fault !== null && <p class="fault" role="alert">{fault}</p>}
        <p class="quiet" role="status">{said}</p>
      </div>
      <ul class="keys">
        {COMMANDS.map((command) => (
          <Row key={command} command={command} value={keys[command]} asking={asking === command} onAsk={(on) => ask(on ? command : null)} onLeave={leave} onKey={(key) => change(command, key)} />
        ))}
      </ul>
      <p class="quiet"><kbd>Enter</kbd> {t("console.help.context")} · <kbd>Esc</kbd> {t("console.help.close")}</p>
      <div class="dialog-foot">
        <button type="button" class="button" disabled={Object.keys(changedOf(keys)).length === 0} onClick={reset}>{t("console.keys.reset")}</button>
        <button type="button" class="button" onClick={onClose}>{t("console.close")}</button>
      </div>
    </Dialog>
  );
}
