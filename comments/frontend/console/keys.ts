// One key, one action: the console's shortcuts. Off inside text fields, with Ctrl, Alt or Meta held (those are the
// browser's), and while a dialog is open, unless the dialog itself asked for keys.
import { useLayoutEffect, useRef } from "preact/hooks";

export type Bindings = Record<string, () => void>;

const TEXT_INPUTS = new Set(["text", "search", "email", "password", "url", "tel", "number", "date", "time", "datetime-local"]);

const WALKS = new Set(["j", "k"]);

/** Does this element take letters, so that a letter typed in it is text and no command? */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return TEXT_INPUTS.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Enter on a link or a button is that element's own; the link of what is in view already has nothing left to do. */
function ownsEnter(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a:not([aria-current=true]), button, summary, input") !== null;
}

/** The name a key has in bindings: a lower-case letter, `?`, a digit, or `Enter`, `Escape`. */
export function keyName(event: Pick<KeyboardEvent, "key">): string {
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** Bind keys while the component stands. `within` a dialog: keys work there although a dialog is open. */
export function useKeys(bindings: Bindings, within: "page" | "dialog" = "page"): void {
  const present = useRef(bindings);
  present.current = bindings;
  // Before the next key can come: whoever knows the keys types R and 1 in one go.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      if (takesText(event.target)) return;
      if (within === "page" && document.querySelector("dialog[open]") !== null) return;
      const name = keyName(event);
      // A key that is held down walks through the list, but decides only once.
      if (event.repeat && !WALKS.has(name)) return;
      const act = Object.hasOwn(present.current, name) ? present.current[name] : undefined;
      if (act === undefined || (name === "Enter" && ownsEnter(event.target))) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [within]);
}
