// An author as readers see them: name, badges, and a circle with the first letter, under the picture where there is one.
import type { VNode } from "preact";
import type { Words } from "../shared/i18n";
import type { Comment, Person } from "../shared/types";

/** An erased author has no name any more. */
export const nameOf = (comment: Comment, words: Words): string => comment.author?.name || words.t("comment.someone");

const hide = (event: Event): void => (event.currentTarget as HTMLElement).remove();

export function Avatar({ name, person }: { name: string; person: Pick<Person, "id" | "avatar"> | null }): VNode {
  const url = person?.avatar ?? "";
  return (
    <span class="avatar" aria-hidden="true" style={{ "--hue": String(Number(person?.id.slice(-6) ?? 0) * 137 % 360) }}>
      {[...name.trim()][0]?.toUpperCase()}
      {/^https?:/.test(url) && <img src={url} alt="" loading="lazy" referrerpolicy="no-referrer" onError={hide} />}
    </span>
  );
}

export const Badges = ({ person, words }: { person: Person | null; words: Words }): VNode => (
  <>{person?.badges.map((badge) => <span key={badge} class="badge" part="badge">{words.find(`comment.badge.${badge}`) ?? badge}</span>)}</>
);
