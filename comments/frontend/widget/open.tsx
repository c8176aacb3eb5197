// What is open at a comment besides a reply: editor, menu, or one of the menu's forms.
import type { VNode } from "preact";
import type { Comment } from "../shared/types";
import type { Mode } from "./comment";
import { Editor } from "./composer";
import { Menu, Report, Withdraw } from "./menu";
import type { ThreadStore } from "./store";

interface OpenProps {
  store: ThreadStore;
  comment: Comment;
  mode: Mode;
  open: (mode: Mode, focus?: boolean) => void;
}

export function Open({ store, comment, mode, open }: OpenProps): VNode | null {
  const given = { store, comment, onClose: (focus = false) => open(null, focus) };
  if (mode === "menu") return <Menu {...given} open={open} />;
  if (mode === "report") return <Report {...given} />;
  if (mode === "withdraw") return <Withdraw {...given} />;
  return mode === "edit" ? <Editor store={store} comment={comment} onClose={() => open(null, true)} /> : null;
}
