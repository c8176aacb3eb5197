// One comment with what hangs on it: who, when, what, the acts, the replies. Draws the store's view and calls the store;
// what opens at a comment (composer, editor, menu, forms) is the write chunk's `Open`.
import { Component, type VNode } from "preact";
import { TreeBody } from "../shared/tree";
import { ago } from "../shared/time";
import type { CommentNode } from "../shared/thread_view";
import type { Comment, Tree } from "../shared/types";
import { Fold, labelOf } from "./branch";
import { Icon } from "./icons";
import { Avatar, Badges, nameOf } from "./person";
import type { ThreadStore } from "./store";

interface Props {
  store: ThreadStore;
  node: CommentNode;
  /** Which of its siblings a reply is. */
  at?: number;
  of?: number;
}

/** What is open at a comment; `shown`: although its author is muted. */
export type Mode = "reply" | "edit" | "menu" | "report" | "withdraw" | "shown" | null;

export class CommentItem extends Component<Props, { mode: Mode }> {
  override state: { mode: Mode } = { mode: null };
  #drawn: unknown[] = [];

  override componentDidMount(): void {
    this.props.store.shown.add(this);
  }

  override componentWillUnmount(): void {
    this.props.store.shown.delete(this);
  }

  /** Draws itself anew when anything that it is drawn from has changed: a live event costs what it changes, not the thread. */
  look = (): void => {
    if (this.shouldComponentUpdate(this.props, this.state)) this.forceUpdate();
  };

  override shouldComponentUpdate(props: Props, state: { mode: Mode }): boolean {
    return drawnFrom(props, state.mode).some((part, at) => part !== this.#drawn[at]);
  }

  /** Opens something at the comment, or closes it; then the comment has the focus again. */
  open = (mode: Mode, focus = false): void => {
    const { store, node } = this.props;
    store.refusals.delete(node.comment.id);
    this.setState({ mode });
    if (mode) store.compose(() => store.draw());
    else if (focus) void store.later?.reveal(store, node.comment.id, "nearest");
  };

  override render(props: Props, state: { mode: Mode }): VNode {
    const { store, node: { comment: { id } }, at, of } = props;
    const { words, later, write, beside, fresh, folded } = store;
    const node = store.view.nodes.get(id)!;
    const { comment, children, drafts } = node;
    this.#drawn = drawnFrom(props, state.mode);
    const mode = store.refusals.has(id) ? "reply" : state.mode;
    const name = nameOf(comment, words);
    const Text: (props: { tree: Tree; comment: Comment }) => VNode = node.hidden && beside ? beside.Marked : TreeBody;
    const marks = [store.highlight === id && "lit", store.thread.taken.has(id) && "new", node.hidden && "own", fresh.has(id) && "fresh", comment.by_author && "by"];

    return (
      <li>
        <article id={`comment-${id}`} tabIndex={-1} class={marks.filter(Boolean).join(" ")} part="comment"
          aria-label={later ? labelOf(store, comment, at, of) : name}>
          {!comment.body ? <p class="quiet stub">{words.t(`comment.${comment.status}`)}</p>
            : store.thread.mutes.has(comment.author?.id ?? "") && !mode ? (
              <p class="quiet stub">
                {words.t("live.muted", { name })} <button type="button" class="link" onClick={() => this.open("shown")}>{words.t("live.show")}</button>
              </p>
            ) : (
              <>
                <Avatar name={name} person={comment.author} />
                <Head store={store} node={node} name={name} />
                {(mode !== "edit" || !write) && <div class="body" part="body" dir="auto"><Text tree={comment.body} comment={comment} /></div>}
                {beside && <beside.Waiting store={store} node={node} />}
                {mode !== "edit" && !store.lock && <Acts store={store} node={node} mode={mode} open={this.open} />}
                {write && <write.Open store={store} comment={comment} mode={mode} open={this.open} />}
              </>
            )}
        </article>
        {comment.locked && <p class="quiet">{words.t("comment.locked")}</p>}
        <div class="replies">
          {later && <Fold store={store} node={node} />}
          {!folded.has(id) && <>
          {write && mode === "reply" && <write.Composer store={store} parent={comment} onClose={() => this.open(null, true)} />}
          {children[0] && <ol role="list">{children.map((child, at) => <CommentItem key={child.comment.id} store={store} node={child} at={at + 1} of={children.length} />)}</ol>}
          {write && drafts.map((draft) => <write.SentDraft key={draft.key} store={store} draft={draft} />)}
          {node.parked > 0 && (
            <button type="button" class="link rest" onClick={() => store.apply({ type: "take", root: id })}>{words.n("live.replies", node.parked)}</button>
          )}
          {node.more > 0 && (
            <button type="button" class="link rest" disabled={store.busy} onClick={() => store.act((later) => later.replies(store, id))}>
              {words.n("comment.more", node.more)}
            </button>
          )}
          </>}
        </div>
      </li>
    );
  }
}

/** All that a comment is drawn from; a node without a change in it is the same object as before. */
function drawnFrom({ store, node: { comment: { id } }, at, of }: Props, mode: Mode): unknown[] {
  const { view, thread, later, write, beside, lock, refusals, fresh, folded, highlight, busy, now, words } = store;
  const { article, site, viewer, mutes, follows, appeals, reactions, taken } = thread;
  const node = view.nodes.get(id);
  if (!node) return []; // it leaves with what stands around it
  return [
    node, mode, at, of, article, site, viewer, mutes, follows, appeals, later, write, beside, lock, reactions[id], taken.has(id),
    fresh.has(id), folded.has(id), refusals.get(id), highlight === id, node.more && busy, ago(Date.parse(node.comment.created_at), now, words.language),
  ];
}

export function Head({ store, node, name }: Props & { name: string }): VNode {
  const { words, now, later } = store;
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
      {later && <later.Asked store={store} comment={comment} />}
      {answers && <button type="button" class="link quiet" data-parent={answers.id} onClick={() => store.act((later) => later.open(store, answers.id))}>{words.t("comment.answers", { name: nameOf(answers, words) })}</button>}
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
  const mayReact = viewer?.can.react && comment.author?.id !== viewer.id && thread.article.mode !== "readonly";
  return (
    <div class="acts">
      {!node.hidden && site?.reactions.map((kind) => {
        const count = comment.reactions[kind] ?? 0;
        const label = words.find(kind === "recommend" ? "comment.recommend" : `comment.reaction.${kind}`) ?? kind;
        return (
          <button type="button" key={kind} class="act" part={kind} aria-pressed={!!thread.reactions[comment.id]?.includes(kind)} disabled={!mayReact}
            aria-label={`${label}, ${count}`} title={label} onClick={() => store.act((later) => later.react(store, comment.id, kind))}>
            {kind === "recommend" ? <Icon name="heart" /> : label} {count > 0 && words.number(count)}
          </button>
        );
      })}
      {!node.hidden && !node.locked && /^(open|pre)/.test(thread.article.mode) && (
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
