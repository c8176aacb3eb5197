// widget.js: everything needed to read a thread. Loaded by embed.js when the reader comes near; everything beyond
// the first page comes later, as a chunk of its own that takes from this one (kit.ts).
import { render } from "preact";
import { directionOf } from "../shared/i18n";
import type { Mounted, Mounting } from "../shared/mounting";
import { App } from "./app";
import { addLooks } from "./looks";
import { ThreadStore } from "./store";
import { paint } from "./theme";
import css from "./style.css";

export * from "./kit";

export function mount(mounting: Mounting): Mounted {
  const { element, root } = mounting;
  root.adoptedStyleSheets = [];
  addLooks(root, css);
  const store = new ThreadStore(mounting);
  const place = document.createElement("div");
  place.className = "thread";
  place.part.add("thread");
  place.lang = mounting.language;
  place.dir = directionOf(mounting.language);
  root.replaceChildren(place);
  paint(element, place);
  render(<App store={store} />, place);
  store.start().catch(() => {}); // without its later chunk the thread can still be read
  return {
    renew: () => store.act((later) => later.renew(store)),
    open: (comment) => store.act((later) => later.open(store, comment)),
    unmount: () => {
      for (const end of store.ends) end();
      store.draw = () => {};
      store.over = true;
      render(null, place);
      root.replaceChildren();
    },
  };
}
