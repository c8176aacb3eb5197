// What a call to the server is, for api.ts and the files that hold the calls of one screen each.

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  query?: Record<string, string | null | undefined>;
  signal?: AbortSignal;
  /** Sent to its end although the page goes. */
  keepalive?: boolean;
  /** Sent before, and refused for a reason that is mended. */
  again?: boolean;
}

/** Sends a call on the session that api.ts holds, and gives its answer; rejects with an ApiError. */
export type Send = <T>(path: string, call?: Call) => Promise<T>;

/** A part of a path. */
export const seg = encodeURIComponent;
