// The comments around the one in view: its ancestors above, its replies below, as readers have them.
import type { JSX } from "preact";
import { Body } from "../shared/body";
import { Link } from "./link";
import { Time } from "./time";
import type { Comment } from "./types";
import { personName, statusName, t } from "./words";

/** One neighbouring comment, smaller than the one to be decided on. */
export function Neighbour({ comment, site, indent = 0 }: { comment: Comment; site: string; indent?: number }): JSX.Element {
  return (
    <article class={`neighbour indent-${Math.min(indent, 4)}`}>
      <header>
        <bdi class="neighbour-name">{personName(comment.author)}</bdi>
        {comment.status !== "published" && <span class="tag">{statusName(comment.status)}</span>}
        <Link class="quiet" route={{ page: "comment", site, id: comment.id }}>
          <Time at={comment.created_at} />
        </Link>
      </header>
      {comment.body === null ? <p class="quiet">{t("console.thread.stub")}</p> : <div class="body"><Body tree={comment.body} /></div>}
    </article>
  );
}

/** Split a context's thread around the comment: what it answers, and what answers it. */
export function around(thread: Comment[], id: string): { above: Comment[]; below: Comment[] } {
  const at = thread.findIndex((comment) => comment.id === id);
  return at < 0 ? { above: thread, below: [] } : { above: thread.slice(0, at), below: thread.slice(at + 1) };
}
