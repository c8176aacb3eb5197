// What embed.js hands to the widget when it mounts a thread. Types only: the two are built apart.

import type { Texts } from "./i18n";

/** The element as the publisher's page sees it. */
export interface ThreadElement extends HTMLElement {
  /** Answers the publisher's token, or null for nobody; asked again before a token ends. */
  getToken?: (() => Promise<string | null> | string | null) | undefined;
}

export interface Mounting {
  element: ThreadElement;
  root: ShadowRoot;
  /** The service's address without a slash at the end. */
  base: string;
  /** Where the chunks are that come after the first page, and with the first click that writes. */
  chunks: [later: string, write: string, beside: string];
  language: string;
  /** What is needed to read in another language than English, and the file of the rest. */
  texts: { default: Texts; rest: string } | undefined;
  /** The first page, asked for while the widget loads. */
  first: Promise<Response> | null;
  /** A permalink's comment. */
  comment: string | null;
}

export interface Mounted {
  /** Another token, another way to it, or the same person's page after a log-in: ask who is there again. */
  renew: () => void;
  /** Shows a comment with what stands around it. */
  open: (comment: string) => void;
  unmount: () => void;
}

export interface WidgetModule {
  mount: (mounting: Mounting) => Mounted;
}
