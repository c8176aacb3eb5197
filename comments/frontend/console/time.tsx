// A point in time: as it is said now, the exact time on pointing at it. All of them move on together once a minute.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { dayText, exactText, shortSince, sinceText } from "./words";

const listeners = new Set<(now: number) => void>();
let clock: ReturnType<typeof setInterval> | undefined;

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    listeners.add(setNow);
    clock ??= setInterval(() => listeners.forEach((tell) => tell(Date.now())), 60_000);
    return () => {
      listeners.delete(setNow);
      if (listeners.size > 0) return;
      clearInterval(clock);
      clock = undefined;
    };
  }, []);
  return now;
}

interface TimeProps {
  at: string;
  /** As little room as possible: "5m". */
  short?: boolean;
  /** The day only: "12 Nov 2026". */
  day?: boolean;
}

export function Time({ at, short, day }: TimeProps): JSX.Element {
  const now = useNow();
  const text = day ? dayText(at) : short ? shortSince(at, now) : sinceText(at, now);
  return <time dateTime={at} title={exactText(at)}>{text}</time>;
}
