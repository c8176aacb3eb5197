// Imports into a site, as the console's API gives them.
export const FORMATS = ["archive", "commento", "coral", "disqus", "isso", "remark42", "wordpress"] as const;
export type ImportFormat = (typeof FORMATS)[number];

export interface SiteImport {
  id: string;
  name: string;
  format: ImportFormat;
  /** Bytes; `received` of them are here, in so many whole chunks. */
  size: number;
  chunk_size: number;
  chunks: number;
  received: number;
  state: "uploading" | "waiting" | "running" | "done" | "failed" | "stopped";
  dry_run: boolean;
  read: number;
  imported: number;
  already: number;
  refused: number;
  changed: number;
  bytes_read: number;
  error: string | null;
  by: string | null;
  created_at: string;
  finished_at: string | null;
  expires_at: string;
}

export interface NewImport {
  name: string;
  size: number;
  format: ImportFormat;
  articles: string;
}

export interface ImportLine {
  what: "refused" | "changed";
  line: number;
  key: string | null;
  reason: string;
}
