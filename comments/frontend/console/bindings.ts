// The console's commands with the keys that they have until somebody changes theirs, as core/keys.py has them, in the
// order of the list of keys. Pure.
interface Usual {
  key: string;
  /** The locale key of what it does. */
  label: string;
  /** Goes on while the key is held down. */
  held?: true;
}

const TABLE = {
  approve: { key: "a", label: "console.help.approve" },
  reject: { key: "r", label: "console.help.reject" },
  reasons: { key: "1-9", label: "console.help.reason" },
  next: { key: "j", label: "console.help.next", held: true },
  previous: { key: "k", label: "console.help.previous", held: true },
  thread: { key: "t", label: "console.help.context" },
  undo: { key: "u", label: "console.help.undo" },
  pick: { key: "p", label: "console.help.pick" },
  lock: { key: "l", label: "console.help.lock" },
  defer: { key: "d", label: "console.help.defer" },
  second_opinion: { key: "o", label: "console.help.second_opinion" },
  note: { key: "n", label: "console.help.note" },
  warn: { key: "w", label: "console.help.warn" },
  premoderate: { key: "m", label: "console.help.premoderate" },
  ban: { key: "b", label: "console.help.ban" },
  uphold: { key: "h", label: "console.help.uphold" },
  overturn: { key: "v", label: "console.help.overturn" },
  select: { key: "x", label: "console.help.choose" },
  arrivals: { key: "g", label: "console.help.fetch" },
  search: { key: "/", label: "console.help.search" },
  help: { key: "?", label: "console.help.help" },
} satisfies Record<string, Usual>;

export type Command = keyof typeof TABLE;
/** The key of each command; null: switched off. */
export type Keys = Record<Command, string | null>;

export const COMMANDS = Object.keys(TABLE) as Command[];
export const USUAL = Object.fromEntries(COMMANDS.map((command) => [command, TABLE[command].key])) as Keys;

export const labelOf = (command: Command): string => TABLE[command].label;
export const isHeld = (command: Command): boolean => (TABLE[command] as Usual).held === true;

/** The name a key has here and in bindings: a lower-case letter, a sign, a digit, or `Enter`, `Escape`. */
export function keyName(event: Pick<KeyboardEvent, "key">): string {
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** As it is written on the keyboard. */
export const shownKey = (key: string): string => (key === "1-9" ? "1–9" : key.toUpperCase());

/** Only what differs from the usual keys, which is what is kept. */
export function changedOf(keys: Keys): Partial<Keys> {
  return Object.fromEntries(COMMANDS.filter((command) => keys[command] !== USUAL[command]).map((command) => [command, keys[command]]));
}

/** The other command that has this key. */
export function takenBy(keys: Keys, command: Command, key: string): Command | null {
  return COMMANDS.find((other) => other !== command && keys[other] === key) ?? null;
}

/** The key that was pressed, where it can be a command's: one character. Space and Enter press buttons. */
export function pressedKey(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">): string | null {
  const name = keyName(event);
  const whole = Array.from(name).length === 1 && name.trim() !== "" && name === name.toLowerCase();
  return whole && !event.ctrlKey && !event.metaKey && !event.altKey ? name : null;
}
