// The bar that says what has arrived, and the thread that this viewer may not read.
import type { VNode } from "preact";
import { Gate } from "./gate";
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

export function Locked({ store }: { store: ThreadStore }): VNode {
  const { problem, words } = store;
  return (
    <>
      <header><h2 part="heading">{problem?.total ? words.n("thread.count", problem.total) : words.t("thread.title")}</h2></header>
      <Gate store={store} />
    </>
  );
}
