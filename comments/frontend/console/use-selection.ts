// The comments chosen in a list, told to screen readers as they change.
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import type { QueueState } from "./queue-state";
import { chosen, extended, MOST, NONE, toggled } from "./selection";
import type { Selection } from "./selection";
import { many } from "./words";

export interface ChosenRows {
  ids: string[];
  toggle: (id: string, range?: boolean) => void;
  choose: (selection: Selection) => void;
  clear: () => void;
}

/** Another `list` begins with nothing chosen. */
export function useSelection(state: QueueState, list: string): ChosenRows {
  const { say, murmur } = useDesk();
  const [selection, setSelection] = useState(NONE);
  useEffect(() => setSelection(NONE), [list]);

  const choose = (to: Selection): void => {
    const ids = chosen(to, state);
    if (ids.length > MOST) return say({ tone: "bad", text: many("console.bulk.most", MOST) });
    setSelection({ ...to, ids });
    murmur(many("console.bulk.chosen", ids.length));
  };
  return {
    ids: chosen(selection, state),
    toggle: (id, range = false) => choose(range ? extended(selection, id, state) : toggled(selection, id)),
    choose,
    clear: () => choose(NONE),
  };
}
