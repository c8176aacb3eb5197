// What every part of the console may ask for while somebody is signed in: the calls, the site at hand, the live line,
// the counts, and a way to say something. One context, so that components draw and call and never fetch by themselves.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Api } from "./api";
import type { Keys } from "./bindings";
import type { ClaimBoard } from "./claims";
import type { Outbox } from "./outbox";
import type { Counts, Session, SiteName } from "./types";

export interface Message {
  text: string;
  tone: "plain" | "bad";
  /** One thing to do about it. */
  act?: { label: string; run: () => void };
  /** Until when `act` can be done, in milliseconds: shown, and the message goes then. */
  until?: number;
}

export interface Desk {
  api: Api;
  session: Session;
  site: SiteName;
  counts: Counts | null;
  /** The reasons to reject with, in the order of their number keys. */
  reasons: string[];
  keys: Keys;
  setKeys: (keys: Keys) => void;
  claims: ClaimBoard;
  outbox: Outbox;
  /** Told what the server said; counts of a site no longer in view are dropped. */
  setCounts: (site: string, counts: Counts) => void;
  /** The session is over, as whoever is here wanted. */
  signedOut: () => void;
  /** Shown for some seconds. */
  say: (message: Message) => void;
  /** Told to screen readers only: what keys alone have changed on the screen. */
  murmur: (text: string) => void;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("no desk: this part stands outside the signed-in console");
  return desk;
}
