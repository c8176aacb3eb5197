// The tabs beside the conversation: the newsroom's picks, or the author's answers, each after what it answers. Newest
// first, with a way from each comment into the conversation. Part of the beside chunk.
import type { VNode } from "preact";
import { TreeBody } from "../shared/tree";
import type { Comment, Flat as Listed } from "../shared/types";
import { labelOf } from "./branch";
import { Head } from "./comment";
import { open } from "./later";
import { Pages } from "./pages";
import { Avatar, nameOf } from "./person";
import type { ThreadStore } from "./store";

interface Props {
  store: ThreadStore;
}

export class Flat extends Pages<Props, Listed> {
  override path = `${this.props.store.path}/${this.props.store.tab}?limit=25`;

  override render({ store }: Props): VNode {
    const comments = this.state.answers.flatMap((answer) => answer.comments);
    return (
      <>
        <ol class="list" role="list">
          {comments.map((comment, at) => <Item key={`${comment.id}-${at}`} store={store} comment={comment} before={comments[at - 1]} />)}
        </ol>
        {this.rest()}
      </>
    );
  }
}

/** An answer is set in under what it answers, where that stands above it. */
function Item({ store, comment, before }: Props & { comment: Comment; before: Comment | undefined }): VNode {
  const { words, thread } = store;
  const name = nameOf(comment, words);
  const parent = comment.parent_id ?? "";
  const under = before?.id === parent;
  const node = { comment, answers: under ? null : thread.known.get(parent) ?? null, hidden: false, locked: false, children: [], drafts: [], more: 0, parked: 0 };
  return (
    <li class={under ? "under" : ""}>
      <article aria-label={labelOf(store, comment)} class={comment.by_author ? "by" : ""}>
        <Avatar name={name} person={comment.author} />
        <Head store={store} node={node} name={name} />
        <div class="body" part="body" dir="auto"><TreeBody tree={comment.body ?? []} /></div>
        <button class="link quiet" onClick={() => void open(store, comment.id)}>{words.t("bell.show")}</button>
      </article>
    </li>
  );
}
