// What of a list the server still works on (imports, exports) is asked for again each second, until it is done.
import { useEffect } from "preact/hooks";
import type { Pages } from "./use-pages";

const PAUSE = 1_000;

interface Work {
  id: string;
  state: string;
}

/** Those that the server has not done with yet. `ask`: one of them as it is now; what cannot be asked stays as it was. */
export function useProgress<T extends Work>(pages: Pages<T>, ask: (id: string) => Promise<T>): T[] {
  const open = (pages.items ?? []).filter(({ state }) => state === "waiting" || state === "running");
  useEffect(() => {
    if (open.length === 0) return;
    const timer = setTimeout(() => {
      void Promise.all(open.map((one) => ask(one.id).catch(() => one))).then((found) =>
        pages.change((items) => items.map((item) => found.find((one) => one.id === item.id) ?? { ...item })));
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [pages.items]);
  return open;
}
