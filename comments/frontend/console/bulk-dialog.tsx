// Before many comments are decided on at once: what that touches, and what it leaves out and why.
import type { JSX } from "preact";
import { Dialog } from "./dialog";
import { RejectDialog } from "./reject-dialog";
import type { BulkPreview, Item, LeftOut, Verdict } from "./types";
import type { Bulk } from "./use-bulk";
import { many, number, personName, problemText, reasonName, statusName, t } from "./words";

interface BulkDialogProps {
  verdict: Verdict;
  items: Item[];
  /** null: on its way. */
  preview: BulkPreview | null;
  fault: string | null;
  onAct: () => void;
  onClose: () => void;
}

/** Why something is left out, in a few words. */
export const whyText = (one: LeftOut): string => problemText({ status: 409, code: one.why, claimed_by: one.claimed_by });

function Touched({ preview }: { preview: BulkPreview }): JSX.Element {
  const statuses = Object.entries(preview.by_status);
  const figures: [label: string, count: number][] = [["authors", preview.authors], ["articles", preview.articles], ["reports", preview.reports]];
  return (
    <>
      <dl class="touched">
        {statuses.map(([status, count]) => (
          <div key={status}><dt>{statusName(status)}</dt><dd>{number(count)}</dd></div>
        ))}
        {figures.map(([label, count]) => (
          <div key={label}><dt>{t(`console.bulk.${label}`)}</dt><dd>{number(count)}</dd></div>
        ))}
      </dl>
      {preview.stubs > 0 && (
        <p class="note">{many("console.bulk.stubs", preview.stubs)} {many("console.bulk.replies", preview.replies)}</p>
      )}
    </>
  );
}

function Without({ leftOut, items }: { leftOut: LeftOut[]; items: Item[] }): JSX.Element | null {
  if (leftOut.length === 0) return null;
  return (
    <section class="left-out">
      <h3>{many("console.bulk.left_out", leftOut.length)}</h3>
      <ul tabIndex={0} aria-label={many("console.bulk.left_out", leftOut.length)}>
        {leftOut.map((one) => {
          const item = items.find(({ comment }) => comment.id === one.id);
          return (
            <li key={one.id}>
              <bdi>{personName(item?.comment.author ?? null)}</bdi> <span class="quiet" dir="auto">{item?.comment.text ?? ""}</span>
              <strong>{whyText(one)}</strong>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function BulkDialog({ verdict, items, preview, fault, onAct, onClose }: BulkDialogProps): JSX.Element {
  const { decision, reason } = verdict;
  const count = preview?.count ?? items.length;
  const ready = preview !== null && preview.count > 0;
  return (
    <Dialog title={many(`console.bulk.title.${decision}`, count)} onClose={onClose}>
      {reason !== undefined && <p class="bulk-why">{t("console.bulk.reason", { reason: reasonName(reason) })}</p>}
      <div role="status" class="bulk-preview">
        {preview === null && fault === null && <p class="quiet">{t("console.bulk.looking")}</p>}
        {preview !== null && (ready ? <Touched preview={preview} /> : <p>{t("console.bulk.nothing")}</p>)}
      </div>
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      {preview !== null && <Without leftOut={preview.left_out} items={items} />}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>{t("console.cancel")}</button>
        {/* It has the focus before the numbers are there, so it cannot be disabled: it does nothing yet. */}
        <button type="button" autofocus class={`button ${decision === "reject" ? "danger" : "primary"}`} aria-disabled={!ready} onClick={() => ready && onAct()}>
          {many(`console.bulk.act.${decision}`, count)}
        </button>
      </div>
    </Dialog>
  );
}

/** The steps to a decision about many: why, where it is a rejection; then what it touches. */
export function BulkDialogs({ bulk, reasons }: { bulk: Bulk; reasons: string[] }): JSX.Element | null {
  const { prepared } = bulk;
  if (prepared === null) return null;
  const { items, verdict, preview, fault } = prepared;
  if (verdict !== null) {
    return <BulkDialog verdict={verdict} items={items} preview={preview} fault={fault} onAct={() => void bulk.act()} onClose={bulk.close} />;
  }
  const ids = items.map(({ comment }) => comment.id);
  return <RejectDialog reasons={reasons} onReject={(reason, said) => bulk.look(ids, { decision: "reject", reason, ...said })} onClose={bulk.close} />;
}
