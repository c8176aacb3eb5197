// The note on a comment that only its author sees: who held or rejected it and why, in the server's words, and the
// appeal: its form, that it was sent, what became of it. The words that a rule found are marked in the text itself.
import { Component, createRef, type VNode } from "preact";
import { Body } from "../shared/body";
import type { CommentNode } from "../shared/thread_view";
import type { Comment, OwnAppeal, Problem } from "../shared/types";
import { reveal, toast } from "./later";
import { graphemes } from "./markdown_edit";
import { reasonOf } from "./reasons";
import { appeal } from "./sending";
import type { ThreadStore } from "./store";
import { Count } from "./text_form";

const MOST = 500;

/** The body with what rules found in it marked. */
export function Marked({ comment }: { comment: Comment }): VNode {
  return <Body tree={comment.body ?? []} marks={(comment.findings ?? []).flatMap(({ spans }) => spans)} />;
}

interface NoteProps {
  store: ThreadStore;
  node: CommentNode;
}

/** What became of the appeal of a comment: in its receipt, or beside it once it is public again. */
const outcomeOf = ({ store, node: { comment, hidden } }: NoteProps): Partial<OwnAppeal> | undefined =>
  hidden ? comment.receipt?.appeal : store.thread.appeals?.find(({ comment_id }) => comment_id === comment.id);

export class Waiting extends Component<NoteProps, { open: boolean }> {
  override state = { open: false };
  #was: string | null | undefined;

  override componentDidMount(): void {
    this.#was = outcomeOf(this.props)?.state;
  }

  /** The answer is said when it comes. */
  override componentDidUpdate(): void {
    const state = outcomeOf(this.props)?.state;
    const { store } = this.props;
    if (this.#was === "open" && state && state !== "open") store.tell({ said: store.words.t(`appeal.${state}`) });
    this.#was = state ?? (this.props.node.hidden ? state : this.#was);
  }

  #close = (): void => {
    this.setState({ open: false });
    void reveal(this.props.store, this.props.node.comment.id, "nearest");
  };

  override render(props: NoteProps, { open }: { open: boolean }): VNode | null {
    const { store, node: { comment, hidden } } = props;
    const { words } = store;
    const outcome = outcomeOf(props);
    if (!hidden) return outcome ? <div class="note"><Outcome store={store} outcome={outcome} /></div> : null;
    const { receipt } = comment;
    const at = (time: string): string => new Date(time).toLocaleString(words.language, { dateStyle: "medium", timeStyle: "short" });
    return (
      <div class="note">
        <p>{words.t(comment.status === "rejected" ? "write.rejected" : "write.waiting")}</p>
        {receipt && <p class="lines" dir="auto">{receipt.text}</p>}
        {receipt && <p class="quiet">{words.t(`appeal.by.${receipt.by}`, { when: at(receipt.at) })}</p>}
        {outcome?.state && <Outcome store={store} outcome={outcome} />}
        {outcome?.possible && !open && (
          <p class="steps">
            <button type="button" class="button" onClick={() => this.setState({ open: true })}>{words.t("appeal.start")}</button>
            <span class="quiet">{outcome.until && words.t("appeal.until", { until: new Date(outcome.until).toLocaleDateString(words.language, { dateStyle: "long" }) })}</span>
          </p>
        )}
        {outcome?.possible && open && <AppealForm store={store} comment={comment} onClose={this.#close} />}
      </div>
    );
  }
}

function Outcome({ store: { words }, outcome }: { store: ThreadStore; outcome: Partial<OwnAppeal> }): VNode {
  return (
    <>
      <p>{words.t(`appeal.${outcome.state}`)}</p>
      {outcome.note && <p class="lines" dir="auto">{words.t("appeal.note", { note: outcome.note })}</p>}
      {outcome.text && <p class="quiet lines" dir="auto">{words.t("appeal.yours", { text: outcome.text })}</p>}
    </>
  );
}

interface FormProps {
  store: ThreadStore;
  comment: Comment;
  onClose: () => void;
}

interface FormState {
  text: string;
  busy: boolean;
  problem: Problem | null;
}

class AppealForm extends Component<FormProps, FormState> {
  override state: FormState = { text: "", busy: false, problem: null };
  readonly #field = createRef<HTMLTextAreaElement>();

  override componentDidMount(): void {
    this.#field.current?.focus();
  }

  #send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { store, comment, onClose } = this.props;
    const text = this.state.text.trim();
    if (this.state.busy || !text || graphemes(text) > MOST) return;
    this.setState({ busy: true });
    const problem = await appeal(store, comment, text);
    this.setState({ busy: false, problem });
    if (problem) return this.#field.current?.focus();
    toast(store, store.words.t("appeal.sent"));
    onClose();
  };

  override render({ store, comment, onClose }: FormProps, { text, busy, problem }: FormState): VNode {
    const { words } = store;
    const left = MOST - graphemes(text.trim());
    const hint = `appeal-hint-${comment.id}`;
    return (
      <form class="panel" aria-busy={busy} onSubmit={this.#send} onKeyDown={(event) => event.key === "Escape" && !text.trim() && onClose()}>
        <textarea ref={this.#field} rows={3} dir="auto" aria-label={words.t("appeal.label")} placeholder={words.t("appeal.label")} aria-describedby={hint}
          value={text} readOnly={busy} aria-invalid={problem !== null || left < 0} onInput={(event) => this.setState({ text: event.currentTarget.value })} />
        <p class="quiet" id={hint}>{words.t("appeal.hint")}</p>
        <Count words={words} left={left} />
        {problem && <p class="wrong" role="alert">{reasonOf(problem, store)}</p>}
        <p class="steps">
          <button type="button" class="button" onClick={onClose}>{words.t("write.cancel")}</button>
          <button type="submit" class="button loud" disabled={busy || !text.trim() || left < 0}>{busy ? words.t("write.sending") : words.t("appeal.send")}</button>
        </p>
      </form>
    );
  }
}
