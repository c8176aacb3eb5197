// The list of keys: what a moderator can do without the mouse. The bindings themselves stand with the pages.
import type { JSX } from "preact";
import { Dialog } from "./dialog";
import { t } from "./words";

const KEYS: [keys: string[], action: string][] = [
  [["A"], "approve"], [["R"], "reject"], [["1", "9"], "reason"], [["B"], "ban"], [["W"], "warn"], [["M"], "premoderate"], [["J"], "next"], [["K"], "previous"],
  [["P"], "pick"], [["L"], "lock"], [["D"], "defer"], [["O"], "second_opinion"], [["N"], "note"], [["U", "Z"], "undo"], [["X"], "choose"],
  [["Enter", "T"], "context"], [["G"], "fetch"], [["/"], "search"], [["Esc"], "close"], [["?"], "help"],
];

export function HelpDialog({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title={t("console.help.title")} onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, action]) => (
          <div key={action}>
            <dt>
              {keys.map((key, at) => [at > 0 && (action === "reason" ? "–" : " "), <kbd key={key}>{key}</kbd>])}
            </dt>
            <dd>{t(`console.help.${action}`)}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">{t("console.help.off")}</p>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>{t("console.close")}</button>
      </div>
    </Dialog>
  );
}
