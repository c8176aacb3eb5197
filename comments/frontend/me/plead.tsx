// The form in which somebody says why they disagree: with a decision about their comment, or with what is laid upon them.
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { reasonOf, useOwn } from "./own";
import { forgetPlea, isKept, keepPlea, pleaOf, putAside } from "./pleas";

const graphemes = (text: string, language: string): number =>
  ("Segmenter" in Intl ? [...new Intl.Segmenter(language).segment(text)] : [...text]).length;

interface Props {
  /** Of the field: one of its kind on the page. */
  id: string;
  path: string;
  /** Characters at most, as people count them. */
  most: number;
  hint?: string;
  onClose: () => void;
  onSent: (answer: unknown) => void;
}

export function Plead({ id, path, most, hint, onClose, onSent }: Props): VNode {
  const { api, words, say, visit } = useOwn();
  const [text, setText] = useState(() => pleaOf(visit, id));
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!isKept(visit, id)) field.current?.focus(); // else it stands open by itself, when the page opens
  }, []);
  const left = most - graphemes(text.trim(), words.language);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !text.trim() || left < 0) return;
    setBusy(true);
    setWrong("");
    try {
      onSent(await api.send("POST", path, { text: text.trim() }));
      forgetPlea(visit, id);
      say(words.t("appeal.sent"));
      onClose();
    } catch (error) {
      setWrong(reasonOf(error, words));
      setBusy(false);
      field.current?.focus();
    }
  };
  const cancel = (): void => {
    putAside(visit, id);
    onClose();
  };
  return (
    <form class="panel" aria-busy={busy} onSubmit={(event) => void send(event)}>
      <label for={id}>{words.t("appeal.label")}</label>
      <textarea id={id} ref={field} rows={3} dir="auto" aria-describedby={hint && `hint-${id}`} value={text} readOnly={busy}
        aria-invalid={Boolean(wrong) || left < 0} onInput={(event) => {
          setText(event.currentTarget.value);
          setWrong("");
          keepPlea(visit, id, event.currentTarget.value);
        }} />
      {hint && <p class="quiet" id={`hint-${id}`}>{hint}</p>}
      {left < 100 && <p class={left < 0 ? "wrong" : "quiet"} role="status">{words.t("write.left", { n: words.number(left) })}</p>}
      {wrong && <p class="wrong" role="alert">{wrong}</p>}
      <p class="steps">
        <button type="button" class="button" onClick={cancel}>{words.t("write.cancel")}</button>
        <button type="submit" class="button loud" disabled={busy || !text.trim() || left < 0}>{words.t(busy ? "write.sending" : "appeal.send")}</button>
      </p>
    </form>
  );
}
