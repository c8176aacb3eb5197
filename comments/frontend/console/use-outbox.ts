// The outbox at its places: the page that must not be left, the network that comes back, whoever signs in again.
import { useEffect, useRef, useState } from "preact/hooks";
import type { LineState } from "../shared/socket";
import type { Message } from "./desk";
import type { Outbox } from "./outbox";
import { navigate } from "./router";
import { problemText, t } from "./words";

/** How many decisions are kept until the server answers. While any is not written, leaving the page asks. */
export function useOutbox(outbox: Outbox): number {
  const [{ kept, all }, setFigures] = useState({ kept: 0, all: 0 });
  useEffect(() => {
    outbox.watch((kept, all) => setFigures({ kept, all }));
    addEventListener("online", outbox.nudge);
    return () => removeEventListener("online", outbox.nudge);
  }, [outbox]);
  const open = all > 0;
  useEffect(() => {
    if (!open) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [open]);
  return kept;
}

/** What was decided before the session ended goes out again, and a live line means that the server is there. */
export function useStrays(outbox: Outbox, user: string, site: string | null, line: LineState, say: (message: Message) => void): void {
  const present = useRef(site);
  present.current = site;
  useEffect(() => {
    outbox.open(user, (id, problem) => {
      const at = present.current;
      const act = at === null ? {} : { act: { label: t("console.show"), run: () => navigate({ page: "comment", site: at, id }) } };
      say({ tone: "bad", text: t("console.unsent.refused", { why: problemText(problem) }), ...act });
    });
  }, [outbox, user, say]);
  useEffect(() => {
    if (line === "open") outbox.nudge();
  }, [outbox, line]);
}
