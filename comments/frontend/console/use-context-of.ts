// The thread and the edits around a comment: asked for when a moderator opens them, and where there is room by itself,
// once they stay with the comment; kept while they look at it. Who closes it has it closed until they open it again.
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import type { Context } from "./types";
import { useWide } from "./use-wide";
import { failureText } from "./words";

/** Milliseconds: who walks on at once has not asked for anything. */
const OPENS_AFTER = 300;

export interface Surroundings {
  open: boolean;
  context: Context | null;
  fault: string | null;
  toggle: () => void;
}

export function useContextOf(id: string, known?: Context): Surroundings {
  const { api } = useDesk();
  const wide = useWide();
  const shut = useRef(false);
  const [open, setOpen] = useState(known !== undefined);
  const [found, setFound] = useState<Context | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    setOpen(known !== undefined);
    setFault(null);
    if (!wide || known !== undefined || shut.current) return;
    const timer = setTimeout(() => setOpen(true), OPENS_AFTER);
    return () => clearTimeout(timer);
  }, [id, wide]);

  useEffect(() => {
    if (!open || known !== undefined || found?.comment.id === id) return;
    let wanted = true;
    api.comment(id).then(
      (context) => wanted && setFound(context),
      (error: unknown) => wanted && setFault(failureText(error)),
    );
    return () => void (wanted = false);
  }, [id, open, known === undefined]);

  const context = known ?? (found?.comment.id === id ? found : null);
  const toggle = (): void => {
    shut.current = open;
    setOpen(!open);
  };
  return { open, context, fault, toggle };
}
