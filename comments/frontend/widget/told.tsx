// What limits a reader who writes. Part of the write chunk.
import type { VNode } from "preact";
import type { ThreadStore } from "./store";

/** What limits a reader who may write, in plain sentences: nothing of it is secret. */
export function Limits({ store }: { store: ThreadStore }): VNode | null {
  const { words, thread: { viewer } } = store;
  const limits = viewer?.can.write ? viewer.limits : undefined;
  if (!viewer || !limits) return null;
  const { state, state_until: ends } = viewer;
  const { premoderated, newcomer_left: left, newcomer_until: until, pace_seconds: pace } = limits;
  const said = premoderated
    ? [words.t("gate.premoderated"), ...(premoderated.reason ? [words.t("gate.because", { reason: premoderated.reason })] : [])]
    : [
      limits.site_premoderated && words.t("gate.site_premoderated"),
      left > 0 && words.n("gate.newcomer", left),
      until && words.t("gate.newcomer_until", { until: new Date(until).toLocaleString(words.language, { dateStyle: "long", timeStyle: "short" }) }),
    ].filter(Boolean);
  if (ends && /^(trial|grace)$/.test(state)) {
    said.push(words.t(`gate.${state}`, { until: new Date(ends).toLocaleDateString(words.language, { dateStyle: "long" }) }));
  }
  if (pace > 30) said.push(words.t("gate.pace", { n: words.number(pace) }));
  return said.length ? <p class="quiet limits">{said.join(" ")}</p> : null;
}
