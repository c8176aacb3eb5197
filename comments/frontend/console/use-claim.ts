// The comment in hand is claimed while somebody looks at it, renewed as long as they do, and let go when they leave it.
// Who is quicker with a decision than with reading needs no claim: the decision carries the version that they saw.
import { useEffect, useRef } from "preact/hooks";
import { colleague } from "./claims";
import { useDesk } from "./desk";
import type { Holder, Item } from "./types";
import { failureText } from "./words";

/** Milliseconds: whoever walks on with J at once claims nothing. */
const CLAIM_AFTER = 150;
const RENEW_EVERY = 60_000;

export interface ClaimInHand {
  /** The colleague who has it, if any. */
  holder: Holder | null;
  takeOver: () => void;
  /** A decision lets it go by itself. */
  decided: () => void;
}

export function useClaim(item: Item, wanted: boolean): ClaimInHand {
  const { api, site, session, claims, say } = useDesk();
  const { id } = item.comment;
  const me = session.user.id;
  const holder = colleague(item, me);
  const free = wanted && holder === null;
  const done = useRef(false);

  useEffect(() => {
    if (!free) return;
    done.current = false;
    let mine = item.claimed_by?.id === me;
    let left = false;
    const release = async (): Promise<void> => {
      if (!mine || done.current) return;
      mine = false;
      await api.release(site.key, id).catch(() => undefined);
    };
    const claim = async (): Promise<void> => {
      // Where it fails, it is the decision that says what is wrong.
      const told = await api.claim(site.key, id).catch(() => []);
      mine = told.some((one) => one.claimed_by?.id === me);
      claims.tell(told);
      if (left) void release();
    };
    const renew = (): void => {
      if (!document.hidden) void claim();
    };
    const letGo = (): void => void release();
    const first = setTimeout(() => void claim(), CLAIM_AFTER);
    const renewal = setInterval(renew, RENEW_EVERY);
    claims.inHand.add(release);
    addEventListener("pagehide", letGo);
    return () => {
      left = true;
      clearTimeout(first);
      clearInterval(renewal);
      claims.inHand.delete(release);
      removeEventListener("pagehide", letGo);
      letGo();
    };
  }, [api, claims, id, me, site.key, free]);

  const until = holder?.until;
  useEffect(() => {
    if (until === undefined) return;
    const timer = setTimeout(() => claims.tell([{ comment_id: id, claimed_by: null }]), Date.parse(until) - Date.now());
    return () => clearTimeout(timer);
  }, [claims, id, until]);

  const takeOver = (): void => {
    api.claim(site.key, id, true).then(claims.tell, (error: unknown) => say({ tone: "bad", text: failureText(error) }));
  };
  return { holder, takeOver, decided: () => void (done.current = true) };
}
