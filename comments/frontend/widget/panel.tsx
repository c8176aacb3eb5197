// What happened to the viewer: the panel under the bell, with notifications, what is new where they follow, and how many
// they have muted. Part of the write chunk.
import { createRef, type VNode } from "preact";
import { ago } from "../shared/time";
import type { Followed, Notifications } from "../shared/types";
import { follow, mute } from "./follows";
import { open } from "./later";
import { Pages } from "./pages";
import type { ThreadStore } from "./store";

interface Props {
  store: ThreadStore;
  /** `focus`: the bell gets it back. */
  onClose: (focus?: boolean) => void;
}

export class Panel extends Pages<Props, Notifications> {
  readonly #box = createRef<HTMLDivElement>();
  override path = "/me/notifications?limit=20";

  override componentDidMount(): void {
    this.#box.current?.focus();
    addEventListener("pointerdown", this.#outside);
    void this.more().then(this.#seen);
  }

  override componentWillUnmount(): void {
    removeEventListener("pointerdown", this.#outside);
  }

  #seen = (): void => {
    const { store } = this.props;
    const { unread = 0, notifications: [newest] = [] } = this.state.answers[0] ?? {};
    if (unread && newest) store.call<{ unread: number }>("/me/notifications/seen", { method: "POST", body: { until: newest.id } }).then(
      ({ unread }) => store.tell({ unread }), () => {}, // they stay unread
    );
  };

  #outside = (event: Event): void => {
    const tools = this.#box.current?.parentElement;
    if (tools && !event.composedPath().includes(tools)) this.props.onClose();
  };

  #left = ({ relatedTarget }: FocusEvent): void => {
    if (relatedTarget && !this.#box.current?.parentElement?.contains(relatedTarget as Node)) this.props.onClose();
  };

  override render(props: Props): VNode {
    const { words, now, thread: { mutes } } = props.store;
    const { answers } = this.state;
    const list = answers.flatMap((answer) => answer.notifications);
    const followed = answers[0]?.followed ?? [];
    return (
      <div class="popup bells" part="notifications" role="dialog" aria-label={words.t("live.bell")} tabIndex={0} ref={this.#box} onFocusOut={this.#left}
        onKeyDown={(event) => event.key === "Escape" && props.onClose(true)}>
        {followed.length > 0 && <h3>{words.t("bell.followed")}</h3>}
        <ul>{followed.map((one) => <News {...props} {...one} text={words.n("live.new", one.new)} isNew />)}</ul>
        <h3>{words.t("live.bell")}</h3>
        <ul>{list.map((one) => (
          <News key={one.id} {...props} {...one} isNew={!one.seen} when={ago(Date.parse(one.created_at), now, words.language)}
            text={words.t(`bell.${one.kind}`, { name: one.comment?.author?.name ?? words.t("comment.someone") })} />
        ))}</ul>
        {answers[0] && !list[0] && <p class="quiet">{words.t("bell.empty")}</p>}
        {this.rest()}
        <OwnPage store={props.store} />
        {mutes.size > 0 && (
          <p class="quiet">
            {words.n("bell.muted", mutes.size)} <button class="link" onClick={() => mutes.forEach((id) => void mute(props.store, id, false))}>{words.t("bell.unmute")}</button>
          </p>
        )}
      </div>
    );
  }
}

interface NewsProps extends Props, Pick<Followed, "article" | "comment"> {
  text: string;
  when?: string;
  isNew: boolean;
}

/** A link to the comment: here it opens, another article's page opens it itself. */
function News({ store, onClose, article, comment, text, when, isNew }: NewsProps): VNode {
  const here = article.id === store.article;
  const url = here ? location.href : article.url ?? "";
  const href = /^https?:/.test(url) ? url.replace(/#.*|$/, comment ? `#comment-${comment.id}` : "") : undefined;
  const go = (event: Event): void => {
    if (comment && store.thread.follows?.comments.includes(comment.id)) void follow(store, comment.id, true); // seen up to now
    if (!here) return;
    event.preventDefault();
    onClose(!comment);
    if (comment) void open(store, comment.id);
  };
  return (
    <li class={isNew ? "unseen" : ""}>
      <a href={href} target="_top" onClick={go}>
        <b>{text}</b>
        {comment && <q dir="auto">{comment.excerpt}</q>}
        <span class="quiet" dir="auto">{when} {!here && (article.title ?? article.id)}</span>
      </a>
    </li>
  );
}

/** The publisher's token, looked up anew: where each counts once the last one has counted. */
async function tokenOf({ mounting: { element } }: ThreadStore): Promise<string | null | undefined> {
  if (element.getToken) return element.getToken();
  const url = element.getAttribute("token-url");
  return element.getAttribute("token") ?? (url ? (await (await fetch(url, { credentials: "include" })).json()).token : url);
}

/** To one's own page, which takes the publisher's token out of a form: ours it takes never, and none from an address. */
function OwnPage({ store }: { store: ThreadStore }): VNode {
  const { words, site, mounting: { base } } = store;
  const go = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    (form.elements[0] as HTMLInputElement).value = await tokenOf(store).catch(() => "") ?? ""; // without one the page says how to come
    form.submit();
  };
  return (
    <form method="post" target="_blank" action={`${base}/me/${site}`} onSubmit={go}>
      <input type="hidden" name="token" /><input type="hidden" name="lang" value={words.language} />
      <button class="link">{words.t("bell.mine")}</button>{" · "}
      <a class="link" href={`${base}/notice/${site}?url=${encodeURIComponent(location.href)}`} target="_blank">{words.t("menu.notice")}</a>
    </form>
  );
}
