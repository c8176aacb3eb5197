// JSON over fetch: the answers and the problems of the API. The widget's store calls it, components never do.
// Every failure is an ApiError with a stable code; `offline` stands for no answer at all.
import type { Problem } from "./types";

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

export const problemIn = (error: unknown): Problem => (error instanceof ApiError ? error.problem : { status: 0, code: "offline" });

export interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The answer of a response, whoever has sent the request; throws ApiError. */
export async function answerOf<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const { ok, status, headers } = response;
  const found = await response.json().catch(() => null) as (T & Partial<Problem>) | null;
  if (ok && found) return found;
  throw new ApiError({ code: "unavailable", retry_after: headers.get("Retry-After"), ...found, status });
}

export async function ask<T>(url: string, { method, body, headers }: Call = {}, token?: string | null): Promise<T> {
  const sent = {
    ...headers,
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(body ? { "Content-Type": "application/json" } : {}),
  };
  return answerOf<T>(await fetch(url, { method: method ?? "GET", headers: sent, credentials: "omit", body: body ? JSON.stringify(body) : null }));
}
