// A trial of changed rules: asked for, then asked after in growing pauses until the worker has done it.
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import type { Rules, TrialResult } from "./rules-types";
import { failureText, t } from "./words";

const FIRST_PAUSE = 150;
const LONGEST_PAUSE = 2_000;
const PATIENCE = 90_000;

export type TrialState =
  | { at: "none" }
  | { at: "busy"; of: string }
  | { at: "done"; of: string; result: TrialResult }
  | { at: "failed"; of: string; why: string };

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** `of`: what was tried, as text: another draft by now is to be tried anew. */
export function useTrial(): { trial: TrialState; run: (of: string, rules: Rules, article: string | null, most: number) => void; forget: () => void } {
  const { api, site } = useDesk();
  const [trial, setTrial] = useState<TrialState>({ at: "none" });
  const turn = useRef(0);
  useEffect(() => () => void (turn.current += 1), []);

  const forget = (): void => {
    turn.current += 1;
    setTrial({ at: "none" });
  };

  const run = async (of: string, rules: Rules, article: string | null, most: number): Promise<void> => {
    turn.current += 1;
    const mine = turn.current;
    const put = (state: TrialState): void => {
      if (turn.current === mine) setTrial(state);
    };
    put({ at: "busy", of });
    try {
      let asked = await api.tryRules(site.key, rules, article, most);
      const began = Date.now();
      for (let wait = FIRST_PAUSE; asked.finished_at === null; wait = Math.min(wait * 1.5, LONGEST_PAUSE)) {
        if (turn.current !== mine) return;
        if (Date.now() - began > PATIENCE) return put({ at: "failed", of, why: t("console.rules.trial.nobody") });
        await pause(wait);
        asked = await api.trial(site.key, asked.id);
      }
      put(asked.result === null ? { at: "failed", of, why: asked.error ?? "" } : { at: "done", of, result: asked.result });
    } catch (error) {
      put({ at: "failed", of, why: failureText(error) });
    }
  };

  return { trial, run: (...args) => void run(...args), forget };
}
