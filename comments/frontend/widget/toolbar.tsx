// The toolbar over a text: one stop of the Tab key, arrows within, as role=toolbar promises; what each button's keys are
// stands in its title.
import { Component, type VNode } from "preact";
import type { Format } from "./markdown_edit";
import type { ThreadStore } from "./store";

const FORMATS: [Format, glyph: string, key: string][] = [
  ["bold", "B", "B"], ["italic", "I", "I"], ["quote", "“", "Shift+9"], ["code", "‹›", "E"], ["list", "•", "Shift+8"], ["link", "↗", "K"],
];
const CONTROL = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl+";

/** The format whose keys these are. */
export function formatOf({ shiftKey, code, key }: KeyboardEvent): Format | undefined {
  const pressed = shiftKey ? `Shift+${code.replace("Digit", "")}` : key.toUpperCase();
  return FORMATS.find(([, , keys]) => keys === pressed)?.[0];
}

interface ToolbarProps {
  store: ThreadStore;
  onFormat: (kind: Format) => void;
  /** Undefined: nobody may ask for a preview. */
  onPreview?: (() => void) | undefined;
  shown: boolean;
}

export class Toolbar extends Component<ToolbarProps, { at: number }> {
  override state = { at: 0 };

  #press = (event: KeyboardEvent): void => {
    const bar = event.currentTarget as HTMLElement;
    const buttons = [...bar.querySelectorAll("button")];
    const step = bar.matches("[dir=rtl] *") ? -1 : 1;
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length)?.focus();
  };

  override render({ store: { words }, onFormat, onPreview, shown }: ToolbarProps, { at }: { at: number }): VNode {
    const formats = shown ? [] : FORMATS;
    const stop = (n: number) => ({ tabIndex: n === Math.min(at, formats.length) ? 0 : -1, onFocus: () => this.setState({ at: n }) });
    return (
      <div class="tools" role="toolbar" aria-label={words.t("write.tools")} onKeyDown={this.#press}>
        {formats.map(([kind, glyph, keys], n) => (
          <button key={kind} type="button" class={`tool ${kind[0]}`} aria-label={words.t(`write.${kind}`)}
            title={`${words.t(`write.${kind}`)} (${CONTROL}${keys})`}
            {...stop(n)} onClick={() => onFormat(kind)}>{glyph}</button>
        ))}
        {onPreview && (
          <button key="preview" type="button" class="tool" {...stop(formats.length)} onClick={onPreview}>{words.t(shown ? "write.back" : "write.preview")}</button>
        )}
      </div>
    );
  }
}
