// The field that people write in, with toolbar, preview, mentions, counter and buttons. Composer and editor fill it with
// their purpose; it keeps the text as a draft while it is written, and shows why it was refused right beside it.
import { Component, createRef, type ComponentChildren, type VNode } from "preact";
import type { Words } from "../shared/i18n";
import { TreeBody } from "../shared/tree";
import type { Problem, Tree } from "../shared/types";
import { followDraft, keepDraft, readDraft, type KeptDraft } from "./drafts";
import { format, graphemes, linked, type Format } from "./markdown_edit";
import { Mentions } from "./mentions";
import { concerned, placeIn, preview, Refused, type Concerned } from "./refused";
import type { ThreadStore } from "./store";
import { formatOf, Toolbar } from "./toolbar";

/** How many characters are left: said in steps of ten, not with every key. */
export const Count = ({ words, left }: { words: Words; left: number }): VNode => (
  <p class={left < 0 ? "count over" : "count"} aria-live={left % 10 ? "off" : "polite"}>{words.t("write.left", { n: words.number(left) })}</p>
);

export interface TextFormProps {
  store: ThreadStore;
  /** Under which its draft is kept. */
  place: string;
  label: string;
  send: string;
  /** What stands there when nothing was written. */
  empty: string;
  problem: Problem | null;
  /** May it be sent? Without, only the text is kept. */
  open: boolean;
  /** Kept with the draft. */
  also?: Partial<KeptDraft>;
  /** Answers why it was refused, or null. */
  onSend: (text: string) => Promise<Problem | null>;
  onCancel: () => void;
  children?: ComponentChildren;
}

interface State {
  text: string;
  sending: boolean;
  problem: Problem | null;
  /** The words that the problem is about. */
  found: Concerned | null;
  /** The text as it would be shown, while that is shown. */
  shown: Tree | null;
  /** That the draft is kept, or why there is no preview. */
  quiet: string;
}

export class TextForm extends Component<TextFormProps, State> {
  readonly #field = createRef<HTMLTextAreaElement>();
  #end = (): void => {};

  constructor(props: TextFormProps) {
    super(props);
    const text = readDraft(props.store, props.place)?.text ?? props.empty;
    this.state = { text, sending: false, problem: props.problem, found: null, shown: null, quiet: "" };
  }

  override componentDidMount(): void {
    const { store, place, problem } = this.props;
    const field = this.#field.current;
    // Not when a draft of an earlier visit opens by itself.
    if (navigator.userActivation?.isActive ?? true) field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
    this.#grow();
    if (problem) void this.#refused(problem);
    this.#end = followDraft(store, place, (before, now) => {
      const { text } = this.state;
      if (text === before || !text.trim()) this.setState({ text: now });
    });
  }

  override componentWillUnmount(): void {
    this.#end();
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
    const { store, place, also } = this.props;
    this.setState({ text, quiet: keepDraft(store, place, { ...readDraft(store, place), ...also, text }) ? store.words.t("write.kept") : "" });
  };

  /** Puts a text in place of a part of the field. */
  #insert = (text: string, start: number, end: number): void => {
    const field = this.#field.current;
    if (!field) return;
    field.focus();
    field.setSelectionRange(start, end);
    // The only way that the browser's own undo knows of the change.
    if (document.execCommand("insertText", false, text)) return;
    field.setRangeText(text, start, end, "end");
    this.#write(field.value);
  };

  #format = (kind: Format): void => {
    const field = this.#field.current;
    if (!field) return;
    const { value, selectionStart, selectionEnd } = field;
    const next = format({ text: value, start: selectionStart, end: selectionEnd }, kind);
    this.#insert(next.text, 0, value.length);
    field.setSelectionRange(next.start, next.end);
  };

  #paste = (event: ClipboardEvent): void => {
    const { value, selectionStart, selectionEnd } = event.currentTarget as HTMLTextAreaElement;
    const { clipboardData } = event;
    const made = linked(value.slice(selectionStart, selectionEnd), clipboardData?.getData("text/plain") ?? "")
      || this.props.store.beside?.markdownOf(clipboardData?.getData("text/html") ?? "");
    if (!made) return;
    event.preventDefault();
    this.#insert(made, selectionStart, selectionEnd);
  };

  #press = (event: KeyboardEvent): void => {
    const { text } = this.state;
    if (event.key === "Escape" && text.trim() === this.props.empty.trim()) return this.props.onCancel();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const found = event.target === this.#field.current && formatOf(event);
    if (event.key === "Enter") void this.#send();
    else if (found) this.#format(found);
    else return;
    event.preventDefault();
  };

  #preview = async (): Promise<void> => {
    const { store } = this.props;
    const { shown, text } = this.state;
    if (shown) this.setState({ shown: null }, () => this.#field.current?.focus());
    else if (text.trim()) {
      await preview(store, text).then((tree) => this.setState({ shown: tree }), () => this.setState({ quiet: store.words.t("error.unavailable") }));
    }
  };

  #send = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    const { text, sending } = this.state;
    if (sending || !this.props.open || !text.trim() || this.#left() < 0) return;
    this.setState({ sending: true, problem: null, found: null, shown: null });
    const problem = await this.props.onSend(text);
    this.setState({ sending: false, problem });
    if (problem) await this.#refused(problem);
  };

  /** Back to the text, at the words concerned. */
  async #refused(problem: Problem): Promise<void> {
    this.#field.current?.focus();
    const { text } = this.state;
    const found = await concerned(this.props.store, text, problem);
    if (!found || this.state.text !== text) return;
    this.setState({ found });
    const place = placeIn(text, found);
    if (place) this.#field.current?.setSelectionRange(...place);
  }

  #left(): number {
    const most = this.props.store.thread.site?.max_length ?? 5000;
    const { length } = this.state.text;
    return length * 2 < most ? most - length : most - graphemes(this.state.text.trim());
  }

  override render({ store, place, label, send, open, onCancel, children }: TextFormProps, { text, sending, problem, found, shown, quiet }: State): VNode {
    const { words, thread } = store;
    const left = this.#left();
    const near = left < Math.min(200, (thread.site?.max_length ?? 5000) / 5);
    return (
      <form class="form" part="composer" onSubmit={this.#send} onKeyDown={this.#press} aria-busy={sending}>
        {problem && <Refused store={store} problem={problem} words={found} />}
        <Toolbar store={store} onFormat={this.#format} shown={!!shown} onPreview={thread.viewer ? this.#preview : undefined} />
        <Mentions store={store} insert={this.#insert}>
          <textarea id={`write-${place}`} ref={this.#field} hidden={!!shown} rows={3} dir="auto" aria-label={label} placeholder={words.t("thread.join")} value={text}
            readOnly={sending} aria-invalid={problem !== null || left < 0} onInput={(event) => this.#write(event.currentTarget.value)} onPaste={this.#paste} />
        </Mentions>
        {shown && <div class="body shown" part="body" dir="auto" role="region" aria-label={words.t("write.preview")}><TreeBody tree={shown} /></div>}
        {near && <Count words={words} left={left} />}
        {children}
        <p class="steps">
          <span class="quiet" role="status">{quiet}</span>
          <button type="button" class="button" onClick={onCancel}>{words.t("write.cancel")}</button>
          {open && (
            <button type="submit" class="button loud" disabled={sending || !text.trim() || left < 0}>{sending ? words.t("write.sending") : send}</button>
          )}
        </p>
      </form>
    );
  }
}
