// One key, one action: the console's shortcuts. Off inside text fields, with Ctrl, Alt or Meta held (those are the
// browser's), and while a dialog is open, unless the dialog itself asked for keys. What is pressed before the last
// command is on the screen waits its turn (turns.ts).
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { isHeld, keyName } from "./bindings";
import type { Command } from "./bindings";
import { DeskContext } from "./desk";
import { afterPaint, createTurns } from "./turns";

type Digit = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
/** Keys that are nobody's to change; letters and signs are commands (bindings.ts). */
export type Bindings = Partial<Record<"Enter" | "Escape" | `${Digit}`, () => void>>;
export type Commands = Partial<Record<Command, () => void>>;

interface Bound {
  act: () => void;
  held: boolean;
}

const TEXT_INPUTS = new Set(["text", "search", "email", "password", "url", "tel", "number", "date", "time", "datetime-local"]);

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

type Finder = (name: string) => Bound | undefined;
const finders: Record<"page" | "dialog", Set<Finder>> = { page: new Set(), dialog: new Set() };

/** What a key does as things stand now. */
function found(name: string): Bound | undefined {
  const open = document.querySelector("dialog[open]") !== null;
  for (const find of open ? finders.dialog : finders.page) {
    const bound = find(name);
    if (bound !== undefined) return bound;
  }
  return undefined;
}

const turns = createTurns(afterPaint);

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (takesText(event.target)) return;
  const name = keyName(event);
  const bound = found(name);
  // A key that is held down walks through the list, as fast as it can be drawn, but decides only once.
  if (event.repeat && (bound?.held !== true || turns.busy())) return;
  // What is not bound yet may be bound by what is still to be drawn: R and 1, typed in one go.
  if (bound === undefined && !(turns.busy() && name.trim().length === 1)) return;
  if (name === "Enter" && ownsEnter(event.target)) return;
  event.preventDefault();
  turns.take(() => {
    if (!takesText(document.activeElement)) found(name)?.act();
  });
}

function useFinder(find: Finder, within: "page" | "dialog"): void {
  const present = useRef(find);
  present.current = find;
  // Before the next key can come: whoever knows the keys types R and 1 in one go.
  useLayoutEffect(() => {
    const look: Finder = (name) => present.current(name);
    if (finders.page.size + finders.dialog.size === 0) addEventListener("keydown", press);
    finders[within].add(look);
    return () => {
      finders[within].delete(look);
      if (finders.page.size + finders.dialog.size === 0) removeEventListener("keydown", press);
    };
  }, [within]);
}

/** Bind keys while the component stands. `within` a dialog: keys work there although a dialog is open. */
export function useKeys(bindings: Bindings, within: "page" | "dialog" = "page"): void {
  const all: Record<string, (() => void) | undefined> = bindings;
  useFinder((name) => {
    const act = Object.hasOwn(all, name) ? all[name] : undefined;
    return act && { act, held: false };
  }, within);
}

/** Bind commands while the component stands, to the keys that this account has for them. */
export function useCommands(commands: Commands): void {
  const keys = useContext(DeskContext)?.keys;
  useFinder((name) => {
    for (const [command, act] of Object.entries(commands) as [Command, () => void][]) {
      if (keys?.[command] === name) return { act, held: isHeld(command) };
    }
    return undefined;
  }, "page");
}
