// What was put to the article's author, and the way to the answer. Part of the later chunk.
import type { VNode } from "preact";
import type { Comment } from "../shared/types";
import { open } from "./later";
import type { ThreadStore } from "./store";

/** A question to the article's author, and the way to the answer. */
export function Asked({ store, comment: { question, answer_id } }: { store: ThreadStore; comment: Comment }): VNode {
  const { words } = store;
  return (
    <>
      {question && <b class="badge">{words.t("branch.question")}</b>}
      {answer_id && <button class="link quiet" onClick={() => void open(store, answer_id)}>{words.t("branch.answered")}</button>}
    </>
  );
}
