// Whether somebody is at the console. It asks by itself, too (counts, claims); what it asks while nobody has touched it
// for a minute says so, and does not keep the session from ending.

/** Milliseconds after the last touch in which somebody counts as being there. */
const THERE = 60_000;
/** Milliseconds between two words to the server that somebody reads here, who asks for nothing. */
const TELL = 300_000;

let touched = Date.now();

export const isUnattended = (now = Date.now()): boolean => now - touched > THERE;

export const touch = (now = Date.now()): void => void (touched = now);

/** Notice who is there; `tell` is called now and then while somebody is. */
export function attend(tell: () => void): () => void {
  const events = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
  const there = (): void => touch();
  for (const name of events) addEventListener(name, there, { passive: true, capture: true });
  let told = Date.now();
  const clock = setInterval(() => {
    if (touched <= told) return;
    told = Date.now();
    touch(told);
    tell();
  }, TELL);
  return () => {
    clearInterval(clock);
    for (const name of events) removeEventListener(name, there, { capture: true });
  };
}
