// Who may write under an article now: open, pre-moderated, closed, read-only, off. The browser's own select.
import type { JSX } from "preact";
import { MODES } from "./types";
import type { Mode } from "./types";
import { t } from "./words";

interface ModeProps {
  mode: Mode;
  /** The article's title, for those who hear the control without seeing its place. */
  title: string;
  onMode: (mode: Mode) => void;
}

export function ModeSelect({ mode, title, onMode }: ModeProps): JSX.Element {
  return (
    <select
      class={`mode mode-${mode}`}
      aria-label={t("console.mode.label", { title })}
      value={mode}
      onChange={(event) => onMode(event.currentTarget.value as Mode)}
    >
      {MODES.map((one) => <option key={one} value={one}>{t(`console.mode.${one}`)}</option>)}
    </select>
  );
}
