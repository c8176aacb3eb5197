// What an edit changed, word by word: the longest common subsequence of two versions. Pure.
export interface Change {
  kind: "same" | "ins" | "del";
  text: string;
}

/** Pieces of both versions multiplied: above it, about 2,000 words against 2,000, the change is told as one. */
const MOST = 16_000_000;

// Scripts without spaces by the character, other words whole, signs and runs of spaces by themselves.
const PIECES = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]\p{M}*|[\p{L}\p{M}\p{N}_]+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu;

/** How long the common subsequence of the rest is, from each pair of places on. */
function lengths(before: string[], after: string[]): Uint16Array {
  const width = after.length + 1;
  const table = new Uint16Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const at = row * width + column;
      table[at] = before[row] === after[column] ? table[at + width + 1]! + 1 : Math.max(table[at + width]!, table[at + 1]!);
    }
  }
  return table;
}

function middle(before: string[], after: string[]): Change[] {
  if (before.length * after.length > MOST) return [{ kind: "del", text: before.join("") }, { kind: "ins", text: after.join("") }];
  const table = lengths(before, after);
  const width = after.length + 1;
  const found: Change[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      found.push({ kind: "same", text: before[row]! });
      row += 1;
      column += 1;
    } else if (column === after.length || (row < before.length && table[(row + 1) * width + column]! >= table[row * width + column + 1]!)) {
      found.push({ kind: "del", text: before[row]! });
      row += 1;
    } else {
      found.push({ kind: "ins", text: after[column]! });
      column += 1;
    }
  }
  return found;
}

/** Runs of one kind as one; a space between two changed words changes with them, so that phrases are read as such. */
function gathered(changes: Change[]): Change[] {
  const found: Change[] = [];
  let [del, ins] = ["", ""];
  const flush = (): void => {
    if (del !== "") found.push({ kind: "del", text: del });
    if (ins !== "") found.push({ kind: "ins", text: ins });
    [del, ins] = ["", ""];
  };
  changes.forEach(({ kind, text }, at) => {
    const inside = del + ins !== "" && text.trim() === "" && at + 1 < changes.length && changes[at + 1]!.kind !== "same";
    if (kind === "del" || (kind === "same" && inside)) del += text;
    if (kind === "ins" || (kind === "same" && inside)) ins += text;
    if (kind !== "same" || inside) return;
    flush();
    const last = found.at(-1);
    if (last?.kind === "same") last.text += text;
    else found.push({ kind, text });
  });
  flush();
  return found;
}

/** From `before` to `after`: what is the same or was taken out makes up the one, what is the same or was put in the other. */
export function diff(before: string, after: string): Change[] {
  const [old, now] = [before.match(PIECES) ?? [], after.match(PIECES) ?? []];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const same = (pieces: string[]): Change[] => pieces.map((text) => ({ kind: "same", text }));
  return gathered([
    ...same(old.slice(0, head)),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...same(tail === 0 ? [] : old.slice(-tail)),
  ]);
}
