// What else one may do with a comment: the menu behind the dots, and the forms that it opens.
import { Component, createRef, type VNode } from "preact";
import type { Comment, Problem } from "../shared/types";
import { linkTo, type Mode } from "./comment";
import { follow, mute } from "./follows";
import { nameOf } from "./person";
import { reasonOf } from "./reasons";
import { toast } from "./later";
import { report, withdraw } from "./sending";
import type { ThreadStore } from "./store";

interface FormProps {
  store: ThreadStore;
  comment: Comment;
  /** `focus`: the comment gets it back. */
  onClose: (focus?: boolean) => void;
}

/** A word behind "menu.", and what it does; without, it opens the form of that name. */
type Item = [word: string, act?: () => void];

function itemsOf({ store, comment }: FormProps): Item[] {
  const { thread, mounting } = store;
  const { viewer, site } = thread;
  const { id, status } = comment;
  const author = comment.author?.id;
  const own = author && author === viewer?.id;
  const link = linkTo(store, comment);
  const items: Item[] = [["copy", () => void copy(store, link)]];
  if ("share" in navigator) items.push(["share", () => void navigator.share({ url: link }).catch(() => {})]); // the reader has changed their mind
  if (viewer && status === "published") {
    const on = !thread.follows?.comments.includes(id);
    items.push([on ? "follow" : "unfollow", () => void follow(store, id, on)]);
  }
  const over = Date.parse(comment.created_at) + (site?.edit_window as number) * 1000; // without a site no number: it is over
  if (own && over > Date.now() && /^(published|waiting)$/.test(status)) items.push(["edit"]);
  if (own) items.push(["withdraw"]);
  else {
    if (viewer?.can.report && status === "published") items.push(["report"]);
    if (viewer && author) {
      const on = !thread.mutes.has(author);
      items.push([on ? "mute" : "unmute", () => void mute(store, author, on)]);
    }
    if (site?.notices) items.push(["notice", () => void window.open(mounting.base + site.notices + encodeURIComponent(link))]);
  }
  return items;
}

async function copy(store: ThreadStore, link: string): Promise<void> {
  await navigator.clipboard.writeText(link).catch(() => history.replaceState(history.state, "", new URL(link).hash));
  toast(store, store.words.t("menu.copied"));
}

export class Menu extends Component<FormProps & { open: (mode: Mode) => void }> {
  readonly #list = createRef<HTMLDivElement>();

  get #buttons(): HTMLElement[] {
    return [...this.#list.current?.querySelectorAll("button") ?? []];
  }

  override componentDidMount(): void {
    this.#buttons[0]?.focus();
    addEventListener("pointerdown", this.#outside);
  }

  override componentWillUnmount(): void {
    removeEventListener("pointerdown", this.#outside);
  }

  #outside = (event: Event): void => {
    if (!event.composedPath().includes(this.#list.current?.parentElement as EventTarget)) this.props.onClose();
  };

  #press = (event: KeyboardEvent): void => {
    const buttons = this.#buttons;
    const at = buttons.indexOf(this.props.store.mounting.root.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") this.props.onClose(true);
    else if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else return;
    event.preventDefault();
  };

  override render(props: FormProps & { open: (mode: Mode) => void }): VNode {
    const { words } = props.store;
    return (
      <div class="popup" role="menu" part="popup" ref={this.#list} onKeyDown={this.#press}>
        {itemsOf(props).map(([word, act]) => <button key={word} type="button" role="menuitem" tabIndex={-1} onClick={() => {
          if (!act) return props.open(word as Mode);
          props.onClose(true);
          act();
        }}>{words.t(`menu.${word}`, { name: nameOf(props.comment, words) })}</button>)}
      </div>
    );
  }
}

interface Asking {
  problem: Problem | null;
  busy: boolean;
}

export class Withdraw extends Component<FormProps, Asking> {
  override state = { problem: null, busy: false };

  #yes = async (): Promise<void> => {
    const { store, comment, onClose } = this.props;
    this.setState({ busy: true });
    const all = [...store.mounting.root.querySelectorAll("article")];
    const at = all.findIndex(({ id }) => id === `comment-${comment.id}`);
    const problem = await withdraw(store, comment);
    this.setState({ busy: false, problem });
    if (problem) return;
    onClose(true);
    // Without replies nothing of it is left: what stood before or after it has the focus then.
    await new Promise(requestAnimationFrame);
    if (!all[at]?.isConnected) (all[at - 1] ?? all[at + 1])?.focus();
  };

  override render({ store, onClose }: FormProps, { problem, busy }: Asking): VNode {
    const { words } = store;
    return (
      <div class="panel" role="alertdialog" aria-label={words.t("menu.withdraw")} onKeyDown={(event) => event.key === "Escape" && onClose(true)}>
        <p>{words.t("menu.sure")}</p>
        {problem && <p class="wrong" role="alert">{reasonOf(problem, store)}</p>}
        <p class="steps">
          <button type="button" class="button" ref={focus} onClick={() => onClose(true)}>{words.t("menu.keep")}</button>
          <button type="button" class="button loud" disabled={busy} onClick={this.#yes}>{words.t("menu.withdraw")}</button>
        </p>
      </div>
    );
  }
}

/** Gives the focus to what has just appeared. */
const focus = (element: HTMLElement | null): void => element?.focus();

export class Report extends Component<FormProps, Asking & { reason: string; detail: string }> {
  constructor(props: FormProps) {
    super(props);
    this.state = { problem: null, busy: false, reason: "", detail: "" };
  }

  #send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { store, comment, onClose } = this.props;
    this.setState({ busy: true });
    const problem = await report(store, comment, this.state.reason, this.state.detail);
    this.setState({ busy: false, problem });
    if (problem) return;
    toast(store, store.words.t("report.sent"));
    onClose(true);
  };

  override render({ store, comment, onClose }: FormProps, { problem, busy, reason, detail }: Asking & { reason: string; detail: string }): VNode {
    const { words, thread } = store;
    const counts = thread.viewer?.limits?.report_percent ?? 100;
    return (
      <form class="panel" onSubmit={this.#send} onKeyDown={(event) => event.key === "Escape" && onClose(true)}>
        <fieldset>
          <legend>{words.t("report.title")}</legend>
          {thread.site?.report_reasons.map((name, at) => (
            <label key={name}>
              <input type="radio" name={`reason-${comment.id}`} checked={reason === name} ref={at ? null : focus} onChange={() => this.setState({ reason: name })} />
              {words.find(`report.${name}`) ?? name}
            </label>
          ))}
        </fieldset>
        <textarea rows={2} maxLength={1000} dir="auto" aria-label={words.t("report.detail")} placeholder={words.t("report.detail")} value={detail}
          onInput={(event) => this.setState({ detail: event.currentTarget.value })} />
        {counts < 100 && <p class="quiet">{words.t("gate.reports", { n: counts })}</p>}
        {problem && <p class="wrong" role="alert">{reasonOf(problem, store)}</p>}
        <p class="steps">
          <button type="button" class="button" onClick={() => onClose(true)}>{words.t("write.cancel")}</button>
          <button type="submit" class="button loud" disabled={busy || !reason}>{words.t("report.send")}</button>
        </p>
      </form>
    );
  }
}
