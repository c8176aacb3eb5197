// What a reply answers, beside "in reply to …": for who points at it, has it in focus or taps it. Escape closes it, the
// pointer may enter it, and it stays until then (WCAG 1.4.13); a click, or a second tap, leads there. Part of the beside chunk.
import { Component, createRef, type VNode } from "preact";
import { formOf } from "../shared/thread_view";
import { TreeBody } from "../shared/tree";
import { nameOf } from "./person";
import type { ThreadStore } from "./store";

const PATIENCE = 300; // milliseconds, on the pointer's way from the words to what they show
const HEARD = ["pointerover", "pointerdown", "focusin", "click"];

interface Props {
  store: ThreadStore;
}

export class Peek extends Component<Props, { of: HTMLElement | null }> {
  override state = { of: null };
  readonly #box = createRef<HTMLDivElement>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #touched = false;

  get #place(): HTMLElement {
    return this.props.store.mounting.root.firstElementChild as HTMLElement;
  }

  override componentDidMount(): void {
    for (const type of HEARD) this.#place.addEventListener(type, this.#hear, true);
    this.#place.addEventListener("pointerleave", this.#leave);
    document.addEventListener("keydown", this.#hear, true); // the pointer shows it wherever the focus is
    const pointed = this.#place.querySelector<HTMLElement>("[data-parent]:hover"); // what this chunk was loaded for
    if (pointed) this.#show(pointed);
  }

  override componentWillUnmount(): void {
    clearTimeout(this.#timer);
    for (const type of HEARD) this.#place.removeEventListener(type, this.#hear, true);
    this.#place.removeEventListener("pointerleave", this.#leave);
    document.removeEventListener("keydown", this.#hear, true);
  }

  /** Screen readers read it as the description of the button. */
  #show(of: HTMLElement | null): void {
    clearTimeout(this.#timer);
    (this.state.of as HTMLElement | null)?.removeAttribute("aria-describedby");
    of?.setAttribute("aria-describedby", "peek");
    this.setState({ of });
  }

  #leave = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(null), PATIENCE);
  };

  #hear = (event: Event): void => {
    const { of } = this.state;
    const target = event.target as HTMLElement;
    const button = target.closest<HTMLElement>("[data-parent]");
    if (event instanceof KeyboardEvent) {
      if (event.key !== "Escape" || !of) return;
      event.stopPropagation();
      return this.#show(null);
    }
    if (event.type === "pointerdown") this.#touched = (event as PointerEvent).pointerType === "touch";
    else if (this.#box.current?.contains(target)) clearTimeout(this.#timer);
    else if (event.type === "click") {
      const first = this.#touched && button && of !== button;
      if (first) event.stopPropagation();
      this.#show(first ? button : null);
    } else if (button) {
      if ((event as PointerEvent).pointerType !== "touch" && !this.#touched) this.#show(button);
    } else if (of) this.#leave();
  };

  override render({ store }: Props, { of }: { of: HTMLElement | null }): VNode | null {
    const comment = of?.isConnected && formOf(store.thread, of.dataset["parent"] ?? "");
    if (!comment) return null;
    const name = nameOf(comment, store.words);
    const top = of.getBoundingClientRect().bottom - this.#place.getBoundingClientRect().top;
    return (
      <div class="popup peek" part="preview" role="tooltip" id="peek" ref={this.#box} style={{ insetBlockStart: `${top}px` }}>
        {store.thread.mutes.has(comment.author?.id ?? "") ? store.words.t("live.muted", { name }) : (
          <>
            <bdi class="name">{name}</bdi>
            <div class="body" dir="auto">{comment.body ? <TreeBody tree={comment.body} /> : store.words.t(`comment.${comment.status}`)}</div>
          </>
        )}
      </div>
    );
  }
}
