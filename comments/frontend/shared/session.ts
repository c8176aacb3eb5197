// Who is signed in: the publisher's token exchanged for a short one of ours, kept in memory only, asked for once by all
// who wait, and again before it ends. The publisher's page decides where its token comes from.
import { answerOf, ApiError, ask } from "./api";
import type { Session, Viewer } from "./types";

/** Answers the publisher's token; null: nobody is signed in. */
export type TokenSource = () => Promise<string | null>;

export interface SignedIn {
  /** The access token, or null for nobody; `refused`: the server would not take this one any more. */
  token: (refused?: string) => Promise<string | null>;
  /** The next to ask for a token begins anew. */
  forget: () => void;
}

export interface SessionOptions {
  /** The API's address. */
  root: string;
  site: string;
  source: TokenSource;
  /** Told whenever a session is opened. */
  onViewer: (viewer: Viewer | null) => void;
  /** Told the token that takes the place of an ending one. */
  onRenewed: (token: string | null) => void;
}

/** Milliseconds: a session is renewed this long before it ends. */
const EARLY = 30_000;

export function signIn({ root, site, source, onViewer, onRenewed }: SessionOptions): SignedIn {
  let session: Promise<Session | null> | null = null;
  let renewAt = 0;
  let timer: ReturnType<typeof setTimeout>;

  const forget = (): void => {
    clearTimeout(timer);
    session = null;
    renewAt = Infinity;
  };
  const exchange = async (): Promise<Session | null> => {
    const token = await source();
    return token ? ask<Session>(`${root}/session`, { method: "POST", body: { site, token } }) : null;
  };
  const open = async (): Promise<Session | null> => {
    try {
      const found = await exchange();
      if (found) {
        const lasts = found.expires_in * 1000;
        const good = lasts - Math.min(EARLY, lasts / 2);
        renewAt = Date.now() + good;
        timer = setTimeout(() => {
          forget();
          token().then(onRenewed, () => {});
        }, good);
      }
      onViewer(found && found.viewer);
      return found;
    } catch (error) {
      session = null;
      throw error;
    }
  };
  const token = async (refused?: string): Promise<string | null> => {
    const found = refused && await session;
    if ((found && found.access_token === refused) || Date.now() > renewAt) forget();
    session ??= open();
    return (await session)?.access_token ?? null;
  };
  return { token, forget };
}

/** `token-url`: asked with the page's own cookies; it answers {"token": "…"}, and anything else means nobody. */
export async function tokenFrom(url: string): Promise<string | null> {
  const response = await fetch(url, { credentials: "include", headers: { Accept: "application/json" } });
  if (response.status >= 500) throw new ApiError({ status: response.status, code: "unavailable" });
  const found = await answerOf<{ token?: unknown }>(response).catch(() => null);
  return typeof found?.token === "string" ? found.token : null;
}
