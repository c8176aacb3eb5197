// Taking back a comment, asked once more.
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { reasonOf, useOwn } from "./own";
import type { OwnComment } from "./types";

interface Props {
  comment: string;
  onClose: () => void;
  onChange: (changed: OwnComment) => void;
}

export function Withdraw({ comment, onClose, onChange }: Props): VNode {
  const { api, words, say } = useOwn();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  const yes = async (): Promise<void> => {
    setBusy(true);
    setWrong("");
    try {
      onChange(await api.send<OwnComment>("DELETE", `/comments/${comment}`));
      say(words.t("me.withdrawn"));
    } catch (error) {
      setWrong(reasonOf(error, words));
      setBusy(false);
    }
  };
  return (
    <div class="panel" role="alertdialog" aria-label={words.t("menu.withdraw")} onKeyDown={({ key }) => key === "Escape" && onClose()}>
      <p>{words.t("menu.sure")}</p>
      {wrong && <p class="wrong" role="alert">{wrong}</p>}
      <p class="steps">
        <button class="button" ref={keep} onClick={onClose}>{words.t("menu.keep")}</button>
        <button class="button loud" disabled={busy} onClick={() => void yes()}>{words.t("menu.withdraw")}</button>
      </p>
    </div>
  );
}
