// The way back: what this moderator decided in the last ten seconds, last first. A toast offers it, and a key.
import { useRef } from "preact/hooks";
import { problemOf } from "./api";
import { useDesk } from "./desk";
import { useCommands } from "./keys";
import { problemText, t } from "./words";

/** As long as the toast counts down, in milliseconds; the server forgives a few seconds more. */
const OFFERED = 10_000;

interface Made {
  takeBack: () => Promise<void>;
  until: number;
}

/** Offer a way back, with what was done. */
export type Offer = (takeBack: () => Promise<void>, text: string) => void;

export function useUndo(): Offer {
  const { say } = useDesk();
  const made = useRef<Made[]>([]);
  const undo = async (one: Made | undefined): Promise<void> => {
    if (one === undefined) return;
    made.current = made.current.filter((other) => other !== one);
    try {
      await one.takeBack();
    } catch (error) {
      say({ tone: "bad", text: t("console.undo.failed", { why: problemText(problemOf(error)) }) });
    }
  };
  const last = (): void => {
    made.current = made.current.filter((one) => one.until > Date.now());
    void undo(made.current.at(-1));
  };
  useCommands({ undo: last });
  return (takeBack, text) => {
    const one = { takeBack, until: Date.now() + OFFERED };
    made.current = [...made.current, one];
    say({ tone: "plain", text, until: one.until, act: { label: t("console.undo"), run: () => void undo(one) } });
  };
}
