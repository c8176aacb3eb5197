// A list that the server gives page by page: asked for when it is shown and whenever `path` changes, and on with a button.
import { useEffect, useRef, useState } from "preact/hooks";
import { useOwn } from "./own";

export interface Pages<Answer> {
  answers: Answer[];
  /** "asking" | "there" | "failed" */
  state: "asking" | "there" | "failed";
  more: () => void;
  change: (change: (answer: Answer) => Answer) => void;
}

export function usePages<Answer extends { next_cursor: string | null }>(path: string): Pages<Answer> {
  const { api } = useOwn();
  const [answers, setAnswers] = useState<Answer[]>([]);
  const [state, setState] = useState<Pages<Answer>["state"]>("asking");
  const turn = useRef(0);

  const ask = (known: Answer[]): void => {
    const mine = ++turn.current;
    const cursor = known.at(-1)?.next_cursor;
    setState("asking");
    api.get<Answer>(path + (cursor ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : "")).then(
      (answer) => {
        if (mine !== turn.current) return;
        setAnswers([...known, answer]);
        setState("there");
      },
      () => mine === turn.current && setState("failed"),
    );
  };
  useEffect(() => {
    setAnswers([]);
    ask([]);
    return () => void (turn.current += 1);
  }, [path]);
  return { answers, state, more: () => ask(answers), change: (change) => setAnswers((all) => all.map(change)) };
}
