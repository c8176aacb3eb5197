// The widget's calls: JSON over fetch, the access token in memory only, one session asked for by all waiting calls
// and renewed before it ends. Components never fetch; the store calls this. Failures are ApiErrors with a stable code.
import type { Changes, Comment, Context, Mine, Page, Problem, Replies, Session, Sort, Viewer } from "./types";

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.code);
  }
}

/** Where the publisher's token comes from; null: nobody is signed in. */
export type TokenSource = () => Promise<string | null>;

export interface ApiOptions {
  /** The service's address without a slash at the end. */
  base: string;
  site: string;
  article: string;
  token: TokenSource | null;
  /** Who is signed in has changed or is known for the first time. */
  onViewer: (viewer: Viewer | null) => void;
}

/** Milliseconds: a session is renewed this long before it ends. */
const EARLY = 30_000;

const offline = (): ApiError => new ApiError({ status: 0, code: "offline" });

async function problemOf(response: Response): Promise<Problem> {
  const found = await response.json().catch(() => null) as Partial<Problem> | null;
  const retry = response.headers.get("Retry-After");
  return {
    ...found, status: response.status, code: typeof found?.code === "string" ? found.code : "unavailable",
    ...(retry ? { retry_after: Number(retry) || 5 } : {}),
  };
}

export const codeOf = (error: unknown): string => (error instanceof ApiError ? error.problem.code : "offline");

export const problemIn = (error: unknown): Problem => (error instanceof ApiError ? error.problem : { status: 0, code: "offline" });

type Call = { method?: string; body?: unknown; headers?: Record<string, string>; auth?: boolean };

export class Api {
  private session: Promise<Session | null> | null = null;
  private endsAt = 0;

  constructor(private readonly options: ApiOptions) {}

  /** The session's access token, or null for nobody. One request serves all who wait. */
  async accessToken(): Promise<string | null> {
    if (!this.session || Date.now() > this.endsAt - EARLY) this.session = this.open();
    return (await this.session)?.access_token ?? null;
  }

  /** Begin again: another person, or a token that the server took no more. */
  forget(): void {
    this.session = null;
  }

  private async open(): Promise<Session | null> {
    this.endsAt = Infinity;
    try {
      const token = await this.options.token?.();
      const session = token
        ? await this.ask<Session>("/session", { method: "POST", body: { site: this.options.site, token } }) : null;
      if (session) this.endsAt = Date.now() + session.expires_in * 1000;
      this.options.onViewer(session?.viewer ?? null);
      return session;
    } catch (error) {
      this.session = null;
      throw error;
    }
  }

  private async call<T>(path: string, call: Call = {}): Promise<T> {
    const token = call.auth ? await this.accessToken() : null;
    try {
      return await this.ask<T>(path, call, token);
    } catch (error) {
      if (!token || !/^token_(expired|revoked|invalid)$/.test(codeOf(error))) throw error;
      this.forget();
      return this.ask<T>(path, call, await this.accessToken());
    }
  }

  private async ask<T>(path: string, { method = "GET", body, headers = {} }: Call, token: string | null = null): Promise<T> {
    const sent = { ...headers };
    if (token) sent["Authorization"] = `Bearer ${token}`;
    if (body !== undefined) sent["Content-Type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(`${this.options.base}/api/v1${path}`, {
        method, headers: sent, credentials: "omit", body: body === undefined ? null : JSON.stringify(body),
      });
    } catch {
      throw offline();
    }
    if (!response.ok) throw new ApiError(await problemOf(response));
    if (response.status === 204) return undefined as T;
    return await response.json().catch(() => Promise.reject(offline())) as T;
  }

  private get article(): string {
    return articlePath(this.options.site, this.options.article);
  }

  page = (sort: Sort, cursor: string | null, auth: boolean): Promise<Page> =>
    this.call(pagePath(this.options.site, this.options.article, sort) + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""), { auth });
  replies = (id: string, cursor: string | undefined, auth: boolean): Promise<Replies> =>
    this.call(`/comments/${id}/replies${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`, { auth });
  context = (id: string, auth: boolean): Promise<Context> => this.call(`/comments/${encodeURIComponent(id)}/context`, { auth });
  changes = (after: number, auth: boolean): Promise<Changes> => this.call(`${this.article}/changes?after=${after}`, { auth });
  mine = (): Promise<Mine> => this.call(`${this.article}/mine`, { auth: true });

  post = (key: string, body: Record<string, unknown>): Promise<Comment> =>
    this.call(`${this.article}/comments`, { method: "POST", auth: true, body, headers: { "Idempotency-Key": key } });
  edit = (id: string, body: string, version: number | undefined): Promise<Comment> =>
    this.call(`/comments/${id}`, { method: "PATCH", auth: true, body: version === undefined ? { body } : { body, version } });
  withdraw = (id: string): Promise<Comment> => this.call(`/comments/${id}`, { method: "DELETE", auth: true });
  react = (id: string, kind: string, on: boolean): Promise<{ reactions: Record<string, number>; mine: string[] }> =>
    this.call(`/comments/${id}/reactions/${kind}`, { method: on ? "PUT" : "DELETE", auth: true });
  report = (id: string, reason: string, detail: string): Promise<{ id: string }> =>
    this.call(`/comments/${id}/reports`, { method: "POST", auth: true, body: detail ? { reason, detail } : { reason } });
  mute = (member: string, on: boolean): Promise<void> =>
    this.call(`/members/${member}/mute`, { method: on ? "PUT" : "DELETE", auth: true });
  rename = (name: string): Promise<Viewer> => this.call("/me", { method: "PATCH", auth: true, body: { name } });
}

const articlePath = (site: string, article: string): string => `/sites/${encodeURIComponent(site)}/articles/${encodeURIComponent(article)}`;

/** The path of a thread's first page, after /api/v1; embed.js asks for the same one while the widget loads. */
export const pagePath = (site: string, article: string, sort: Sort): string => `${articlePath(site, article)}/comments?sort=${sort}`;

/** A page's answer that somebody else (embed.js) has fetched. */
export async function pageFrom(response: Response): Promise<Page> {
  if (!response.ok) throw new ApiError(await problemOf(response));
  return await response.json() as Page;
}

/** `token-url`: asked with the page's own cookies; it answers {"token": "…"}, and anything else means nobody. */
export const tokenFrom = (url: string): TokenSource => async () => {
  const response = await fetch(url, { credentials: "include", headers: { Accept: "application/json" } }).catch(() => Promise.reject(offline()));
  if (response.status >= 500) throw new ApiError(await problemOf(response));
  const found = response.ok ? await response.json().catch(() => null) as { token?: unknown } | null : null;
  return typeof found?.token === "string" && found.token ? found.token : null;
};
