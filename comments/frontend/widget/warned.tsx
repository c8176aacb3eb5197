// A moderator's warning, which is read before its reader writes again. Part of the beside chunk.
import { Component, type VNode } from "preact";
import type { Problem } from "../shared/types";
import { reasonOf } from "./reasons";
import { readWarning } from "./sending";
import type { ThreadStore } from "./store";

/** What a moderator has written to this reader, one thing after the other; writing goes on once it is read. */
export class Warned extends Component<{ store: ThreadStore }, { busy: boolean; problem: Problem | null }> {
  override state = { busy: false, problem: null };

  override render({ store }: { store: ThreadStore }, { busy, problem }: { busy: boolean; problem: Problem | null }): VNode | null {
    const { words, thread } = store;
    const warning = thread.viewer?.warnings?.[0];
    if (!warning) return null;
    const { id, reason, text } = warning;
    const read = async (): Promise<void> => {
      this.setState({ busy: true });
      this.setState({ busy: false, problem: await readWarning(store, id) });
    };
    return (
      <div class="gate warning" part="gate" role="alert">
        <p><b>{words.t("gate.warned")}</b></p>
        <p>{words.t("gate.because", { reason: words.find(`reject_reason.${reason}`) ?? reason })}</p>
        {text && <blockquote class="lines" dir="auto">{text}</blockquote>}
        <p class="quiet">{words.t("gate.warned_then")}</p>
        <p class="steps"><button type="button" class="button loud" disabled={busy} onClick={read}>{words.t("gate.read")}</button></p>
        {problem && <p class="wrong">{reasonOf(problem, store)}</p>}
      </div>
    );
  }
}
