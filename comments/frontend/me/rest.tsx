// What stands below a list: that it is on its way, that it could not be had, that there is nothing, or the button for more.
import type { VNode } from "preact";
import { useOwn } from "./own";
import type { Pages } from "./use-pages";

interface Props {
  pages: Pick<Pages<{ next_cursor: string | null }>, "answers" | "state" | "more">;
  /** How many there are up to now. */
  count: number;
  /** What is said where there is nothing. */
  none: string;
}

export function Rest({ pages: { answers, state, more }, count, none }: Props): VNode | null {
  const { words } = useOwn();
  if (state === "failed") return <p class="notice" role="alert">{words.t("me.failed")} <button class="link" onClick={more}>{words.t("thread.again")}</button></p>;
  if (state === "asking") return <p class="quiet" role="status">{words.t("thread.wait")}</p>;
  if (!count && answers.at(-1)?.next_cursor === null) return <p class="quiet empty">{none}</p>;
  return answers.at(-1)?.next_cursor === null ? null : <p class="steps"><button class="button" onClick={more}>{words.t("me.more")}</button></p>;
}
