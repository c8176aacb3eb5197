// The bar that says what has arrived. It stands over the thread, so that nothing moves under somebody who is reading.
import type { VNode } from "preact";
import { reveal } from "./later";
import type { ThreadStore } from "./store";

export function Arrivals({ store }: { store: ThreadStore }): VNode {
  const { thread, view: { arrivals }, words, beside } = store;
  const take = (): void => {
    const ids = [...thread.parked];
    store.apply({ type: "take" });
    const first = store.thread.order.find((id) => ids.includes(id)) ?? ids[0];
    if (first) void reveal(store, first);
  };
  return (
    <>
    <p class="arrivals" aria-live="polite">
      {arrivals > 0 && <button class="button loud" part="arrivals" onClick={take}>{words.n("live.new", arrivals)}</button>}
      {beside && <beside.Steps store={store} />}
    </p>
    {beside && <beside.Peek store={store} />}
    </>
  );
}
