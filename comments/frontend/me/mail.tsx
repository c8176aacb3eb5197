// One's mail: where it goes and how that is changed, and of what one wants it.
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reasonOf, useOwn } from "./own";
import type { MailChoice, OwnMail } from "./types";

const CHOICES: MailChoice[] = ["off", "at_once", "daily"];

/** Sends a change; whether it was kept. What went wrong is said where it was asked for. */
type Change = (change: object, wrong: (why: string) => void) => Promise<OwnMail | null>;

export function Mail(): VNode {
  const { api, words, visit } = useOwn();
  const [mail, setMail] = useState<OwnMail | null>(null);
  const [failed, setFailed] = useState("");
  const ask = (): void => {
    setFailed("");
    api.get<OwnMail>("/mail").then(setMail, (error) => setFailed(reasonOf(error, words)));
  };
  useEffect(ask, []);
  const change: Change = async (body, wrong) => {
    wrong("");
    try {
      const now = await api.send<OwnMail>("PUT", "/mail", { language: words.language, ...body });
      setMail(now);
      return now;
    } catch (error) {
      wrong(reasonOf(error, words));
      return null;
    }
  };
  const sends = mail && !mail.off;
  return (
    <>
      <section aria-labelledby="part">
        <h2 id="part" tabIndex={-1}>{words.t("me.mail")}</h2>
        {failed && <p class="wrong" role="alert">{failed} <button class="link" onClick={ask}>{words.t("thread.again")}</button></p>}
        {!mail && !failed && <p class="quiet" role="status">{words.t("thread.wait")}</p>}
        {mail?.off && <p class="notice">{words.t(`me.mail_off.${mail.off}`, { site: visit.site.name })}</p>}
        {sends && <Address mail={mail} change={change} />}
      </section>
      {sends && <Kinds mail={mail} change={change} />}
    </>
  );
}

interface Props {
  mail: OwnMail;
  change: Change;
}

function Address({ mail: { address, by, pending, vouched, refused }, change }: Props): VNode {
  const { words, say } = useOwn();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const take = async (wished: string | null): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const now = await change({ address: wished }, setWrong);
    setBusy(false);
    if (!now) return;
    setText("");
    say(now.pending ? "" : words.t("me.mail_saved"));
    document.getElementById("part")?.focus(); // the button may be gone
  };
  return (
    <>
      {address ? <p><strong><bdi>{address}</bdi></strong></p> : !pending && <p>{words.t("me.mail_none")}</p>}
      {by && <p class="quiet">{words.t(`me.mail_by.${by}`)}</p>}
      {refused && (
        <div class="notice">
          <p>{words.t("me.mail_refused")}</p>
          <p class="steps"><button class="act" disabled={busy} onClick={() => void take(address)}>{words.t("me.mail_again")}</button></p>
        </div>
      )}
      {pending && (
        <div class="notice" role="status">
          <p>{words.t("me.mail_pending", { address: pending })}</p>
          <p class="steps"><button class="act" disabled={busy} onClick={() => void take(address)}>{words.t("me.mail_cancel")}</button></p>
        </div>
      )}
      <form class="panel" aria-busy={busy} onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) void take(text.trim());
      }}>
        <label for="address">{words.t("me.mail_other")}</label>
        <input id="address" type="email" autocomplete="email" maxLength={254} dir="ltr" required value={text} aria-invalid={Boolean(wrong)} aria-describedby="address-hint"
          onInput={(event) => setText(event.currentTarget.value)} />
        <p class="quiet" id="address-hint">{words.t("me.mail_first")}</p>
        {wrong && <p class="wrong" role="alert">{wrong}</p>}
        <p class="steps">
          <button type="submit" class="button loud" disabled={busy || !text.trim()}>{words.t("me.mail_ask")}</button>
          {vouched && by === "member" && <button type="button" class="act" disabled={busy} onClick={() => void take(null)}>{words.t("me.mail_login", { address: vouched })}</button>}
        </p>
      </form>
    </>
  );
}

function Kinds({ mail: { kinds, choices }, change }: Props): VNode {
  const { words, say } = useOwn();
  const [changed, setChanged] = useState<Record<string, MailChoice>>({}); // and not sent yet: a new address leaves it
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const none = kinds.every((kind) => (changed[kind] ?? choices[kind]) === choices[kind]);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || none) return;
    setBusy(true);
    if (await change({ choices: changed }, setWrong)) {
      setChanged({});
      say(words.t("me.mail_saved"));
    }
    setBusy(false);
  };
  return (
    <section aria-labelledby="kinds">
      <h2 id="kinds">{words.t("me.mail_what")}</h2>
      <form aria-busy={busy} onSubmit={(event) => void save(event)}>
        <ul class="list choices">{kinds.map((kind) => (
          <li key={kind} class="row">
            <label for={`mail-${kind}`}>{words.t(`mail.kind.${kind}`)}</label>
            <select id={`mail-${kind}`} value={changed[kind] ?? choices[kind] ?? "off"} onChange={(event) => setChanged({ ...changed, [kind]: event.currentTarget.value as MailChoice })}>
              {CHOICES.map((choice) => <option key={choice} value={choice}>{words.t(`me.mail_when.${choice}`)}</option>)}
            </select>
          </li>
        ))}</ul>
        {wrong && <p class="wrong" role="alert">{wrong}</p>}
        <p class="steps"><button type="submit" class="button loud" disabled={busy || none}>{words.t("write.save")}</button></p>
        <p class="quiet">{words.t("me.mail_language")}</p>
      </form>
    </section>
  );
}
