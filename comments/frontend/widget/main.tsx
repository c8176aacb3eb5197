// widget.js: everything needed to read a thread. Loaded by embed.js when the reader comes near.
import { render } from "preact";
export * from "./kit";
export function mount(root: ShadowRoot): void {
  render(<p>…</p>, root);
}
