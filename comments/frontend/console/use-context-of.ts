// The thread and the edits around a comment: asked for when a moderator opens them, kept while they look at it.
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import type { Context } from "./types";
import { failureText } from "./words";

export interface Surroundings {
  open: boolean;
  context: Context | null;
  fault: string | null;
  toggle: () => void;
}

export function useContextOf(id: string, known?: Context): Surroundings {
  const { api } = useDesk();
  const [open, setOpen] = useState(known !== undefined);
  const [found, setFound] = useState<Context | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    setOpen(known !== undefined);
    setFault(null);
  }, [id]);

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
  return { open, context, fault, toggle: () => setOpen(!open) };
}
