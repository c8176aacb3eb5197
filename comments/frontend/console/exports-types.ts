// Exports of a site, as the console's API gives them.
export type ExportKind = "archive" | "csv";

export interface SiteExport {
  id: string;
  kind: ExportKind;
  state: "waiting" | "running" | "done" | "failed";
  /** Comments that are written, of how many; null: they are not counted yet. */
  done: number;
  total: number | null;
  error: string | null;
  /** Bytes, once it lies ready. */
  size: number | null;
  by: string | null;
  created_at: string;
  finished_at: string | null;
  expires_at: string;
}

export interface ExportsPage {
  exports: SiteExport[];
  next_cursor: string | null;
}
