// Who wrote it: figures over the whole site, since when, and what restricts them now.
import type { ComponentChildren, JSX } from "preact";
import { Time } from "./time";
import type { Author } from "./types";
import { exactText, number, personName, stateName, t } from "./words";

function Figure({ label, value, tone = "" }: { label: string; value: number; tone?: string }): JSX.Element {
  return (
    <div class={value > 0 ? tone : ""}>
      <dt>{label}</dt>
      <dd>{number(value)}</dd>
    </div>
  );
}

function Restriction({ author, children }: { author: Author; children: ComponentChildren }): JSX.Element | null {
  const suspended = author.suspended_until;
  if (!author.banned && suspended === null) return null;
  return (
    <div class="restriction">
      <p>
        <strong>{suspended !== null ? t("console.author.suspended", { until: exactText(suspended) }) : t("console.author.banned")}</strong>
        {author.restriction_reason !== null && <span dir="auto"> {author.restriction_reason}</span>}
      </p>
      {children}
    </div>
  );
}

interface CardProps {
  author: Author | null;
  onLift: () => void;
}

export function AuthorCard({ author, onLift }: CardProps): JSX.Element {
  if (author === null) {
    return (
      <section class="part">
        <h2>{t("console.author")}</h2>
        <p class="quiet">{t("console.author.gone")}</p>
      </section>
    );
  }
  return (
    <section class="part">
      <h2>{t("console.author")}</h2>
      <p class="author-name">
        <bdi>{personName(author)}</bdi>
        <span class="tag">{stateName(author.state)}</span>
      </p>
      <Restriction author={author}>
        <button type="button" class="button small" onClick={onLift}>{t("console.author.lift")}</button>
      </Restriction>
      <dl class="figures">
        <Figure label={t("console.author.published")} value={author.published} />
        <Figure label={t("console.author.rejected")} value={author.rejected} tone="bad" />
        <Figure label={t("console.author.waiting")} value={author.waiting} />
        <Figure label={t("console.author.withdrawn")} value={author.withdrawn} />
      </dl>
      <p class="quiet">
        {t("console.author.since")} <Time at={author.first_seen} day />
      </p>
    </section>
  );
}
