// How a comment hangs in its thread, for eyes and ears: its name among its siblings, and the line beside its replies that
// folds them up. The words come with the later chunk: the first paint does without.
import type { VNode } from "preact";
import type { CommentNode } from "../shared/thread_view";
import { ago } from "../shared/time";
import type { Comment } from "../shared/types";
import { nameOf } from "./person";
import type { ThreadStore } from "./store";

/** Who, when, and which of how many replies: the accessible name of a comment. */
export const labelOf = ({ words, now }: ThreadStore, comment: Comment, at?: number, of?: number): string =>
  words.t(at ? "branch.reply_by" : "branch.by", {
    name: nameOf(comment, words), when: ago(Date.parse(comment.created_at), now, words.language), at, of,
  });

/** How many comments stand under this one, loaded or not. */
function countOf({ children, more }: CommentNode): number {
  let count = more;
  for (const child of children) count += 1 + countOf(child);
  return count;
}

/** One button in two forms, so that the focus stays: the line beside the replies, or how many are folded up. */
export function Fold({ store, node }: { store: ThreadStore; node: CommentNode }): VNode | null {
  const { words, folded } = store;
  const { id } = node.comment;
  const rest = countOf(node);
  const isFolded = folded.has(id);
  const turn = (): void => {
    if (!folded.delete(id)) folded.add(id);
    store.draw();
  };
  return rest ? (
    <button class={isFolded ? "link rest" : "fold"} aria-expanded={!isFolded} aria-label={isFolded ? undefined : words.t("branch.fold")}
      title={isFolded ? undefined : words.t("branch.fold")} onClick={turn}>
      {isFolded && words.n("branch.folded", rest)}
    </button>
  ) : null;
}
