// One queue kept with the server: loads it, decides in it, looks again when others have been at work. The state and
// its changes are queue-state.ts; what is drawn from it is queue-page.tsx.
import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";
import { ApiError, itemOf } from "./api";
import type { Problem } from "../shared/types";
import { useDesk } from "./desk";
import { EMPTY, step } from "./queue-state";
import type { QueueState, Step } from "./queue-state";
import type { QueueName } from "./router";
import type { ModeratedComment, Verdict } from "./types";

const LIMIT = 50;
/** How long others' decisions are gathered before one look tells what they were, in milliseconds. */
const LOOK_AFTER = 1200;

export interface QueueInHand {
  state: QueueState;
  decide: (comment: ModeratedComment, verdict: Verdict) => Promise<Problem | null>;
  refresh: () => void;
  more: () => void;
  tell: (event: Step) => void;
}

export function useQueue(queue: QueueName): QueueInHand {
  const { api, site, counts, setCounts } = useDesk();
  const [state, tell] = useReducer(step, EMPTY);
  const present = useRef(state);
  present.current = state;
  const asking = useRef(false);

  const ask = useCallback(
    async (kind: "loaded" | "more" | "refreshed" | "checked", cursor: string | null): Promise<void> => {
      if (asking.current) return;
      asking.current = true;
      try {
        const page = await api.queue(site.key, queue, cursor, LIMIT);
        setCounts(site.key, page.counts);
        tell({ kind, page, queue });
      } catch (error) {
        if (error instanceof ApiError) tell({ kind: "unloadable", problem: error.problem });
        else throw error;
      } finally {
        asking.current = false;
      }
    },
    [api, site.key, queue, setCounts],
  );

  useEffect(() => void ask("loaded", null), [ask]);

  const count = counts?.[queue];
  useEffect(() => {
    const { phase, expected, leaving } = present.current;
    if (phase !== "ready" || count === undefined) return;
    const othersDecided = count < expected - Object.keys(leaving).length;
    tell({ kind: "counted", count });
    if (!othersDecided) return;
    const timer = setTimeout(() => void ask("checked", null), LOOK_AFTER);
    return () => clearTimeout(timer);
  }, [count, ask]);

  // A queue that was worked off while more came in: nothing is being read, so nothing is moved by filling it.
  const empty = state.phase === "ready" && state.entries.length === 0 && Object.keys(state.leaving).length === 0;
  useEffect(() => {
    if (empty && state.count > 0) void ask("refreshed", null);
  }, [empty, state.count > 0, ask]);

  const decide = async (comment: ModeratedComment, verdict: Verdict): Promise<Problem | null> => {
    const { id } = comment;
    tell({ kind: "decided", id, verdict });
    try {
      const answer = await api.decide(id, comment.version ?? 0, verdict);
      tell({ kind: "confirmed", id, count: answer.counts[queue] });
      setCounts(site.key, answer.counts);
      return null;
    } catch (error) {
      const problem = error instanceof ApiError ? error.problem : { status: 0, code: "unexpected" };
      tell({ kind: "refused", id, problem, item: itemOf(problem) });
      return problem;
    }
  };

  return {
    state,
    tell,
    decide,
    refresh: () => void ask(state.phase === "failed" ? "loaded" : "refreshed", null),
    more: () => void ask("more", present.current.cursor),
  };
}
