// The gate: why somebody may not write (or read), in the publisher's words where it has some, with the way on.
// Nothing before the later chunk knows who is signed in. The page may take a step over: comments:login and comments:subscribe can be prevented.
import type { VNode } from "preact";
import { draftKey, LEFT } from "../shared/paths";
import { safeHref } from "../shared/tree";
import { CommentItem } from "./comment";
import type { ThreadStore } from "./store";

/** Which text of the gate applies: a viewer's own reason, or that nobody is signed in. */
function codeOf({ thread, lock }: ThreadStore): string | null {
  if (lock) return lock.read === "subscribers" ? "read_subscribers" : "read_registered";
  if (thread.viewer) return thread.viewer.gate;
  return thread.site?.write === "registered" ? "nobody_free" : "nobody";
}

/** The site may say where a log-in leads back to: {url} in its address is this page. */
const leading = (url: string | null | undefined): string | undefined =>
  safeHref(url?.replace("{url}", encodeURIComponent(location.href)));

/** Remembers where the reader goes away from, for whichever page or tab the publisher's log-in ends in; see sending.ts. */
function leave({ site, article, lock }: ThreadStore, place: string): void {
  try {
    localStorage.setItem(draftKey(site, article, LEFT), JSON.stringify({ text: lock ? "r" : `w${place}`, at: Date.now() }));
  } catch {
    // they come back to the top of the page
  }
}

interface StepProps {
  store: ThreadStore;
  place: string;
  kind: "login" | "subscribe";
  label: string;
  loud: boolean;
}

function Step({ store, place, kind, label, loud }: StepProps): VNode {
  const site = store.thread.site ?? store.lock;
  const href = leading(kind === "login" ? site?.login_url : site?.subscribe_url);
  const step = (event: Event): void => {
    leave(store, place);
    if (!store.emit(kind, { url: href ?? null })) event.preventDefault();
  };
  const name = loud ? "button loud" : "button";
  return href
    ? <a class={name} part={kind} href={href} target="_top" onClick={step}>{label}</a>
    : <button type="button" class={name} part={kind} onClick={step}>{label}</button>;
}

/** `place`: of the composer that it stands in. */
export function Gate({ store, place = "" }: { store: ThreadStore; place?: string }): VNode | null {
  const { words, thread } = store;
  const code = codeOf(store);
  if (!code || code === "name_needed" || !store.asked) return null;
  const { viewer } = thread;
  if (code === "warned") return store.beside && <store.beside.Warned store={store} />;
  const until = viewer?.suspended_until;
  const told = (thread.site ?? store.lock)?.gate_words[code.replace("nobody_free", "nobody")];
  const text = told ?? words.t(`gate.${code}`, { until: until ? new Date(until).toLocaleString(words.language, { dateStyle: "long", timeStyle: "short" }) : "" });
  const nobody = !viewer;
  const pays = !/_free|suspended|banned|read_registered/.test(code);
  return (
    <div class="gate" part="gate">
      <p>{text}</p>
      {viewer?.restriction_reason && <p class="quiet">{words.t("gate.because", { reason: viewer.restriction_reason })}</p>}
      <p class="steps">
        {pays && <Step store={store} place={place} kind="subscribe" loud label={words.t(code === "lapsed" ? "gate.renew" : "gate.subscribe")} />}
        {nobody && <Step store={store} place={place} kind="login" loud={!pays} label={words.t("gate.login")} />}
      </p>
    </div>
  );
}

/** Reading is for others: the gate, and a taste of the conversation below it. */
export const Locked = ({ store }: { store: ThreadStore }): VNode => (
  <>
    <Gate store={store} />
    <ol class="list taste" role="list">{store.view.roots.map((node) => <CommentItem key={node.comment.id} store={store} node={node} />)}</ol>
  </>
);
