// How many comments wait in each queue of the site, kept up by the live line, which also says who has which comment
// before them. After a cut line the counts are asked for again, since what was said meanwhile is lost.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { openLine } from "../shared/socket";
import type { LineState } from "../shared/socket";
import { ApiError } from "./api";
import type { Api } from "./api";
import { claimsOf } from "./claims";
import type { ClaimBoard } from "./claims";
import { QUEUES } from "./router";
import type { Counts } from "./types";

/** Milliseconds in which changes are gathered before their figures are asked for. */
const ASK_AFTER = 1000;

function isCounts(payload: unknown): payload is Counts & { site: string } {
  if (typeof payload !== "object" || payload === null) return false;
  const found = payload as Record<string, unknown>;
  return typeof found["site"] === "string" && QUEUES.every((name) => typeof found[name] === "number");
}

/** Whether the session has ended, asked when the live line is refused: only then does trying again make no sense. */
async function hasEnded(api: Api): Promise<boolean> {
  try {
    await api.session();
    return false;
  } catch (error) {
    return error instanceof ApiError && error.status === 401;
  }
}

interface CountsInHand {
  counts: Counts | null;
  setCounts: (site: string, counts: Counts) => void;
  line: LineState;
}

export function useCounts(api: Api, site: string | null, claims: ClaimBoard, onSignedOut: () => void): CountsInHand {
  const [known, setKnown] = useState<Record<string, Counts>>({});
  const [line, setLine] = useState<LineState>("connecting");
  const present = useRef({ site, onSignedOut });
  present.current = { site, onSignedOut };

  const setCounts = useCallback((key: string, { waiting, reported, new: fresh, appeals, notices }: Counts) => {
    setKnown((all) => ({ ...all, [key]: { waiting, reported, new: fresh, appeals, notices: notices ?? all[key]?.notices ?? null } }));
  }, []);

  const ask = useCallback(async (): Promise<void> => {
    const key = present.current.site;
    if (key === null) return;
    // Whoever shows a queue says what went wrong with it; the counts come again with the next answer.
    const counts = await api.counts(key).catch(() => null);
    if (counts !== null) setCounts(key, counts);
  }, [api, setCounts]);

  useEffect(() => void ask(), [site, ask]);

  useEffect(() => {
    let opened = false;
    let asking: ReturnType<typeof setTimeout> | undefined;
    const live = openLine({
      base: location.origin,
      auth: () => ({ console: true }),
      onEvent: (name, payload) => {
        if (name === "queue.counts" && isCounts(payload)) setCounts(payload.site, payload);
        // Who looks after some sections alone has figures of their own: asked for, and not at every change.
        if (name === "queue.changed") {
          asking ??= setTimeout(() => {
            asking = undefined;
            void ask();
          }, ASK_AFTER);
        }
        if (name === "queue.claims") claims.tell(claimsOf(payload) ?? []);
      },
      onState: (state) => {
        setLine(state);
        if (state !== "open") return;
        void ask();
        if (opened) claims.tell("missed");
        opened = true;
      },
      onRefused: async () => {
        if (!(await hasEnded(api))) return true;
        present.current.onSignedOut();
        return false;
      },
    });
    return () => {
      clearTimeout(asking);
      live.close();
    };
  }, [api, ask, claims, setCounts]);

  return { counts: site === null ? null : (known[site] ?? null), setCounts, line };
}
