// Writing: the composer of a comment or a reply, the editor of one's own, the prompt for a display name, and what is on
// its way.
import { Component, type VNode } from "preact";
import { plainText } from "../shared/plain_text";
import type { Draft } from "../shared/state";
import type { Comment, Problem } from "../shared/types";
import { keepDraft, putAside, readDraft } from "./drafts";
import { Gate } from "./gate";
import { Avatar, nameOf } from "./person";
import { reasonOf } from "./reasons";
import { edit, post, rename, resend, sourceOf, takeBack } from "./sending";
import type { ThreadStore } from "./store";
import { TextForm } from "./text_form";
import { Limits } from "./told";

interface ComposerProps {
  store: ThreadStore;
  /** The comment answered; null: the article. */
  parent: Comment | null;
  onClose: () => void;
}

interface ComposerState {
  sending: boolean;
  question: boolean;
}

export class Composer extends Component<ComposerProps, ComposerState> {
  constructor(props: ComposerProps) {
    super(props);
    this.state = { sending: false, question: !!readDraft(props.store, props.parent?.id ?? "")?.question };
  }

  /** Shown while it is sent in the thread itself; back with its text when it was refused. */
  #send = async (text: string): Promise<Problem | null> => {
    const { store, parent, onClose } = this.props;
    this.setState({ sending: true });
    const problem = await post(store, parent?.id ?? null, text, this.state.question);
    this.setState({ sending: false });
    if (!problem) onClose();
    return problem;
  };

  override render({ store, parent, onClose }: ComposerProps, { sending, question }: ComposerState): VNode {
    const { words, thread } = store;
    const place = parent?.id ?? "";
    const label = parent ? words.t("write.reply_label", { name: nameOf(parent, words) }) : words.t("write.label");
    const { viewer, site } = thread;
    return (
      <div class="composer" hidden={sending}>
        <TextForm store={store} place={place} label={label} send={words.t(parent ? "comment.reply" : "write.post")} empty=""
          problem={store.refusals.get(place) ?? null} open={viewer?.can.write ?? false} also={{ question }} onSend={this.#send}
          onCancel={() => {
            putAside(store, place);
            onClose();
          }}>
          {site?.ask_author && !parent && (
            <label class="quiet"><input type="checkbox" checked={question} onChange={() => this.setState({ question: !question })} />{words.t("write.question")}</label>
          )}
          {viewer?.gate === "name_needed" ? <NameForm store={store} /> : <Gate store={store} place={place} />}
          <Limits store={store} />
        </TextForm>
      </div>
    );
  }
}

interface EditorProps {
  store: ThreadStore;
  comment: Comment;
  onClose: () => void;
}

export class Editor extends Component<EditorProps, { source: string | null }> {
  override state = { source: null };

  override componentDidMount(): void {
    const { store, comment } = this.props;
    void sourceOf(store, comment).then((source) => this.setState({ source: source ?? plainText(comment.body ?? []) }));
  }

  override render({ store, comment, onClose }: EditorProps, { source }: { source: string | null }): VNode | null {
    if (source === null) return null;
    const { words } = store;
    const place = `edit-${comment.id}`;
    const close = (): void => {
      keepDraft(store, place, null);
      onClose();
    };
    const save = async (text: string): Promise<Problem | null> => {
      const problem = text === source ? null : await edit(store, comment, text);
      if (!problem) close();
      return problem;
    };
    return (
      <TextForm store={store} place={place} label={words.t("write.label")} send={words.t("write.save")} empty={source} problem={null} open
        onSend={save} onCancel={close}>
        <p class="quiet">{words.t("write.history")}</p>
      </TextForm>
    );
  }
}

class NameForm extends Component<{ store: ThreadStore }, { name: string; problem: Problem | null; busy: boolean }> {
  constructor(props: { store: ThreadStore }) {
    super(props);
    this.state = { name: "", problem: null, busy: false };
  }

  /** No form of its own: it stands inside the composer's. */
  #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!this.state.name.trim() || this.state.busy) return;
    this.setState({ busy: true });
    this.setState({ problem: await rename(this.props.store, this.state.name.trim()), busy: false });
  };

  override render({ store }: { store: ThreadStore }, { name, problem, busy }: { name: string; problem: Problem | null; busy: boolean }): VNode {
    const { words } = store;
    return (
      <div class="gate">
        <p>{words.t("gate.name_needed")} {words.t("write.name_rules")}</p>
        <p class="steps">
          <input value={name} aria-label={words.t("write.name")} placeholder={words.t("write.name")} autocomplete="nickname" maxLength={80} dir="auto"
            aria-invalid={problem !== null} onInput={(event) => this.setState({ name: event.currentTarget.value })}
            onKeyDown={(event) => event.key === "Enter" && void this.#save(event)} />
          <button type="button" class="button loud" disabled={busy || !name.trim()} onClick={this.#save}>{words.t("write.save")}</button>
        </p>
        {problem && <p class="wrong" role="alert">{reasonOf(problem, store)}</p>}
      </div>
    );
  }
}

/** A text on its way, as plain lines: how it will look only the server says. */
export function SentDraft({ store, draft }: { store: ThreadStore; draft: Draft }): VNode {
  const { words, thread } = store;
  const name = thread.viewer?.name ?? "";
  const { problem } = draft;
  return (
    <article class="sent" aria-busy={draft.state === "sending"}>
      <Avatar name={name} person={thread.viewer} />
      <p class="head"><bdi class="name">{name}</bdi></p>
      <div class="body" dir="auto">{draft.source.split(/\n{2,}/).map((text, key) => <p key={key} class="lines">{text}</p>)}</div>
      {draft.state === "sending" ? <p class="quiet">{words.t("write.sending")}</p> : (
        <p class="wrong" role="alert">
          {problem?.status ? reasonOf(problem, store) : words.t("write.offline")}{" "}
          <button type="button" class="link" onClick={() => void resend(store, draft)}>{words.t("write.again")}</button>{" "}
          <button type="button" class="link" onClick={() => takeBack(store, draft)}>{words.t("write.change")}</button>
        </p>
      )}
    </article>
  );
}
