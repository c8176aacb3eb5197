// One queue kept with the server: loads it, decides in it, looks again when others have been at work. The state and
// its changes are queue-state.ts; what is drawn from it is queue-page.tsx.
import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";
import { itemOf, problemOf } from "./api";
import type { Problem } from "../shared/types";
import { useDesk } from "./desk";
import { arrived, EMPTY, nextLapse, step } from "./queue-state";
import type { QueueState, Step } from "./queue-state";
import type { ClaimNews } from "./claims";
import type { QueueName } from "./router";
import { readSift, writeSift } from "./sift";
import type { Sift } from "./sift";
import type { ModeratedComment, Verdict } from "./types";

const LIMIT = 50;
/** How long others' decisions are gathered before one look tells what they were, in milliseconds. */
const LOOK_AFTER = 1200;

export interface QueueInHand {
  state: QueueState;
  /** The decision's id, or why it was refused. */
  decide: (comment: ModeratedComment, verdict: Verdict) => Promise<Problem | string>;
  refresh: () => void;
  more: () => void;
  tell: (event: Step) => void;
}

export function useQueue(queue: QueueName, sift: Sift): QueueInHand {
  const { api, site, session, claims, counts, outbox, setCounts } = useDesk();
  const [state, tell] = useReducer(step, { ...EMPTY, me: session.user.id });
  const present = useRef(state);
  present.current = state;
  const turn = useRef<Promise<void>>(Promise.resolve());
  const wanted = useRef<string | null>(null);
  const sifted = writeSift(sift);

  const ask = useCallback(
    (kind: "loaded" | "more" | "refreshed" | "checked", cursor: string | null): void => {
      const look = async (): Promise<void> => {
        try {
          const page = await api.queue(site.key, queue, cursor, LIMIT, readSift(sifted));
          // What is decided here and not yet written still stands in the server's queue.
          const items = page.items.filter(({ comment }) => !outbox.holds(comment.id));
          tell({ kind, page: { ...page, items }, queue });
          setCounts(site.key, page.counts);
        } catch (error) {
          tell({ kind: "unloadable", problem: problemOf(error) });
        }
        wanted.current = null;
      };
      // One look after the other: each is put together with what the one before has left.
      turn.current = turn.current.then(look);
    },
    [api, outbox, site.key, queue, sifted, setCounts],
  );

  useEffect(() => {
    wanted.current = null;
    ask("loaded", null);
  }, [ask]);

  const hear = (news: ClaimNews): void => (news === "missed" ? ask("checked", null) : tell({ kind: "claims", claims: news }));
  useEffect(() => claims.hear(hear), [claims, ask]);

  const lapse = nextLapse(state);
  useEffect(() => {
    if (lapse === Infinity) return;
    const timer = setTimeout(() => tell({ kind: "lapsed", now: lapse }), lapse - Date.now());
    return () => clearTimeout(timer);
  }, [lapse]);

  const count = counts?.[queue];
  useEffect(() => {
    if (present.current.phase === "ready" && count !== undefined) tell({ kind: "counted", count });
  }, [count]);

  useEffect(() => {
    if (!state.stale) return;
    const timer = setTimeout(() => ask("checked", null), LOOK_AFTER);
    return () => clearTimeout(timer);
  }, [state.stale, count, ask]);

  // A queue that was worked off while more came in: nothing is being read, so nothing is moved by filling it.
  const fresh = arrived(state) > 0;
  const empty = state.phase === "ready" && sifted === "" && state.entries.length === 0 && Object.keys(state.leaving).length === 0;
  useEffect(() => {
    if (empty && fresh) ask("refreshed", null);
  }, [empty, fresh, ask]);

  const decide = async (comment: ModeratedComment, verdict: Verdict): Promise<Problem | string> => {
    const { id } = comment;
    tell({ kind: "decided", id, verdict });
    try {
      const answer = await outbox.post(id, comment.version ?? 0, verdict);
      tell({ kind: "confirmed", id, count: answer.counts[queue] });
      setCounts(site.key, answer.counts);
      return answer.decision_id;
    } catch (error) {
      const problem = problemOf(error);
      tell({ kind: "refused", id, problem, item: itemOf(problem) });
      return problem;
    }
  };

  const more = (): void => {
    const { cursor } = present.current;
    if (cursor === null || cursor === wanted.current) return;
    wanted.current = cursor;
    ask("more", cursor);
  };

  return {
    state,
    tell,
    decide,
    refresh: () => ask(state.phase === "failed" ? "loaded" : "refreshed", null),
    more,
  };
}
