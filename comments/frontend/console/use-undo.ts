// The way back: what this moderator decided in the last ten seconds, last first. A toast offers it, and a key.
import { useRef } from "preact/hooks";
import { problemOf } from "./api";
import { useDesk } from "./desk";
import { useKeys } from "./keys";
import type { Item } from "./types";
import { problemText, t } from "./words";

/** As long as the toast counts down, in milliseconds; the server forgives a few seconds more. */
const OFFERED = 10_000;

interface Made {
  decision: string;
  until: number;
}

export function useUndo(onBack: (item: Item) => void): (decision: string, text: string) => void {
  const { api, say } = useDesk();
  const made = useRef<Made[]>([]);
  const undo = async (one: Made | undefined): Promise<void> => {
    if (one === undefined) return;
    made.current = made.current.filter((other) => other !== one);
    try {
      onBack(await api.undo(one.decision));
    } catch (error) {
      say({ tone: "bad", text: t("console.undo.failed", { why: problemText(problemOf(error)) }) });
    }
  };
  const last = (): void => {
    made.current = made.current.filter((one) => one.until > Date.now());
    void undo(made.current.at(-1));
  };
  useKeys({ u: last, z: last });
  return (decision, text) => {
    const one = { decision, until: Date.now() + OFFERED };
    made.current = [...made.current, one];
    say({ tone: "plain", text, until: one.until, act: { label: t("console.undo"), run: () => void undo(one) } });
  };
}
