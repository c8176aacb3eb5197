// Many comments decided on at once: looked over first, then off the list in one step. What the server leaves out comes
// back to where it stood, with the reason.
import { useState } from "preact/hooks";
import { problemOf } from "./api";
import { useDesk } from "./desk";
import type { QueueState, Step } from "./queue-state";
import type { QueueName } from "./router";
import type { BulkPreview, Item, LeftOut, Verdict } from "./types";
import type { Offer } from "./use-undo";
import { many, problemText, t } from "./words";

/** What is being prepared; no verdict yet: the reason is asked for. */
export interface Prepared {
  items: Item[];
  verdict: Verdict | null;
  preview: BulkPreview | null;
  fault: string | null;
}

export interface Bulk {
  prepared: Prepared | null;
  /** Ask why these are to be rejected. */
  askWhy: (ids: string[]) => void;
  look: (ids: string[], verdict: Verdict) => void;
  act: () => Promise<void>;
  close: () => void;
}

interface Ways {
  queue: QueueName;
  state: QueueState;
  tell: (event: Step) => void;
  offer: Offer;
  /** These are about to leave the list. */
  onLeave: (ids: string[]) => void;
  onShow: (id: string) => void;
}

export function useBulk({ queue, state, tell, offer, onLeave, onShow }: Ways): Bulk {
  const { api, site, say, murmur, setCounts } = useDesk();
  const [prepared, setPrepared] = useState<Prepared | null>(null);
  const itemsOf = (ids: string[]): Item[] => state.entries.map((entry) => entry.item).filter((item) => ids.includes(item.comment.id));

  const look = (ids: string[], verdict: Verdict): void => {
    const asked: Prepared = { items: itemsOf(ids), verdict, preview: null, fault: null };
    setPrepared(asked);
    const found = (more: Partial<Prepared>): void => setPrepared((now) => (now === asked ? { ...asked, ...more } : now));
    api.bulkPreview(site.key, asked.items, verdict).then(
      (preview) => found({ preview }),
      (error: unknown) => found({ fault: problemText(problemOf(error)) }),
    );
  };

  /** It comes back with the reason; where it changed, as it is now. */
  const giveBack = async (one: LeftOut, item: Item | undefined): Promise<void> => {
    const changed = one.why === "changed_meanwhile" ? await api.comment(one.id).catch(() => null) : null;
    const now = changed ?? (item === undefined ? null : { ...item, claimed_by: one.claimed_by });
    const problem = { status: 409, code: one.why, claimed_by: one.claimed_by, ...(changed === null ? {} : { item: changed }) };
    tell({ kind: "refused", id: one.id, problem, item: now });
  };
  const tellLeftOut = (leftOut: LeftOut[]): void => {
    const [first] = leftOut;
    if (first === undefined) return;
    say({ tone: "bad", text: many("console.bulk.left_out_of_it", leftOut.length), act: { label: t("console.show"), run: () => onShow(first.id) } });
  };

  const undo = async (decisions: string[]): Promise<void> => {
    const answer = await api.undoBulk(site.key, decisions);
    answer.items.forEach((item) => tell({ kind: "back", item }));
    setCounts(site.key, answer.counts);
    if (answer.items.length > 0) murmur(many("console.bulk.undone", answer.items.length));
    if (answer.left_out.length > 0) say({ tone: "bad", text: many("console.bulk.not_undone", answer.left_out.length) });
  };

  const act = async (): Promise<void> => {
    if (prepared?.verdict == null || prepared.preview === null) return;
    const { items, verdict, preview } = prepared;
    const ids = items.map(({ comment }) => comment.id);
    const known = new Set(preview.left_out.map((one) => one.id));
    setPrepared(null);
    onLeave(ids);
    ids.forEach((id) => tell({ kind: "decided", id, verdict }));
    try {
      // Only what the preview counted: what it left out is not decided on behind one's back.
      const answer = await api.bulk(site.key, items.filter(({ comment }) => !known.has(comment.id)), verdict);
      const leftOut = [...preview.left_out, ...answer.left_out];
      await Promise.all(leftOut.map((one) => giveBack(one, items.find(({ comment }) => comment.id === one.id))));
      answer.decided.forEach(({ id }) => tell({ kind: "confirmed", id, count: answer.counts[queue] }));
      setCounts(site.key, answer.counts);
      if (answer.decided.length > 0) {
        const made = answer.decided.map((one) => one.decision_id);
        offer(() => undo(made), many(`console.bulk.done.${verdict.decision}`, made.length));
      }
      tellLeftOut(leftOut);
    } catch (error) {
      const problem = problemOf(error);
      ids.forEach((id) => tell({ kind: "refused", id, problem, item: null }));
      say({ tone: "bad", text: t("console.bulk.failed", { why: problemText(problem) }) });
    }
  };

  return {
    prepared,
    askWhy: (ids) => setPrepared({ items: itemsOf(ids), verdict: null, preview: null, fault: null }),
    look,
    act,
    close: () => setPrepared(null),
  };
}
