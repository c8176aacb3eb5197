// The figures of the range at hand, asked for again each minute while somebody looks: that is how often they change.
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { queryOf, searchOf } from "./figures-range";
import type { Gates } from "./figures-gates";
import type { FiguresRange } from "./figures-range";
import type { Figures } from "./types";
import { failureText } from "./words";

const EVERY = 60_000;

interface FiguresInHand {
  /** null until they have come. */
  figures: Figures | null;
  gates: Gates | null;
  fault: string | null;
  busy: boolean;
  again: () => void;
  /** The address of a table as CSV. */
  csv: (table: string) => string;
}

export function useFigures(range: FiguresRange): FiguresInHand {
  const { api, site } = useDesk();
  const [figures, setFigures] = useState<Figures | null>(null);
  const [gates, setGates] = useState<Gates | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const asking = useRef(new AbortController());
  const query = queryOf(range, new Date().toISOString().slice(0, 10));

  const ask = async (): Promise<void> => {
    asking.current.abort();
    const mine = (asking.current = new AbortController());
    setBusy(true);
    try {
      const [found, through] = await Promise.all([api.figures(site.key, query, mine.signal), api.gates(site.key, query, mine.signal)]);
      if (mine.signal.aborted) return;
      setFigures(found);
      setGates(through);
      setFault(null);
    } catch (error) {
      if (mine.signal.aborted) return;
      setFault(failureText(error));
    }
    setBusy(false);
  };

  useEffect(() => {
    void ask();
    const timer = setInterval(() => document.hidden || void ask(), EVERY);
    return () => {
      clearInterval(timer);
      asking.current.abort();
    };
  }, [site.key, searchOf(range)]);

  return { figures, gates, fault, busy, again: () => void ask(), csv: (table) => api.figuresTable(site.key, query, table) };
}
