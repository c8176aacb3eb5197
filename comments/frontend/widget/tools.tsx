// Following the thread, and the bell with what happened to the viewer: for who is signed in. Part of the beside chunk.
import { Component, createRef, type VNode } from "preact";
import { follow } from "./follows";
import { Icon } from "./icons";
import { Panel } from "./panel";
import type { ThreadStore } from "./store";

const BELL = "M3.4 11.6h9.2c-1-1-1.4-2-1.4-4.6a3.2 3.2 0 0 0-6.4 0c0 2.6-.4 3.6-1.4 4.6ZM6.8 13.6h2.4";

export class Tools extends Component<{ store: ThreadStore }, { open: boolean }> {
  readonly #bell = createRef<HTMLButtonElement>();
  override state = { open: false };

  #turn = (open: boolean, focus = !open): void => {
    this.setState({ open });
    if (focus) this.#bell.current?.focus();
  };

  override render({ store }: { store: ThreadStore }, { open }: { open: boolean }): VNode | null {
    const { words, thread: { viewer, follows }, unread } = store;
    const label = unread ? words.n("live.bell", unread) : words.t("live.bell");
    return viewer && (
      <span class="bar">
        <button class="act" part="follow" aria-pressed={!!follows?.article} onClick={() => follow(store, null, !follows?.article)}>{words.t("live.follow")}</button>
        <button class="act bell" part="bell" ref={this.#bell} aria-haspopup="dialog" aria-expanded={open} aria-label={label} title={label} onClick={() => this.#turn(!open)}>
          <Icon name="bell" path={BELL} />{unread > 0 && <b>{words.number(unread)}</b>}
        </button>
        {open && <Panel store={store} onClose={(focus = false) => this.#turn(false, focus)} />}
      </span>
    );
  }
}
