// A secret, the only time that it is seen. Stays until somebody says that it is kept: Escape alone does not lose it.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { t } from "./words";

interface ShownOnceProps {
  title: string;
  text: string;
  value: string;
  onKept: () => void;
}

export function ShownOnce({ title, text, value, onKept }: ShownOnceProps): JSX.Element {
  const [copied, setCopied] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const copy = (): void => {
    box.current?.select();
    navigator.clipboard?.writeText(value).then(() => setCopied(true), () => undefined);
  };
  return (
    <Dialog title={title} onClose={() => undefined} size="middle">
      <p>{text}</p>
      <div class="webhook-secret">
        <input ref={box} readOnly dir="ltr" spellcheck={false} value={value} aria-label={title} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="button" onClick={copy}>{t(copied ? "console.webhooks.copied" : "console.webhooks.copy")}</button>
      </div>
      <p class="quiet" role="status">{copied ? t("console.webhooks.copied_text") : ""}</p>
      <div class="dialog-foot">
        <button type="button" class="button primary" onClick={onKept}>{t("console.webhooks.kept")}</button>
      </div>
    </Dialog>
  );
}
