// A list that the server gives page by page: the first when what is asked for changes, the next when somebody wants
// more. What was shown stays until the new first page is there, so nothing flickers.
import { useEffect, useRef, useState } from "preact/hooks";
import { failureText } from "./words";

export interface Pages<T> {
  /** null until the first page has come. */
  items: T[] | null;
  cursor: string | null;
  busy: boolean;
  fault: string | null;
  more: () => void;
  again: () => void;
  change: (update: (items: T[]) => T[]) => void;
}

export type Ask<T> = (cursor: string | null, signal: AbortSignal) => Promise<{ items: T[]; next_cursor: string | null }>;

/** `subject` names what is asked for: a change of it asks anew. */
export function usePages<T>(subject: string, ask: Ask<T>): Pages<T> {
  const [items, setItems] = useState<T[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const [fault, setFault] = useState<string | null>(null);
  const asking = useRef(new AbortController());

  const load = async (from: string | null): Promise<void> => {
    asking.current.abort();
    const mine = (asking.current = new AbortController());
    setBusy(true);
    setFault(null);
    try {
      const page = await ask(from, mine.signal);
      if (mine.signal.aborted) return;
      setItems((before) => (from === null ? page.items : [...(before ?? []), ...page.items]));
      setCursor(page.next_cursor);
    } catch (error) {
      if (!mine.signal.aborted) setFault(failureText(error));
    }
    if (!mine.signal.aborted) setBusy(false);
  };

  useEffect(() => {
    void load(null);
    return () => asking.current.abort();
  }, [subject]);

  return {
    items, cursor, busy, fault,
    more: () => void load(cursor),
    again: () => void load(null),
    change: (update) => setItems((before) => before && update(before)),
  };
}
