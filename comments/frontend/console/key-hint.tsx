// What a command's key is now, where a button says it: nothing where the key is switched off.
import type { JSX } from "preact";
import { shownKey } from "./bindings";
import type { Command } from "./bindings";
import { useDesk } from "./desk";

/** For `aria-keyshortcuts` and titles. */
export function useKeyOf(command: Command): string | undefined {
  const key = useDesk().keys[command];
  return key === null ? undefined : shownKey(key);
}

export function KeyHint({ of }: { of: Command }): JSX.Element | null {
  const key = useKeyOf(of);
  return key === undefined ? null : <kbd>{key}</kbd>;
}
