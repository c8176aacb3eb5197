// The console's few pictures, drawn as SVG nodes so that nothing is fetched. Each is decoration: the words beside it,
// or the button's label, say what it means.
import type { JSX } from "preact";

const PATHS = {
  waiting: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3.2l2 1.3",
  reported: "M4 14V2.5M4 3h7.5l-1.6 2.8L11.5 8.5H4",
  new: "M2.5 4.5h11v7h-6l-2.5 2v-2h-2.5z",
  appeals: "M8 2.5v11M5 13.5h6M3.5 4.5h9M3.5 4.5l-2 4.5h4zM12.5 4.5l-2 4.5h4z",
  filter: "M2.5 3.5h11L9.3 8.6v4.2l-2.6-1.4V8.6z",
  articles: "M3.5 2.5h9v11h-9zM5.8 5.5h4.4M5.8 8h4.4M5.8 10.5h2.4",
  rules: "M2.5 4.5h5M10.5 4.5h3M9 3v3M2.5 8h2M7.5 8h6M6 6.5v3M2.5 11.5h6M11.5 11.5h2M10 10v3",
  notices: "M4 2.5h5.5L12.5 5.5v8h-8.500zM9.500 2.500v3h3M6.500 8h3.500M6.500 10.500h3.500",
  texts: "M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h6",
  audit: "M5.5 4h8M5.5 8h8M5.5 12h8M2.6 4h.1M2.6 8h.1M2.6 12h.1",
  figures: "M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6",
  classifiers: "M4.5 3.5h7v7h-7zM6.5 1.5v2M9.5 1.5v2M6.5 10.5v2M9.5 10.5v2M2.5 5.5h2M2.5 8.5h2M11.5 5.5h2M11.5 8.5h2",
  "api-keys": "M9.8 9.4a3.4 3.4 0 1 0-3.2-3.2L2.4 10.4v3.2h3.2v-2h2v-2l.6-.6M10.6 5.4h.01",
  webhooks: "M8 2.8a2.2 2.2 0 0 1 1.6 3.7l2 3.4M8 5l-2.6 4.6M4.2 9.2a2.2 2.2 0 1 0 2.2 2.6h4.2M11.8 9.6a2.2 2.2 0 1 1-1.6 3.6",
  imports: "M8 9.5v-7M5 5.5l3-3 3 3M2.5 10.5v3h11v-3",
  exports: "M8 2.5v7M5 6.8l3 3 3-3M2.5 10.5v3h11v-3",
  account: "M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2ZM3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  ban: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM4.2 4.2l7.6 7.6",
  thread: "M3 3.5h7v4H3zM6 10.5h7v3H6zM3 7.5v4.5h3",
  up: "M4 10l4-4 4 4",
  down: "M4 6l4 4 4-4",
  back: "M10 3.5 5.5 8l4.5 4.5",
  out: "M6.5 3h-3v10h3M9.5 5.5 12 8l-2.5 2.5M12 8H6",
  outside: "M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3 7.5 8.5",
  keys: "M2 4.5h12v7H2zM4.5 7h.1M7 7h.1M9.5 7h.1M5 9.3h6",
  warning: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1",
  search: "M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4ZM10.2 10.2 13.5 13.5",
  eye: "M1.8 8S4 4 8 4s6.2 4 6.2 4-2.2 4-6.2 4S1.8 8 1.8 8ZM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4",
  reply: "M6.5 4 3 7.5 6.5 11M3 7.5h6a4 4 0 0 1 4 4v1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
