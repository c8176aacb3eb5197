// Who has which comment before them, as it is heard: over the live line, and in the answers to one's own claims.
// Whatever shows comments listens here.
import type { Claim, Holder, Item } from "./types";

/** `missed`: the line was cut, and something may have been said meanwhile. */
export type ClaimNews = Claim[] | "missed";

export interface ClaimBoard {
  tell: (news: ClaimNews) => void;
  hear: (listener: (news: ClaimNews) => void) => () => void;
  /** How what is in hand here is let go: before somebody signs out. */
  inHand: Set<() => Promise<void>>;
}

export function createBoard(): ClaimBoard {
  const listeners = new Set<(news: ClaimNews) => void>();
  return {
    tell: (news) => listeners.forEach((listen) => listen(news)),
    hear: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    inHand: new Set(),
  };
}

/** What the live line says of claims, null for anything else. */
export function claimsOf(payload: unknown): Claim[] | null {
  const claims = typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>)["claims"] : null;
  return Array.isArray(claims) ? (claims as Claim[]) : null;
}

/** The item as it is after this news. */
export function withClaims<T extends Item>(item: T, claims: Claim[]): T {
  const claim = claims.find((one) => one.comment_id === item.comment.id);
  return claim === undefined ? item : { ...item, claimed_by: claim.claimed_by };
}

/** Who else has the comment before them; `me` is nobody else. */
export function colleague(item: Item, me: string): Holder | null {
  return item.claimed_by !== null && item.claimed_by.id !== me ? item.claimed_by : null;
}
