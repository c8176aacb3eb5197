// One comment with what hangs on it: who, when, what, the acts, the replies. Draws the store's view and calls the store;
// what opens at a comment (composer, editor, menu, forms) is the later chunk's `Open`.
import { Component, type VNode } from "preact";
import { TreeBody } from "../shared/tree";
import { ago } from "../shared/time";
import type { CommentNode } from "../shared/thread_view";
import type { Comment, Tree } from "../shared/types";
import { Icon } from "./icons";
import { Avatar, Badges, nameOf } from "./person";
import type { ThreadStore } from "./store";

interface Props {
  store: ThreadStore;
  node: CommentNode;
}

/** What is open at a comment; `shown`: although its author is muted. */
export type Mode = "reply" | "edit" | "menu" | "report" | "withdraw" | "shown" | null;

export class CommentItem extends Component<Props, { mode: Mode }> {
  override state: { mode: Mode } = { mode: null };

  override componentDidMount(): void {
    const { store, node } = this.props;
    if (store.hasDraft(node.comment.id)) this.open("reply");
  }

  /** Opens something at the comment, or closes it; then the comment has the focus again. */
  open = (mode: Mode, focus = false): void => {
    const { store, node } = this.props;
    store.refusals.delete(node.comment.id);
    this.setState({ mode });
    if (mode) store.act(() => store.draw());
    else if (focus) store.reveal(node.comment.id, "nearest");
  };

  override render({ store, node }: Props, state: { mode: Mode }): VNode {
    const { words, later } = store;
    const { comment, children, drafts } = node;
    const { id } = comment;
    const mode = store.refusals.has(id) ? "reply" : state.mode;
    const name = nameOf(comment, words);
    const Text: (props: { tree: Tree; comment: Comment }) => VNode = node.hidden && later ? later.Marked : TreeBody;
    const marks = [store.highlight === id && "lit", store.thread.taken.has(id) && "new", node.hidden && "own"];
    return (
      <li>
        <article id={`comment-${id}`} tabIndex={-1} class={marks.filter(Boolean).join(" ")} part="comment"
          aria-label={words.t(comment.depth ? "comment.reply_by" : "comment.by", { name })}>
          {!comment.body ? <p class="quiet stub">{words.t(`comment.${comment.status}`)}</p>
            : store.thread.mutes.has(comment.author?.id ?? "") && !mode ? (
              <p class="quiet stub">
                {words.t("live.muted", { name })} <button type="button" class="link" onClick={() => this.open("shown")}>{words.t("live.show")}</button>
              </p>
            ) : (
              <>
                <Avatar name={name} person={comment.author} />
                <Head store={store} node={node} name={name} />
                {(mode !== "edit" || !later) && <div class="body" part="body" dir="auto"><Text tree={comment.body} comment={comment} /></div>}
                {later && <later.Waiting store={store} node={node} />}
                {mode !== "edit" && <Acts store={store} node={node} mode={mode} open={this.open} />}
                {later && <later.Open store={store} comment={comment} mode={mode} open={this.open} />}
              </>
            )}
        </article>
        {comment.locked && <p class="quiet">{words.t("comment.locked")}</p>}
        <div class="replies">
          {later && mode === "reply" && <later.Composer store={store} parent={comment} onClose={() => this.open(null, true)} />}
          {children[0] && <ol>{children.map((child) => <CommentItem key={child.comment.id} store={store} node={child} />)}</ol>}
          {later && drafts.map((draft) => <later.SentDraft key={draft.key} store={store} draft={draft} />)}
          {node.parked > 0 && (
            <button type="button" class="link rest" onClick={() => store.apply({ type: "take", root: id })}>{words.n("live.replies", node.parked)}</button>
          )}
          {node.more > 0 && (
            <button type="button" class="link rest" disabled={store.busy} onClick={() => store.act((later) => later.replies(store, id))}>
              {words.n("comment.more", node.more)}
            </button>
          )}
        </div>
      </li>
    );
  }
}

function Head({ store, node, name }: Props & { name: string }): VNode {
  const { words, now } = store;
  const { comment, answers } = node;
  const when = Date.parse(comment.created_at);
  return (
    <p class="head">
      <bdi class="name" part="name">{name}</bdi>
      <Badges person={comment.author} words={words} />
      {comment.picked && <b class="badge" part="pick">{words.t("comment.picked")}</b>}
      <a class="quiet" href={linkTo(store, comment)} title={new Date(when).toLocaleString(words.language)}>
        <time dateTime={comment.created_at}>{ago(when, now, words.language)}</time>
      </a>
      {comment.edited_at && <span class="quiet">{words.t("comment.edited")}</span>}
      {answers && <span class="quiet">{words.t("comment.answers", { name: nameOf(answers, words) })}</span>}
    </p>
  );
}

/** The address of a comment: this page with the comment behind the hash, which embed.js follows. */
export const linkTo = ({ thread }: ThreadStore, { id }: Comment): string =>
  `${/^https?:/.test(thread.article.url ?? "") ? thread.article.url : location.href}`.replace(/#.*|$/, `#comment-${id}`);

function Acts({ store, node, mode, open }: Props & { mode: Mode; open: (mode: Mode) => void }): VNode {
  const { words, thread } = store;
  const { comment } = node;
  const { viewer, site } = thread;
  const count = comment.reactions["recommend"] ?? 0;
  const mayReact = viewer?.can.react && comment.author?.id !== viewer.id && thread.article.mode !== "readonly";
  const recommend = words.t("comment.recommend");
  return (
    <div class="acts">
      {!node.hidden && site?.reactions.includes("recommend") && (
        <button type="button" class="act" part="recommend" aria-pressed={!!thread.reactions[comment.id]?.includes("recommend")} disabled={!mayReact}
          aria-label={`${recommend}, ${count}`} title={recommend} onClick={() => store.act((later) => later.recommend(store, comment.id))}>
          <Icon name="heart" />{count > 0 && words.number(count)}
        </button>
      )}
      {!node.hidden && !thread.known.get(comment.root_id)?.locked && /^(open|pre)/.test(thread.article.mode) && (
        <button type="button" class="act" part="reply" aria-expanded={mode === "reply"} onClick={() => open(mode === "reply" ? null : "reply")}>
          {words.t("comment.reply")}
        </button>
      )}
      <button type="button" class="act dots" part="menu" aria-haspopup="menu" aria-expanded={mode === "menu"} aria-label={words.t("comment.menu")}
        title={words.t("comment.menu")} onClick={() => open(mode === "menu" ? null : "menu")}>
        <Icon name="dots" />
      </button>
    </div>
  );
}
