// What stands between the heading and the thread: what is new since the last visit, the tabs, when it opens or closes.
// Part of the beside chunk; until then their place is kept free.
import type { VNode } from "preact";
import { directionOf } from "../shared/i18n";
import type { ThreadStore } from "./store";
import { nextNew } from "./next_new";

interface Props {
  store: ThreadStore;
}

export const Since = ({ store, store: { words, fresh } }: Props): VNode => (
  <>
    {fresh.size ? words.n("live.since", fresh.size) : words.t("live.since")}{" "}
    {fresh.size > 0 && <button class="link" part="next-new" aria-keyshortcuts="n" onClick={() => void nextNew(store)}>{words.t("live.next")}</button>}
  </>
);

/** The way on, beside the bar of arrivals, once somebody goes from new to new. */
export const Steps = ({ store, store: { words, fresh, stepped } }: Props): VNode | null => (stepped.size > 0 && stepped.size < fresh.size ? (
  <button class="button step" onClick={() => void nextNew(store)}>{words.t("live.next")} {words.number(stepped.size)}/{words.number(fresh.size)}</button>
) : null);

/** One tab stop; the arrows lead from tab to tab. */
export function Tabs({ store }: Props): VNode {
  const { words, thread: { tabs }, tab } = store;
  const names = ["", ...(["picks", "answers"] as const).filter((name) => tabs?.[name])];
  const choose = (name: string | undefined): void => {
    store.tell({ tab: name ?? "" });
    store.mounting.root.getElementById(`tab-${name}`)?.focus();
  };
  const press = ({ key }: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (by) choose(names.at((names.indexOf(tab) + (directionOf(words.language) === "rtl" ? -by : by)) % names.length));
  };
  return (
    <div role="tablist" aria-label={words.t("thread.title")} onKeyDown={press}>
      {names.map((name) => (
        <button role="tab" key={name} id={`tab-${name}`} part="tab" aria-selected={name === tab} tabIndex={name === tab ? 0 : -1} onClick={() => choose(name)}>
          {words.t(`live.tab.${name}`)} {name && <span class="quiet">{words.number(tabs?.[name as "picks"] ?? 0)}</span>}
        </button>
      ))}
    </div>
  );
}

/** "tomorrow, 18:00", else the whole date. */
function momentOf(then: number, now: number, language: string): string {
  const days = Math.round((new Date(then).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / 86_400_000);
  const isSoon = days < 2;
  const time = new Date(then).toLocaleString(language, { timeStyle: "short", ...(!isSoon && { dateStyle: "long" }) });
  return isSoon ? `${new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day")}, ${time}` : time;
}

/** When the thread opens or closes by itself: "Closes tomorrow, 18:00". */
export function Hours({ store: { words, now, thread: { article: { opens_at = "", closes_at = "", mode } } } }: Props): VNode | null {
  const [key, at] = mode === "closed" ? ["opens", opens_at] : ["closes", closes_at];
  const then = Date.parse(at ?? "");
  return then > now ? <>{words.t(`live.${key}`, { when: momentOf(then, now, words.language) })}</> : null;
}
