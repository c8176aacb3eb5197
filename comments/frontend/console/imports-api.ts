// The calls about imports, on the session that api.ts holds.
import { seg } from "./calls";
import type { Send } from "./calls";
import type { ImportLine, NewImport, SiteImport } from "./imports-types";

export function importCalls(send: Send) {
  const one = (site: string, id: string): string => `/sites/${seg(site)}/imports/${seg(id)}`;
  return {
    imports: (site: string, cursor: string | null): Promise<{ imports: SiteImport[]; next_cursor: string | null }> =>
      send(`/sites/${seg(site)}/imports`, { query: { cursor } }),
    import: (site: string, id: string): Promise<SiteImport> => send(one(site, id)),
    beginImport: (site: string, body: NewImport): Promise<SiteImport> => send(`/sites/${seg(site)}/imports`, { method: "POST", body }),
    sendChunk: (site: string, id: string, chunk: number, body: Blob, signal: AbortSignal): Promise<SiteImport> =>
      send(`${one(site, id)}/chunks/${chunk}`, { method: "PUT", body, signal }),
    startImport: (site: string, id: string, dry_run: boolean): Promise<SiteImport> =>
      send(`${one(site, id)}/start`, { method: "POST", body: { dry_run } }),
    stopImport: (site: string, id: string): Promise<SiteImport> => send(`${one(site, id)}/stop`, { method: "POST" }),
    deleteImport: (site: string, id: string): Promise<void> => send(one(site, id), { method: "DELETE" }),
    importLines: (site: string, id: string, cursor: string | null): Promise<{ lines: ImportLine[]; next_cursor: string | null }> =>
      send(`${one(site, id)}/lines`, { query: { cursor } }),
  };
}
