// One command after the other. What is pressed before the outcome of the last command is on the screen waits until it
// is, so that it falls on what one sees, never on the same comment twice; nothing that was pressed is lost. Pure.
export interface Turns {
  take: (act: () => void) => void;
  /** Is something not on the screen yet? */
  busy: () => boolean;
}

/** `drawn` calls back when what has changed by now is on the screen. */
export function createTurns(drawn: (then: () => void) => void): Turns {
  const waiting: (() => void)[] = [];
  let busy = false;
  const next = (): void => {
    const act = waiting.shift();
    busy = act !== undefined;
    if (act === undefined) return;
    try {
      act();
    } finally {
      drawn(next);
    }
  };
  return {
    take: (act) => {
      waiting.push(act);
      if (!busy) next();
    },
    busy: () => busy,
  };
}

/** A page that is not painted, as in a tab behind, draws no frames: then after this many milliseconds. */
const AT_LATEST = 250;

/** After the next frame is painted. */
export function afterPaint(then: () => void): void {
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    clearTimeout(late);
    then();
  };
  const late = setTimeout(tell, AT_LATEST);
  requestAnimationFrame(() => setTimeout(tell));
}
