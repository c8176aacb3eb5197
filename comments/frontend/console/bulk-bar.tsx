// Above the rows of a queue: how many are chosen, and what can be done with all of them.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";
import { KeyHint, useKeyOf } from "./key-hint";
import { many, t } from "./words";

interface BarProps {
  count: number;
  /** All that can be chosen are. */
  full: boolean;
  onAll: () => void;
  onClear: () => void;
  onApprove: () => void;
  onReject: () => void;
}

export function BulkBar({ count, full, onAll, onClear, onApprove, onReject }: BarProps): JSX.Element {
  const [approveKey, rejectKey] = [useKeyOf("approve"), useKeyOf("reject")];
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = count > 0 && !full;
  }, [count, full]);
  return (
    <div class="bulk" role="group" aria-label={t("console.bulk")}>
      <label class="bulk-all">
        <input ref={box} type="checkbox" class="tick" checked={count > 0 && full} onChange={full ? onClear : onAll} />
        <span>{count === 0 ? t("console.bulk.all") : many("console.bulk.chosen", count)}</span>
      </label>
      {count > 0 && (
        <>
          <button type="button" class="button icon-only plain bulk-clear" aria-keyshortcuts="Escape" aria-label={t("console.bulk.clear")} title={`${t("console.bulk.clear")} (Esc)`} onClick={onClear}>
            <Icon name="cross" />
          </button>
          <div class="bulk-acts">
            <button type="button" class="button small approve" aria-keyshortcuts={approveKey} aria-haspopup="dialog" onClick={onApprove}>
              {t("console.bulk.approve")} <KeyHint of="approve" />
            </button>
            <button type="button" class="button small reject" aria-keyshortcuts={rejectKey} aria-haspopup="dialog" onClick={onReject}>
              {t("console.bulk.reject")} <KeyHint of="reject" />
            </button>
          </div>
        </>
      )}
    </div>
  );
}
