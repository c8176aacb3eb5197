// What counted before: who changed what, when and why; and the way back, which is a new version too.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Change } from "./change";
import { changesOf } from "./changes";
import { Dialog } from "./dialog";
import type { ChangedVersion } from "./rules-types";
import { Time } from "./time";
import { t } from "./words";

interface VersionsProps {
  versions: ChangedVersion[];
  mayChange: boolean;
  onMore: (() => void) | null;
  onTakeBack: (number: number, reason: string) => Promise<void>;
}

function TakeBack({ number, onDone, onClose }: { number: number; onDone: (reason: string) => Promise<void>; onClose: () => void }): JSX.Element {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    await onDone(reason.trim());
    onClose();
  };
  return (
    <Dialog title={number === 0 ? t("console.rules.back.defaults") : t("console.rules.back.title", { number })} onClose={onClose} size="middle">
      <form onSubmit={submit}>
        <p>{t("console.rules.back.text")}</p>
        <label class="field">
          <span>{t("console.rules.reason")}</span>
          <input type="text" autofocus maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
          <button type="submit" class="button primary" disabled={busy}>{t("console.rules.back.submit")}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function Versions({ versions, mayChange, onMore, onTakeBack }: VersionsProps): JSX.Element {
  const [asked, setAsked] = useState<number | null>(null);
  const button = (number: number): JSX.Element => (
    <button type="button" class="button small" onClick={() => setAsked(number)}>
      {t("console.rules.back")}<span class="unseen"> {t("console.rules.version", { number })}</span>
    </button>
  );
  return (
    <section class="rules-group" aria-labelledby="group-versions">
      <h2 id="group-versions">{t("console.rules.versions")}</h2>
      {versions.length === 0 && <p class="quiet">{t("console.rules.versions_none")}</p>}
      <ol class="versions">
        {versions.map((one, at) => (
          <li key={one.number} class="version">
            <p class="version-head">
              <strong>{t("console.rules.version", { number: one.number })}</strong>
              {at === 0 && <span class="tag good">{t("console.rules.counts")}</span>}
              <bdi>{one.by ?? t("console.by_system")}</bdi>
              {one.at !== null && <Time at={one.at} />}
              {at > 0 && mayChange && button(one.number)}
            </p>
            {one.reason !== null && <p class="version-why" dir="auto">{one.reason}</p>}
            <p class="version-what">{changesOf(one.before, one.after).map((change) => <Change key={change.field} change={change} />)}</p>
          </li>
        ))}
        {versions.length > 0 && onMore === null && mayChange && (
          <li class="version"><p class="version-head"><strong>{t("console.rules.version_none")}</strong>{button(0)}</p></li>
        )}
      </ol>
      {onMore !== null && <button type="button" class="button small" onClick={onMore}>{t("console.more")}</button>}
      {asked !== null && <TakeBack number={asked} onDone={(reason) => onTakeBack(asked, reason)} onClose={() => setAsked(null)} />}
    </section>
  );
}
