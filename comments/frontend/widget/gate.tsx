// The gate: why somebody may not write (or read), in the publisher's words where it has some, with the way on.
// Part of the later chunk, because before it nobody knows who is signed in. The page may take a step over: comments:login and comments:subscribe can be prevented.
import { Component, type VNode } from "preact";
import { safeHref } from "../shared/tree";
import type { Problem } from "../shared/types";
import { reasonOf } from "./reasons";
import { readWarning } from "./sending";
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

function Step({ store, kind, label, loud }: { store: ThreadStore; kind: "login" | "subscribe"; label: string; loud: boolean }): VNode {
  const site = store.thread.site ?? store.lock;
  const href = leading(kind === "login" ? site?.login_url : site?.subscribe_url);
  const step = (event: Event): void => {
    if (!store.emit(kind, { url: href ?? null })) event.preventDefault();
  };
  const name = loud ? "button loud" : "button";
  return href
    ? <a class={name} part={kind} href={href} target="_top" onClick={step}>{label}</a>
    : <button type="button" class={name} part={kind} onClick={step}>{label}</button>;
}

export function Gate({ store }: { store: ThreadStore }): VNode | null {
  const { words, thread } = store;
  const code = codeOf(store);
  if (!code || code === "name_needed" || !store.asked) return null;
  const { viewer } = thread;
  if (code === "warned") return <Warned store={store} />;
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
        {pays && <Step store={store} kind="subscribe" loud label={words.t(code === "lapsed" ? "gate.renew" : "gate.subscribe")} />}
        {nobody && <Step store={store} kind="login" loud={!pays} label={words.t("gate.login")} />}
      </p>
    </div>
  );
}

/** What a moderator has written to this reader, one thing after the other; writing goes on once it is read. */
class Warned extends Component<{ store: ThreadStore }, { busy: boolean; problem: Problem | null }> {
  override state = { busy: false, problem: null };

  override render({ store }: { store: ThreadStore }, { busy, problem }: { busy: boolean; problem: Problem | null }): VNode | null {
    const { words, thread } = store;
    const warning = thread.viewer?.warnings?.[0];
    if (!warning) return null;
    const { id, reason, text } = warning;
    const read = async (): Promise<void> => {
      this.setState({ busy: true });
      this.setState({ busy: false, problem: await readWarning(store, id) });
    };
    return (
      <div class="gate warning" part="gate" role="alert">
        <p><b>{words.t("gate.warned")}</b></p>
        <p>{words.t("gate.because", { reason: words.find(`reject_reason.${reason}`) ?? reason })}</p>
        {text && <blockquote class="lines" dir="auto">{text}</blockquote>}
        <p class="quiet">{words.t("gate.warned_then")}</p>
        <p class="steps"><button type="button" class="button loud" disabled={busy} onClick={read}>{words.t("gate.read")}</button></p>
        {problem && <p class="wrong">{reasonOf(problem, store)}</p>}
      </div>
    );
  }
}

/** What limits a reader who may write, in plain sentences: nothing of it is secret. */
export function Limits({ store }: { store: ThreadStore }): VNode | null {
  const { words, thread: { viewer } } = store;
  const limits = viewer?.can.write ? viewer.limits : undefined;
  if (!limits) return null;
  const { premoderated, newcomer_left: left, newcomer_until: until, pace_seconds: pace } = limits;
  const said = premoderated
    ? [words.t("gate.premoderated"), ...(premoderated.reason ? [words.t("gate.because", { reason: premoderated.reason })] : [])]
    : [
      limits.site_premoderated && words.t("gate.site_premoderated"),
      left > 0 && words.n("gate.newcomer", left),
      until && words.t("gate.newcomer_until", { until: new Date(until).toLocaleString(words.language, { dateStyle: "long", timeStyle: "short" }) }),
    ].filter(Boolean);
  if (pace > 30) said.push(words.t("gate.pace", { n: words.number(pace) }));
  return said.length ? <p class="quiet limits">{said.join(" ")}</p> : null;
}
