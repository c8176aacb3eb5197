// The line drawings of the widget, on a 16 × 16 grid, in the colour of the text around them.
import type { VNode } from "preact";

const DRAWN = {
  heart: "M8 13.4C4 10.6 2.2 8.7 2.2 6.2A3 3 0 0 1 8 4.5a3 3 0 0 1 5.8 1.7c0 2.5-1.8 4.4-5.8 7.2Z",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
};

export const Icon = ({ name, path }: { name: keyof typeof DRAWN; path?: never } | { name: string; path: string }): VNode => (
  <svg class={name} viewBox="0 0 16 16" aria-hidden="true"><path d={path ?? DRAWN[name]} /></svg>
);
