// write.js, all that writes: composer and editor, menu and forms, receipts and appeals, warnings. Loaded with the first
// click that needs it, or when something of one's own waits in the thread.
import { forgetOld } from "./drafts";
import { addLooks } from "./looks";
import type { ThreadStore } from "./store";
import css from "./write.css";

export { Composer, SentDraft } from "./composer";
export { Open } from "./open";
export { close, reopen, resume, sendAgain } from "./sending";

export function begin(store: ThreadStore): void {
  addLooks(store.mounting.root, css);
  forgetOld();
}
