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
    store.draw = () => {
      this.forceUpdate();
      for (const one of store.shown) one.look();
    };
  }

  override render({ store }: Props): VNode {
    const { words, phase, thread, later } = store;
    const off = thread.article.mode === "off";
    return (
      <section aria-label={`${words.t("thread.title")} ${store.mounting.element.getAttribute("article-title") ?? ""}`} aria-busy={phase === "loading"}>
        {phase === "loading" && <div class="loading" />}
        {phase === "failed" && <p class="notice">{words.t("thread.failed")} <Link label="thread.again" store={store} /></p>}
        {phase === "locked" && <><Heading store={store} />{later && <later.Locked store={store} />}</>}
        {phase === "ready" && (off ? <p class="notice">{words.t("article.off")}</p> : <Ready store={store} />)}
        <p class={store.toasted ? "toast" : "sr"} role="status">{store.said}</p>
      </section>
    );
  }
}

/** Loads the thread anew, and keeps it with the server where the first attempt had failed. */
const Link = ({ label, store }: { label: string; store: ThreadStore }): VNode => (
  <button type="button" class="link" disabled={store.busy} onClick={() => store.load().then(() => store.later?.connect(store))}>{store.words.t(label)}</button>
);

function Ready({ store }: Props): VNode {
  const { words, thread, view, later, write, beside, tab } = store;
  return (
    <>
      <Heading store={store} />
      {store.problem && <p class="notice">{words.t("live.gone")}</p>}
      {thread.focus ? <p class="notice">{words.t("live.part")} <Link label="live.whole" store={store} /></p> : <Writing store={store} />}
      {thread.tabs && !thread.focus && <div class="tabs">{beside && <beside.Tabs store={store} />}</div>}
      {later && <later.Arrivals store={store} />}
      {write && view.drafts.map((draft) => <write.SentDraft key={draft.key} store={store} draft={draft} />)}
      {tab && beside ? <beside.Flat key={tab} store={store} /> : <>
      {!view.roots.length && !view.drafts.length && <p class="empty">{words.t("thread.empty")}</p>}
      <ol class="list" role="list">{view.roots.slice(0, store.drawn).map((node) => <CommentItem key={node.comment.id} store={store} node={node} />)}</ol>
      {thread.cursor && (
        <button type="button" class="button wide" disabled={store.busy} onClick={() => store.act((later) => later.more(store))}>
          {words.t("thread.more")}
        </button>
      )}
      </>}
    </>
  );
}

function Heading({ store }: Props): VNode {
  const { words, thread, cut, readers, beside } = store;
  const total = thread.total || store.problem?.total;
  return (
    <>
    <header>
      <h2 part="heading">{total ? words.n("thread.count", total) : words.t("thread.title")}</h2>
      {readers > 0 && <span class="quiet">{words.t("live.readers", { n: words.number(readers) })}</span>}
      {cut && <span class="cut" role="img" aria-label={words.t("live.cut")} title={words.t("live.cut")} />}
      {beside && <beside.Tools store={store} />}
      {thread.total > 1 && !thread.focus && (
        <select aria-label={words.t("thread.sort")} value={thread.sort} onChange={(event) => store.load(event.currentTarget.value as Sort)}>
          {["newest", "oldest", "recommended", "replied"].map((sort) => <option key={sort} value={sort}>{words.t(`thread.sort.${sort}`)}</option>)}
        </select>
      )}
    </header>
    {store.returning && <p class="quiet since" role="status">{beside && store.phase === "ready" && <beside.Since store={store} />}</p>}
    </>
  );
}

/** The composer when it is open, a line that opens it before, and the gate below it. */
function Writing({ store }: Props): VNode {
  const { words, thread, later, write, beside } = store;
  const { mode, opens_at, closes_at } = thread.article;
  const hours = (opens_at || closes_at) && <p class="notice hours">{beside && <beside.Hours store={store} />}</p>;
  if (/closed|readonly/.test(mode)) return <><p class="notice">{words.t("article.closed")}</p>{hours}</>;
  return (
    <div class={store.writer ? "" : "writing"}>
      {mode === "premoderated" && <p class="notice">{words.t("article.premoderated")}</p>}
      {write && store.refusals.has("") ? <write.Composer store={store} parent={null} onClose={() => write.close(store, "")} /> : (
        <>
          <button type="button" class="join" part="join" onClick={() => store.compose((write) => write.reopen(store, null, null))}>
            {words.t("thread.join")}
          </button>
          {hours}
          {later && <later.Gate store={store} />}
        </>
      )}
    </div>
  );
}
