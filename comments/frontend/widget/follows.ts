// What the viewer follows and whom they mute, told to the server and taken back when it fails; how much they have not seen.
// Part of the later chunk.
import { problemIn } from "../shared/api";
import type { Notifications } from "../shared/types";
import type { ThreadStore } from "./store";

const pathOf = (store: ThreadStore, id: string | null): string => `${id === null ? store.path : `/comments/${id}`}/follow`;

/** What was seen is told by following again: giving up waits for that, or it would come first. */
let seen: Promise<unknown> = Promise.resolve();

export async function follow(store: ThreadStore, id: string | null, on: boolean): Promise<void> {
  store.apply({ type: "follow", id, on });
  await seen;
  await store.call(pathOf(store, id), { method: on ? "PUT" : "DELETE" }).then(
    () => store.tell({ said: store.words.t(on ? "live.following" : "live.unfollowed") }),
    (error) => {
      store.apply({ type: "follow", id, on: !on });
      store.emit("error", { code: problemIn(error).code });
    },
  );
}

/** What is followed here has been seen up to now. Nothing is lost when the server does not hear of it. */
export function sawFollowed(store: ThreadStore): void {
  const { follows, known } = store.thread;
  const ids = [follows?.article ? null : undefined, ...follows?.comments.filter((id) => known.has(id)) ?? []];
  seen = Promise.all(ids.slice(0, 10).filter((id) => id !== undefined).map((id) => store.call(pathOf(store, id), { method: "PUT" }).catch(() => {})));
}

/** Something happened to the viewer on another article of the site. */
export const countUnread = (store: ThreadStore): Promise<void> =>
  store.call<Notifications>("/me/notifications?limit=1").then(({ unread }) => store.tell({ unread }), () => {});

export async function mute(store: ThreadStore, member: string, on: boolean): Promise<void> {
  store.apply({ type: "mute", member, on });
  await store.call(`/members/${member}/mute`, { method: on ? "PUT" : "DELETE" })
    .catch(() => store.apply({ type: "mute", member, on: !on }));
}
