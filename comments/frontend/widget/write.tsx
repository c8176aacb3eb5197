// write.js: everything for those who write, report or mute; loaded when it is first needed.
import english from "words:write";
import { addLooks } from "./looks";
import type { ThreadStore } from "./store";
import css from "./write.css";

export { Composer, SentDraft, Waiting } from "./composer";
export { Open } from "./open";
export { sendAgain } from "./sending";

/** Brings this chunk's words and looks to a thread. */
export function prepare(store: ThreadStore): void {
  store.words.add(english);
  addLooks(store.mounting.root, css);
}
