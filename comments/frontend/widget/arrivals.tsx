// The bar that says what has arrived. It stands over the thread, so that nothing moves under somebody who is reading.
import type { VNode } from "preact";
import type { ThreadStore } from "./store";

export function Arrivals({ store }: { store: ThreadStore }): VNode {
  const { thread, view: { arrivals }, words } = store;
  const take = (): void => {
    const ids = [...thread.parked];
    store.apply({ type: "take" });
    const first = store.thread.order.find((id) => ids.includes(id)) ?? ids[0];
    requestAnimationFrame(() => store.reveal(first));
  };
  return (
    <p class="arrivals" aria-live="polite">
      {arrivals > 0 && <button type="button" class="button loud" part="arrivals" onClick={take}>{words.n("live.new", arrivals)}</button>}
    </p>
  );
}
