// Every call of one's own page, by the cookie of the visit; nothing else here fetches. Unsafe calls carry the CSRF token
// that the visit told. A visit that has ended loads the page anew: it says then how to come back.
import { answerOf, ApiError, problemIn } from "../shared/api";
import type { Visit } from "./types";

export interface Api {
  get: <T>(path: string) => Promise<T>;
  send: <T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown) => Promise<T>;
  /** Where a file is: for a link. */
  address: (path: string) => string;
  visit: () => Promise<Visit>;
}

export function createApi(site: string, language: string, onEnded: () => void): Api {
  const root = `/me/api/${encodeURIComponent(site)}`;
  let csrf = "";

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language };
    if (method !== "GET") headers["X-CSRF-Token"] = csrf;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await answerOf<T>(await fetch(root + path, {
        method, headers, credentials: "same-origin", cache: "no-store", body: body === undefined ? null : JSON.stringify(body),
      }));
    } catch (error) {
      if (/^(signed_out|token_revoked|csrf)$/.test(problemIn(error).code)) onEnded();
      throw error instanceof ApiError ? error : new ApiError(problemIn(error));
    }
  }

  return {
    get: (path) => call("GET", path),
    send: call,
    address: (path) => root + path,
    visit: async () => {
      const found = await call<Visit>("GET", "/visit");
      csrf = found.csrf;
      return found;
    },
  };
}
