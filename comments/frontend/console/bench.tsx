// The workbench: one comment with all that is known of it, what may be decided about it, and the keys for that.
// Used by the queues and by the page of a single comment, which say what a decision does to them.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { BanDialog } from "./ban-dialog";
import { DecisionBar } from "./decision-bar";
import { useDesk } from "./desk";
import { Detail } from "./detail";
import { useCommands, useKeys } from "./keys";
import { Marks } from "./marks";
import type { Fault } from "./queue-state";
import { RejectDialog } from "./reject-dialog";
import type { Author, Ban, Context, Item, Mode, Verdict } from "./types";
import { useClaim } from "./use-claim";
import { useContextOf } from "./use-context-of";
import { failureText, personName, t } from "./words";

export interface Steps {
  previous: (() => void) | null;
  next: (() => void) | null;
  position: string;
}

interface BenchProps {
  item: Item;
  /** What is already known of the surroundings; otherwise they are asked for when opened. */
  known?: Context;
  fault: Fault | null;
  settled?: boolean;
  steps?: Steps;
  lead?: ComponentChildren;
  onVerdict: (verdict: Verdict) => void;
  /** `swept`: the author's waiting comments were rejected too. */
  onAuthor: (author: Author, swept: boolean) => void;
  onArticle: (article: Item["article"]) => void;
  onItem: (item: Item) => void;
  onGone: () => void;
  /** What the keys of a decision mean while several comments are chosen. */
  many?: { approve: () => void; reject: () => void } | undefined;
  /** Its appeal was answered: as it stands now. */
  onAnswered: (item: Item) => void;
}

/** Close or open the article at once on the screen; take it back if the server refuses. */
function useMode(item: Item, onArticle: BenchProps["onArticle"]): (mode: Mode) => Promise<void> {
  const { api, site, say } = useDesk();
  return async (mode) => {
    const { article } = item;
    onArticle({ ...article, mode });
    try {
      onArticle({ ...article, ...(await api.setMode(site.key, article.id, mode)) });
    } catch (error) {
      onArticle(article);
      say({ tone: "bad", text: failureText(error) });
    }
  };
}

export function Bench(props: BenchProps): JSX.Element {
  const { item, fault, steps, onAuthor, onArticle } = props;
  const { api, reasons, say } = useDesk();
  const { comment, author } = item;
  const [dialog, setDialog] = useState<"reject" | "ban" | null>(null);
  const page = useRef<HTMLElement>(null);
  const surroundings = useContextOf(comment.id, props.known);
  const setMode = useMode(item, onArticle);

  // At once: what a key opens for the new comment must not be closed by what was still to be done for it.
  useLayoutEffect(() => {
    setDialog(null);
    // Reading goes on here after a decision or a step; somebody who walks the list with Tab stays in the list.
    const at = document.activeElement;
    if (at === null || at === document.body || at.closest(".bench") !== null) page.current?.focus({ preventScroll: true });
  }, [comment.id]);

  const decidable = comment.status !== "withdrawn" && comment.status !== "erased";
  const claim = useClaim(item, decidable);
  const onVerdict = (verdict: Verdict): void => {
    claim.decided();
    props.onVerdict(verdict);
  };
  const approve = (): void => {
    if (decidable) onVerdict({ decision: "approve" });
  };
  const reject = (reason: string, said: { message?: string; note?: string }): void => {
    setDialog(null);
    onVerdict({ decision: "reject", reason, ...said });
  };
  const ban = async (terms: Ban): Promise<void> => {
    if (author === null) return;
    onAuthor(await api.ban(author.id, terms), terms.reject_waiting);
    say({ tone: "plain", text: t("console.ban.done", { name: personName(author) }) });
  };
  const lift = async (): Promise<void> => {
    if (author === null) return;
    try {
      onAuthor(await api.unban(author.id), false);
      say({ tone: "plain", text: t("console.author.lifted", { name: personName(author) }) });
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  const askWhy = (): void => {
    if (decidable) setDialog("reject");
  };
  const askBan = (): void => {
    if (author !== null) setDialog("ban");
  };

  useCommands({ approve: props.many?.approve ?? approve, reject: props.many?.reject ?? askWhy, ban: askBan, thread: surroundings.toggle });
  useKeys({ Enter: surroundings.toggle });

  return (
    <section class="bench" ref={page} tabIndex={-1} aria-label={t("console.bench", { name: personName(comment.author) })}>
      <DecisionBar
        decidable={decidable}
        bannable={author !== null}
        lead={props.lead}
        steps={steps}
        onApprove={approve}
        onReject={askWhy}
        onBan={askBan}
      />
      <Marks item={item} decidable={decidable} onItem={props.onItem} onGone={props.onGone} />
      <div class="bench-scroll" key={comment.id}>
        <Detail
          item={item}
          fault={fault}
          settled={props.settled ?? false}
          surroundings={surroundings}
          claim={claim}
          onRetry={onVerdict}
          onMode={(mode) => void setMode(mode)}
          onLift={() => void lift()}
          onAnswered={props.onAnswered}
          onAuthor={(author) => onAuthor(author, false)}
        />
      </div>
      {dialog === "reject" && <RejectDialog reasons={reasons} onReject={reject} onClose={() => setDialog(null)} />}
      {dialog === "ban" && author !== null && <BanDialog author={author} onBan={ban} onClose={() => setDialog(null)} />}
    </section>
  );
}
