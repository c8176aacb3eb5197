// Who wrote it: standing, figures over the whole site, since when, and what restricts them now.
import type { ComponentChildren, JSX } from "preact";
import { useDesk } from "./desk";
import { Link } from "./link";
import { PersonActions } from "./person-actions";
import { StandingTag } from "./standing";
import { Time } from "./time";
import type { Author } from "./types";
import { exactText, many, number, personName, stateName, t } from "./words";

function Figure({ label, value, tone = "" }: { label: string; value: number; tone?: string }): JSX.Element {
  return (
    <div class={value > 0 ? tone : ""}>
      <dt>{label}</dt>
      <dd>{number(value)}</dd>
    </div>
  );
}

export function Figures({ author }: { author: Author }): JSX.Element {
  return (
    <dl class="figures">
      <Figure label={t("console.author.published")} value={author.published} />
      <Figure label={t("console.author.rejected")} value={author.rejected} tone="bad" />
      <Figure label={t("console.author.waiting")} value={author.waiting} />
      <Figure label={t("console.author.withdrawn")} value={author.withdrawn} />
    </dl>
  );
}

/** What restricts them: banned or suspended (with `children`, the way back), and pre-moderated. */
export function Restrictions({ author, children }: { author: Author; children?: ComponentChildren }): JSX.Element | null {
  const suspended = author.banned ? null : author.suspended_until;
  return (
    <>
      {(author.banned || suspended !== null) && (
        <div class="restriction">
          <p>
            <strong>{suspended !== null ? t("console.author.suspended", { until: exactText(suspended) }) : t("console.author.banned")}</strong>
            {author.restriction_reason !== null && <span dir="auto"> {author.restriction_reason}</span>}
          </p>
          {children}
        </div>
      )}
      {author.premoderated && (
        <div class="restriction">
          <p>
            <strong>{t("console.author.premoderated")}</strong>
            {author.premoderated_reason !== null && <span dir="auto"> {author.premoderated_reason}</span>}
          </p>
        </div>
      )}
    </>
  );
}

interface CardProps {
  author: Author | null;
  /** The comment in view: what a warning is about. */
  comment: string;
  onLift: () => void;
  onAuthor: (author: Author) => void;
}

export function AuthorCard({ author, comment, onLift, onAuthor }: CardProps): JSX.Element {
  const { site } = useDesk();
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
        <Link route={{ page: "member", site: site.key, id: author.id }}><bdi>{personName(author)}</bdi></Link>
        <span class="tag">{stateName(author.state)}</span>
        <StandingTag standing={author.standing} />
      </p>
      <Restrictions author={author}>
        <button type="button" class="button small" onClick={onLift}>{t("console.author.lift")}</button>
      </Restrictions>
      {author.warnings > 0 && <p class="quiet">{many("console.author.warnings", author.warnings)}</p>}
      <Figures author={author} />
      <p class="quiet">
        {t("console.author.since")} <Time at={author.first_seen} day />
      </p>
      <PersonActions author={author} comment={comment} onAuthor={onAuthor} />
    </section>
  );
}
