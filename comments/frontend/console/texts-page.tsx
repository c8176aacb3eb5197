// What authors are told, by reason and language: the house's words or the site's own, edited with a preview. Only
// administrators change them; moderators read.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { fill } from "../shared/i18n";
import { useDesk } from "./desk";
import { Failed, Loading } from "./empty";
import type { ReceiptTexts } from "./types";
import { failureText, find, language, reasonName, t } from "./words";

const FRAME = new Set(["waiting", "note", "held"]);
const DECISION = "decision.";

function groupOf(reason: string): "decision" | "frame" | "machine" {
  if (FRAME.has(reason)) return "frame";
  return reason === "decision" || reason.startsWith("decision") ? "decision" : "machine";
}

const nameOf = (reason: string): string =>
  reason.startsWith(DECISION) ? reasonName(reason.slice(DECISION.length)) : find(`console.texts.${reason}`) ?? reason.replaceAll("_", " ");

/** The text with its places filled as they may be. */
const preview = (text: string): string =>
  fill(text, {
    words: t("console.texts.example.words"), note: t("console.texts.example.note"), reason: reasonName("abuse"),
    left: "2", limit: "2", count: "3", percent: "80", hours: "24", until: "08:00", zone: "Europe/Vienna", label: "insult",
  });

interface EditProps {
  texts: ReceiptTexts;
  reason: string;
  spoken: string;
  onSave: (text: string | null) => Promise<string | null>;
  onClose: () => void;
}

function Edit({ texts, reason, spoken, onSave, onClose }: EditProps): JSX.Element {
  const own = texts.own[reason]?.[spoken];
  const house = texts.house[reason]?.[spoken] ?? texts.house[reason]?.["en"] ?? texts.house["decision"]?.[spoken] ?? "";
  const [text, setText] = useState(own ?? house);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const save = async (value: string | null): Promise<void> => {
    setBusy(true);
    setFault(await onSave(value));
    setBusy(false);
  };
  return (
    <form
      class="text-edit"
      onSubmit={(event) => {
        event.preventDefault();
        void save(text.trim() === house ? null : text.trim());
      }}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <label class="field">
        <span>{t("console.texts.text")}</span>
        <textarea ref={field} rows={3} maxLength={1000} lang={spoken} dir="auto" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <small class="quiet">{t("console.texts.places", { places: (texts.places[reason] ?? []).map((place) => `{${place}}`).join(" ") })}</small>
      </label>
      <p class="text-preview" lang={spoken} dir="auto"><small class="quiet">{t("console.texts.preview")}</small> {preview(text)}</p>
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
        {own !== undefined && <button type="button" class="button" disabled={busy} onClick={() => void save(null)}>{t("console.texts.reset")}</button>}
        <button type="submit" class="button primary" disabled={busy || text.trim() === ""}>{t("console.texts.save")}</button>
      </div>
    </form>
  );
}

export function TextsPage(): JSX.Element {
  const { api, site, session, say } = useDesk();
  const [texts, setTexts] = useState<ReceiptTexts | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [spoken, setSpoken] = useState(language());
  const [edited, setEdited] = useState<string | null>(null);
  const mayEdit = session.user.role === "administrator";
  const load = (): void => void api.texts(site.key).then(setTexts, (error: unknown) => setFault(failureText(error)));
  useEffect(load, [site.key]);
  useEffect(() => {
    document.title = `${t("console.texts")} – ${site.name}`;
  }, [site.name]);
  if (fault !== null) return <Failed text={fault} onRetry={() => (setFault(null), load())} />;
  if (texts === null) return <Loading />;

  const close = (reason: string): void => {
    setEdited(null);
    requestAnimationFrame(() => document.getElementById(`change-${reason}`)?.focus());
  };
  const save = (reason: string) => async (text: string | null): Promise<string | null> => {
    try {
      setTexts(await api.changeText(site.key, reason, spoken, text));
      close(reason);
      say({ tone: "plain", text: t("console.texts.saved") });
      return null;
    } catch (error) {
      return failureText(error);
    }
  };
  const row = (reason: string): JSX.Element => {
    const own = texts.own[reason]?.[spoken];
    const text = own ?? texts.house[reason]?.[spoken] ?? texts.house["decision"]?.[spoken] ?? "";
    return (
      <li key={reason} class="text-row">
        <p class="text-name">
          <strong dir="auto">{nameOf(reason)}</strong>
          {own !== undefined && <span class="tag">{t("console.texts.own")}</span>}
          {mayEdit && edited !== reason && (
            <button type="button" id={`change-${reason}`} class="button small" aria-label={t("console.texts.edit", { reason: nameOf(reason) })} onClick={() => setEdited(reason)}>{t("console.texts.change")}</button>
          )}
        </p>
        {edited === reason
          ? <Edit key={`${reason} ${spoken}`} texts={texts} reason={reason} spoken={spoken} onSave={save(reason)} onClose={() => close(reason)} />
          : <p lang={spoken} dir="auto">{text}</p>}
      </li>
    );
  };
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t("console.texts")}</h1>
        <label class="field texts-language">
          <span>{t("console.texts.language")}</span>{" "}
          <select value={spoken} onChange={(event) => setSpoken(event.currentTarget.value)}>
            {texts.languages.map((one) => <option key={one} value={one}>{new Intl.DisplayNames([language()], { type: "language" }).of(one) ?? one}</option>)}
          </select>
        </label>
      </header>
      <div class="texts">
        <p>{t("console.texts.intro")} {!mayEdit && t("console.texts.only_administrators")}</p>
        {(["decision", "machine", "frame"] as const).map((group) => (
          <section key={group} class="part">
            <h2>{t(`console.texts.group.${group}`)}</h2>
            <ul>{Object.keys(texts.places).filter((reason) => groupOf(reason) === group).map(row)}</ul>
          </section>
        ))}
      </div>
    </div>
  );
}
