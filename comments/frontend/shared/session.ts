// Who is signed in: the publisher's token exchanged for a short one of ours, kept in memory only, asked for once by all
// who wait, and again before it ends. Used by the live chunk; the publisher's page decides where its token comes from.
import { answerOf, ApiError, ask } from "./api";
import type { Session, Viewer } from "./types";

/** Answers the publisher's token; null: nobody is signed in. */
export type TokenSource = () => Promise<string | null>;

/** Milliseconds: a session is renewed this long before it ends. */
const EARLY = 30_000;

export class SignedIn {
  #session: Promise<Session | null> | null = null;
  #renewAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onViewer` is told whenever a session is opened; `onRenewed` gets the token that takes the place of an ending one. */
  constructor(
    private readonly root: string,
    private readonly site: string,
    private readonly source: TokenSource,
    private readonly onViewer: (viewer: Viewer | null) => void,
    private readonly onRenewed: (token: string | null) => void,
  ) {}

  /** The access token; `refused`: the server would not take this one any more. */
  async token(refused?: string): Promise<string | null> {
    if (refused !== undefined && (await this.#session)?.access_token === refused) this.forget();
    if (Date.now() > this.#renewAt) this.forget();
    this.#session ??= this.#open();
    return (await this.#session)?.access_token ?? null;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#session = null;
    this.#renewAt = Infinity;
  }

  async #open(): Promise<Session | null> {
    this.#renewAt = Infinity;
    const opening = this.#exchange();
    opening.catch(() => {
      this.#session = null;
    });
    const session = await opening;
    if (session) {
      const lasts = session.expires_in * 1000;
      const good = lasts - Math.min(EARLY, lasts / 2);
      this.#renewAt = Date.now() + good;
      this.#timer = setTimeout(() => this.#renew(), good);
    }
    this.onViewer(session?.viewer ?? null);
    return session;
  }

  async #exchange(): Promise<Session | null> {
    const token = await this.source();
    if (!token) return null;
    return ask<Session>(`${this.root}/session`, { method: "POST", body: { site: this.site, token } });
  }

  #renew(): void {
    this.forget();
    this.token().then(this.onRenewed, () => {});
  }
}

/** `token-url`: asked with the page's own cookies; it answers {"token": "…"}, and anything else means nobody. */
export const tokenFrom = (url: string): TokenSource => async () => {
  const headers = { Accept: "application/json" };
  const response = await fetch(url, { credentials: "include", headers }).catch(() => Promise.reject(new ApiError({ status: 0, code: "offline" })));
  if (response.status >= 500) throw new ApiError({ status: response.status, code: "unavailable" });
  const found = await answerOf<{ token?: unknown } | undefined>(response).catch(() => undefined);
  return typeof found?.token === "string" && found.token ? found.token : null;
};
