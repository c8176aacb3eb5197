// Which system a file comes from, by its first characters, else by its name. A guess: whoever chose the file may
// choose otherwise.
import type { ImportFormat } from "./imports-types";

const LOOKED_AT = 8192;
const STARTS: [RegExp, ImportFormat][] = [
  [/^SQLite format 3/, "isso"],
  [/^\{\s*"archive"\s*:\s*"comments"/, "archive"],
  [/^<[^]*<disqus/, "disqus"],
  [/^<[^]*<rss/, "wordpress"],
  [/^\[/, "isso"],
  [/^\{[^]*"commentHex"|^\{\s*"version"[^]*"commenters"/, "commento"],
  [/^\{\s*"version"\s*:\s*1\s*,\s*"users"/, "remark42"],
  [/^\{[^]*"(?:storyID|tenantID|asset_id)"/, "coral"],
];
const NAMES: [RegExp, ImportFormat][] = [
  [/disqus/i, "disqus"], [/wordpress|wxr/i, "wordpress"], [/commento/i, "commento"], [/coral|talk/i, "coral"],
  [/remark|^backup-/i, "remark42"], [/isso|\.db$|\.sqlite3?$/i, "isso"], [/\.xml(\.gz)?$/i, "disqus"],
];

/** null: nothing tells. */
export function formatOf(name: string, start: string): ImportFormat | null {
  const text = start.replace(/^\ufeff/, "").trimStart();
  return [...STARTS].find(([form]) => form.test(text))?.[1] ?? NAMES.find(([form]) => form.test(name))?.[1] ?? null;
}

/** The first characters of a file, also of one that is compressed with gzip. */
export async function startOf(file: Blob): Promise<string> {
  const head = file.slice(0, LOOKED_AT);
  const bytes = new Uint8Array(await head.slice(0, 2).arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return head.text();
  const reader = head.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const { value } = await reader.read().catch(() => ({ value: undefined }));
  void reader.cancel().catch(() => undefined);
  return new TextDecoder().decode(value);
}
