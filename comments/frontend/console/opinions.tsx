// What classifiers said about a comment: each score as a bar with its threshold, by which model, what came of it, or
// why nobody knows. Draws only.
import type { JSX } from "preact";
import { Time } from "./time";
import type { OpinionEntry } from "./types";
import { many, opinionOutcome, score, t } from "./words";

/** Labels with a threshold first, then by score; the others as long as they say anything. */
export function shownScores(scores: Record<string, number>, thresholds: Record<string, number>): string[] {
  const labels = Object.keys(scores).filter((label) => label in thresholds || (scores[label] ?? 0) >= 0.05);
  const watched = (label: string): number => (label in thresholds ? 1 : 0);
  return labels.sort((a, b) => watched(b) - watched(a) || (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, 8);
}

export function Scores({ scores, thresholds }: { scores: Record<string, number>; thresholds: Record<string, number> }): JSX.Element {
  return (
    <dl class="scores">
      {shownScores(scores, thresholds).map((label) => {
        const value = scores[label] ?? 0;
        const threshold = thresholds[label];
        const over = threshold !== undefined && value >= threshold;
        return (
          <div key={label} class={over ? "over" : ""}>
            <dt>{label}</dt>
            <dd>
              <svg class="score-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect class="score-ground" width="100" height="6" />
                <rect class="score-fill" width={value * 100} height="6" />
                {threshold !== undefined && <rect class="score-threshold" x={Math.min(99, threshold * 100)} width="1" height="6" />}
              </svg>
              <span class="score-value">{score(value)}</span>
              <small class="quiet">{threshold === undefined ? "" : t("console.opinions.from", { threshold: score(threshold) })}</small>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Opinion({ one }: { one: OpinionEntry }): JSX.Element {
  const model = [one.model === one.classifier ? null : one.model, one.model_version === one.model ? null : one.model_version];
  return (
    <li class={`opinion opinion-${one.outcome}`}>
      <p class="opinion-head">
        <strong>{one.classifier}</strong>
        <span class="quiet">{model.filter(Boolean).join(" ")}</span>
        <span class={`tag${one.outcome === "hold" ? " bad" : one.outcome === "none" ? "" : " warm"}`}>{opinionOutcome(one.outcome)}</span>
      </p>
      {one.error === null ? <Scores scores={one.scores} thresholds={one.thresholds} /> : <p class="opinion-error">{one.error}</p>}
      <p class="quiet opinion-foot">
        <Time at={one.at} /> · {t("console.opinions.version", { version: String(one.version) })}
        {one.took_ms !== null && <> · {many("console.opinions.took", one.took_ms)}</>}
      </p>
    </li>
  );
}

export function Opinions({ opinions }: { opinions: OpinionEntry[] }): JSX.Element | null {
  if (opinions.length === 0) return null;
  return (
    <section class="part">
      <h2>{t("console.opinions")}</h2>
      <ul class="opinions">{opinions.map((one, index) => <Opinion key={index} one={one} />)}</ul>
    </section>
  );
}
