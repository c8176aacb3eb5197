// The field that people write in, with toolbar, shortcuts, counter and buttons. Composer and editor fill it with their
// purpose; it keeps the text while it is sent and shows why it was refused right beside it.
import { Component, createRef, type ComponentChildren, type VNode } from "preact";
import type { Problem } from "../shared/types";
import { format, graphemes, type Format } from "./markdown_edit";
import { reasonOf } from "./reasons";
import type { ThreadStore } from "./store";

const FORMATS: [Format, string, string?][] = [
  ["bold", "B", "b"], ["italic", "I", "i"], ["quote", "“", "Shift+9"], ["code", "‹›", "e"], ["list", "•"], ["link", "↗", "k"],
];

export interface TextFormProps {
  store: ThreadStore;
  label: string;
  send: string;
  initial: string;
  problem: Problem | null;
  /** May it be sent? Without, only the text is kept. */
  open: boolean;
  /** Answers why it was refused, or null. */
  onSend: (text: string) => Promise<Problem | null>;
  onCancel: () => void;
  onText?: (text: string) => void;
  children?: ComponentChildren;
}

interface State {
  text: string;
  sending: boolean;
  problem: Problem | null;
}

export class TextForm extends Component<TextFormProps, State> {
  readonly #field = createRef<HTMLTextAreaElement>();

  constructor(props: TextFormProps) {
    super(props);
    this.state = { text: props.initial, sending: false, problem: props.problem };
  }

  override componentDidMount(): void {
    const field = this.#field.current;
    // Not when a draft of an earlier visit opens by itself.
    if (navigator.userActivation?.isActive ?? true) field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
    this.#grow();
  }

  override componentDidUpdate(): void {
    this.#grow();
  }

  /** Where CSS cannot size a field by its text. */
  #grow(): void {
    const field = this.#field.current;
    if (!field || CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  #write = (text: string): void => {
    this.setState({ text });
    this.props.onText?.(text);
  };

  #format(kind: Format): void {
    const field = this.#field.current;
    if (!field) return;
    const next = format({ text: field.value, start: field.selectionStart, end: field.selectionEnd }, kind);
    field.focus();
    field.select();
    // The only way that the browser's own undo knows of the change.
    if (!document.execCommand("insertText", false, next.text)) this.#write(next.text);
    field.setSelectionRange(next.start, next.end);
  }

  #press = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !this.state.text.trim()) return this.props.onCancel();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const key = event.shiftKey ? `Shift+${event.code.replace("Digit", "")}` : event.key.toLowerCase();
    const found = FORMATS.find(([, , shortcut]) => shortcut === key);
    if (event.key === "Enter") void this.#send();
    else if (found) this.#format(found[0]);
    else return;
    event.preventDefault();
  };

  #send = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    const { text, sending } = this.state;
    if (sending || !this.props.open || !text.trim() || this.#left() < 0) return;
    this.setState({ sending: true, problem: null });
    const problem = await this.props.onSend(text);
    this.setState({ sending: false, problem });
    if (problem) this.#field.current?.focus();
  };

  #left(): number {
    const most = this.props.store.thread.site?.max_length ?? 5000;
    const { length } = this.state.text;
    return length * 2 < most ? most - length : most - graphemes(this.state.text.trim());
  }

  override render({ store, label, send, open, onCancel, children }: TextFormProps, { text, sending, problem }: State): VNode {
    const { words, thread } = store;
    const most = thread.site?.max_length ?? 5000;
    const left = this.#left();
    return (
      <form class="form" part="composer" onSubmit={this.#send} aria-busy={sending}>
        <textarea ref={this.#field} rows={3} dir="auto" aria-label={label} placeholder={words.t("thread.join")} value={text} readOnly={sending}
          aria-invalid={problem !== null || left < 0} onInput={(event) => this.#write(event.currentTarget.value)} onKeyDown={this.#press} />
        <div class="tools" role="toolbar" aria-label={words.t("write.tools")}>
          {FORMATS.map(([kind, glyph]) => (
            <button key={kind} type="button" class={`tool ${kind[0]}`} aria-label={words.t(`write.${kind}`)} title={words.t(`write.${kind}`)}
              onClick={() => this.#format(kind)}>{glyph}</button>
          ))}
          {(left < most / 5 || left < 0) && (
            <span class={left < 0 ? "count over" : "count"} aria-live="polite">{words.t("write.left", { n: words.number(left) })}</span>
          )}
        </div>
        {problem && <p class="wrong" role="alert">{reasonOf(problem, store)}</p>}
        {children}
        <p class="steps">
          <button type="button" class="button" onClick={onCancel}>{words.t("write.cancel")}</button>
          {open && (
            <button type="submit" class="button loud" disabled={sending || !text.trim() || left < 0}>{sending ? words.t("write.sending") : send}</button>
          )}
        </p>
      </form>
    );
  }
}
