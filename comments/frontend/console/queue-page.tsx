// A queue: the list, the comment in hand, and what happens to both when a decision is made. The address says which
// comment is in hand, so that a reload, another tab and signing in again come back to it.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Bench } from "./bench";
import { BulkBar } from "./bulk-bar";
import { BulkDialogs } from "./bulk-dialog";
import { BackToQueue } from "./decision-bar";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing, NothingFits, Quiet } from "./empty";
import { FilterBar } from "./filter-bar";
import { useCommands, useKeys } from "./keys";
import { LoneComment } from "./comment-page";
import { QueueList } from "./queue-list";
import { arrived, isFree, neighbours } from "./queue-state";
import type { Entry, QueueState } from "./queue-state";
import { navigate } from "./router";
import type { QueueName } from "./router";
import { all } from "./selection";
import { filtersOf, writeSift } from "./sift";
import type { Sift } from "./sift";
import type { Author, Verdict } from "./types";
import { useBulk } from "./use-bulk";
import { useQueue } from "./use-queue";
import { useSelection } from "./use-selection";
import { useUndo } from "./use-undo";
import { useWide } from "./use-wide";
import { many, number, personName, problemText, t } from "./words";

interface QueueProps {
  queue: QueueName;
  id: string | null;
  sift: Sift;
}

/** Where the address names no comment and there is room for one: the first that is free, until it is decided on. */
function useFirst(state: QueueState, wide: boolean): string | null {
  const chosen = useRef<string | null>(null);
  if (!wide) return null;
  const idOf = (entry: Entry | undefined): string | null => entry?.item.comment.id ?? null;
  // What is before somebody stays there, whatever colleagues do: the next key must not fall on another comment.
  const kept = state.entries.find((entry) => !entry.settled && idOf(entry) === chosen.current);
  chosen.current = idOf(kept ?? state.entries.find((entry) => isFree(state, entry)));
  return chosen.current;
}

export function QueuePage({ queue, id, sift }: QueueProps): JSX.Element {
  const { api, site, session, reasons, say, murmur } = useDesk();
  const { state, tell, decide, refresh, more } = useQueue(queue, sift);
  const wide = useWide();
  const first = useFirst(state, wide);
  const selected = id ?? first;
  const entry = state.entries.find((one) => one.item.comment.id === selected);
  const { previous, next } = neighbours(state, selected);

  const show = (to: string | null, how: "push" | "replace" = "replace"): void =>
    navigate({ page: "queue", site: site.key, queue, id: to, sift }, how);
  const choose = (to: string): void => show(to, wide || id !== null ? "replace" : "push");
  /** What stands there, for those who do not see the list move; `rest` is the list as it will be. */
  const naming = (to: string | null, rest: Entry[]): string => {
    const found = rest.findIndex((one) => one.item.comment.id === to);
    const there = rest[found];
    if (there === undefined) return "";
    const count = state.count - (state.entries.length - rest.length);
    return many("console.now", count, { name: personName(there.item.comment.author), at: found + 1 });
  };
  const walk = (to: string | null): void => {
    if (to === null) return;
    show(to);
    murmur(naming(to, state.entries));
  };
  const step = (to: string | null): (() => void) | null => (to === null ? null : () => walk(to));

  // The next rows are fetched while there are still some to decide on.
  const at = state.entries.findIndex((one) => one === entry);
  useEffect(() => {
    if (state.cursor !== null && at >= state.entries.length - 10) more();
  }, [at, state.cursor]);

  const offer = useUndo();
  const takeBack = (decision: string) => async (): Promise<void> => {
    const item = await api.undo(decision);
    tell({ kind: "back", item });
    show(item.comment.id);
    murmur(t("console.undone", { name: personName(item.comment.author) }));
  };

  const judge = async (verdict: Verdict): Promise<void> => {
    if (entry === undefined) return;
    const { comment } = entry.item;
    show(next ?? previous);
    murmur(`${t(`console.done.${verdict.decision}`, { name: personName(comment.author) })}. ${naming(next ?? previous, state.entries.filter((one) => one !== entry))}`);
    const problem = await decide(comment, verdict);
    if (typeof problem === "string") return offer(takeBack(problem), t(`console.done.${verdict.decision}`, { name: personName(comment.author) }));
    // The session has ended: whoever signs in again stands before the comment that is still undecided.
    if (problem.status === 401) return show(comment.id);
    const back = { label: t("console.show"), run: () => show(comment.id) };
    say({ tone: "bad", text: t(`console.failed.${verdict.decision}`, { name: personName(comment.author), why: problemText(problem) }), act: back });
  };

  const restricted = (author: Author, swept: boolean): void => {
    tell({ kind: "author", author });
    if (!swept) return;
    const rest = { ...state, entries: state.entries.filter(({ item }) => item.author?.id !== author.id || item === entry?.item) };
    if (entry?.item.comment.status === "waiting") {
      const go = neighbours(rest, selected);
      show(go.next ?? go.previous);
    }
    tell({ kind: "swept", author: author.id });
  };

  const choosing = (to: Sift): void => navigate({ page: "queue", site: site.key, queue, id: null, sift: to }, "replace");
  const head = <FilterBar queue={queue} sift={sift} onSift={choosing} />;
  const filtered = filtersOf(sift) > 0;

  const mayDecide = session.user.can.includes("decide");
  const chosen = useSelection(state, writeSift(sift));
  const bulk = useBulk({
    queue, state, tell, offer,
    onLeave: (ids) => {
      chosen.clear();
      // Who stands on one of them goes on with the next that stays.
      const stays = (one: Entry): boolean => one === entry || !ids.includes(one.item.comment.id);
      const go = neighbours({ ...state, entries: state.entries.filter(stays) }, selected);
      if (selected !== null && ids.includes(selected)) show(wide ? go.next ?? go.previous : null);
    },
    onShow: show,
  });
  const allChosen = all(state);
  const chosenKeys = chosen.ids.length === 0 ? undefined : {
    approve: () => bulk.look(chosen.ids, { decision: "approve" }),
    reject: () => bulk.askWhy(chosen.ids),
  };
  const bulkBar = mayDecide && (
    <BulkBar
      count={chosen.ids.length}
      full={chosen.ids.length >= allChosen.ids.length}
      onAll={() => chosen.choose(allChosen)}
      onClear={chosen.clear}
      onApprove={() => chosenKeys?.approve()}
      onReject={() => chosenKeys?.reject()}
    />
  );

  useCommands({
    next: () => walk(next),
    previous: () => walk(previous),
    arrivals: () => arrived(state) > 0 && refresh(),
    select: () => mayDecide && entry !== undefined && !entry.settled && chosen.toggle(entry.item.comment.id),
  });
  // The list that is not in view on a phone stays as it was chosen.
  useKeys({ Escape: () => (!wide && id !== null ? show(null) : chosen.ids.length > 0 && chosen.clear()) });

  useEffect(() => {
    document.title = `${state.count > 0 ? `(${state.count}) ` : ""}${t(`console.queue.${queue}`)} – ${site.name}`;
  }, [state.count, queue, site.name]);

  if (state.phase === "loading") {
    return (
      <div class="queue">
        <div class="list">{head}</div>
        <Loading />
      </div>
    );
  }
  if (state.phase === "failed" && state.problem !== null) return <Failed text={problemText(state.problem)} onRetry={refresh} />;
  const lead = <BackToQueue queue={queue} sift={sift} />;
  const quiet = filtered ? <NothingFits onClear={() => choosing(sift.order === undefined ? {} : { order: sift.order })} /> : <Quiet queue={queue} arrived={arrived(state)} onRefresh={refresh} />;
  if (state.entries.length === 0 && id === null) {
    return (
      <div class="queue worked-off">
        <div class="list">{head}</div>
        {state.cursor === null ? quiet : <Nothing title={t("console.filters.looking")} text={t("console.filters.looking_text")} />}
      </div>
    );
  }
  return (
    <div class={`queue${id === null ? "" : " open"}${chosen.ids.length > 0 ? " choosing" : ""}`}>
      <QueueList state={state} site={site.key} queue={queue} sift={sift} head={<>{head}{bulkBar}</>} choosing={mayDecide ? { ids: chosen.ids, onToggle: chosen.toggle } : null} selected={selected} onChoose={choose} onMore={more} onRefresh={refresh} />
      {entry !== undefined ? (
        <Bench
          item={entry.item}
          fault={entry.fault}
          settled={entry.settled}
          lead={lead}
          steps={{ previous: step(previous), next: step(next), position: filtered ? number(at + 1) : many("console.position", state.count, { at: at + 1 }) }}
          onVerdict={(verdict) => void judge(verdict)}
          onAuthor={restricted}
          onItem={(item) => tell({ kind: "item", item })}
          onGone={() => {
            show(next ?? previous);
            tell({ kind: "gone", id: entry.item.comment.id });
          }}
          onAnswered={() => {
            show(next ?? previous);
            refresh();
          }}
          onArticle={(article) => tell({ kind: "article", article })}
          many={chosenKeys}
        />
      ) : (
        selected !== null && <LoneComment key={selected} id={selected} lead={lead} />
      )}
      <BulkDialogs bulk={bulk} reasons={reasons} />
      {wide && selected === null && (
        state.entries.every((one) => one.settled)
          ? quiet
          : <Nothing title={t("console.claimed.all")} text={t("console.claimed.all_text")} />
      )}
    </div>
  );
}
