// A member's standing: the word, the score, and every part of it in words. The same formula as in docs/moderating.md.
import type { JSX } from "preact";
import type { Brigading, Standing } from "./types";
import { many, number, t } from "./words";

const TONES = { new: "", good: "good", mixed: "warm", poor: "bad" } as const;

/** The word for a standing, with its score for those who point at it. */
export function StandingTag({ standing }: { standing: Standing }): JSX.Element {
  const score = t("console.standing.score", { score: number(standing.score) });
  return <span class={`tag ${TONES[standing.level]}`} title={score}>{t(`console.standing.${standing.level}`)}</span>;
}

const signed = (points: number): string => `${points > 0 ? "+" : points < 0 ? "−" : "±"}${number(Math.abs(points))}`;

/** Every part that counts something, with the points that it makes. */
export function StandingParts({ standing }: { standing: Standing }): JSX.Element {
  const parts = standing.parts.filter((part) => part.count > 0);
  return (
    <div class="standing">
      <p>
        <StandingTag standing={standing} /> {t("console.standing.score", { score: number(standing.score) })}
      </p>
      <ul class="standing-parts">
        <li><span>{t("console.standing.begin")}</span><b>50</b></li>
        {parts.map((part) => (
          <li key={part.name}>
            <span>{many(`console.standing.part.${part.name}`, part.count)}</span>
            <b class={part.points < 0 ? "minus" : ""}>{signed(part.points)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** How much a report counts, in words. */
export function weightName(weight: number): string {
  const level = weight >= 140 ? "high" : weight >= 80 ? "usual" : weight >= 50 ? "low" : "very_low";
  return t(`console.weight.${level}`);
}

/** That reports look arranged, and why. */
export function BrigadingBox({ brigading }: { brigading: Brigading | undefined }): JSX.Element | null {
  if (brigading === undefined || !brigading.suspected) return null;
  return (
    <div class="note brigading" role="note">
      <p><strong>{t("console.brigading")}</strong></p>
      <ul>{brigading.why.map((sign) => <li key={sign}>{t(`console.brigading.${sign}`)}</li>)}</ul>
    </div>
  );
}

