// Which language to speak: asked by embed.js, which must stay small, and by the console.

/** The first of the wished languages that exists: exactly, or by its first part (`de-AT` → `de`); English otherwise. */
export function pickLanguage(wished: (string | null | undefined)[], existing: string[]): string {
  for (const wish of wished) {
    if (!wish) continue;
    const lower = wish.toLowerCase();
    const found = existing.find((name) => name.toLowerCase() === lower) ?? existing.find((name) => name === lower.split("-")[0]);
    if (found) return found;
    if (lower.split("-")[0] === "en") return "en";
  }
  return "en";
}
