// The thread on the page: heading, order, composer, arrivals, comments, more. Draws the store and calls it.
import { Component, type VNode } from "preact";
import type { Sort } from "../shared/types";
import { CommentItem } from "./comment";
import type { ThreadStore } from "./store";

interface Props {
  store: ThreadStore;
}

export class App extends Component<Props> {
  override componentDidMount(): void {
    const { store } = this.props;
    store.draw = () => this.forceUpdate();
    if (store.hasDraft(null)) store.act((later) => later.reopen(store, null, null));
  }

  override render({ store }: Props): VNode {
    const { words, phase, thread, later } = store;
    const off = thread.article.mode === "off";
    return (
      <section aria-label={words.t("thread.title")} aria-busy={phase === "loading"}>
        {phase === "loading" && <div class="loading" />}
        {phase === "failed" && <p class="notice">{words.t("thread.failed")} <Link label="thread.again" store={store} /></p>}
        {phase === "locked" && <><Heading store={store} />{later && <later.Gate store={store} />}</>}
        {phase === "ready" && (off ? <p class="notice">{words.t("article.off")}</p> : <Ready store={store} />)}
        <p class={store.toasted ? "toast" : "sr"} role="status">{store.said}</p>
      </section>
    );
  }
}

/** Loads the thread anew. */
const Link = ({ label, store }: { label: string; store: ThreadStore }): VNode => (
  <button type="button" class="link" disabled={store.busy} onClick={() => store.load()}>{store.words.t(label)}</button>
);

function Ready({ store }: Props): VNode {
  const { words, thread, view, later } = store;
  return (
    <>
      <Heading store={store} />
      {store.problem && <p class="notice">{words.t("error.not_found")}</p>}
      {thread.focus ? <p class="notice">{words.t("live.part")} <Link label="live.whole" store={store} /></p> : <Writing store={store} />}
      {later && <later.Arrivals store={store} />}
      {later && view.drafts.map((draft) => <later.SentDraft key={draft.key} store={store} draft={draft} />)}
      {!view.roots.length && !view.drafts.length && <p class="empty">{words.t("thread.empty")}</p>}
      <ol class="list">{view.roots.map((node) => <CommentItem key={node.comment.id} store={store} node={node} />)}</ol>
      {thread.cursor && (
        <button type="button" class="button wide" disabled={store.busy} onClick={() => store.act((later) => later.more(store))}>
          {words.t("thread.more")}
        </button>
      )}
    </>
  );
}

function Heading({ store }: Props): VNode {
  const { words, thread, cut, readers } = store;
  const total = thread.total || store.problem?.total;
  return (
    <header>
      <h2 part="heading">{total ? words.n("thread.count", total) : words.t("thread.title")}</h2>
      {readers > 0 && <span class="quiet">{words.t("live.readers", { n: words.number(readers) })}</span>}
      {cut && <span class="cut" role="img" aria-label={words.t("live.cut")} title={words.t("live.cut")} />}
      {thread.total > 1 && !thread.focus && (
        <select aria-label={words.t("thread.sort")} value={thread.sort} onChange={(event) => store.load(event.currentTarget.value as Sort)}>
          {["newest", "oldest", "recommended"].map((sort) => <option key={sort} value={sort}>{words.t(`thread.sort.${sort}`)}</option>)}
        </select>
      )}
    </header>
  );
}

/** The composer when it is open, a line that opens it before, and the gate below it. */
function Writing({ store }: Props): VNode {
  const { words, thread, later } = store;
  const { mode } = thread.article;
  if (/closed|readonly/.test(mode)) return <p class="notice">{words.t("article.closed")}</p>;
  return (
    <div class="writing">
      {mode === "premoderated" && <p class="notice">{words.t("article.premoderated")}</p>}
      {later && store.refusals.has("") ? <later.Composer store={store} parent={null} onClose={() => store.act(({ close }) => close(store, ""))} /> : (
        <>
          <button type="button" class="join" part="join" onClick={() => store.act((later) => later.reopen(store, null, null))}>
            {words.t("thread.join")}
          </button>
          {later && <later.Gate store={store} />}
        </>
      )}
    </div>
  );
}
