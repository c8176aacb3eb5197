// Every call the console makes, over the cookie session; nothing else here fetches. Unsafe calls carry the CSRF
// token of the session. A failure is an ApiError with the server's stable code, `offline` when nothing answered.
import type { Problem } from "../shared/types";
import type { Keys } from "./bindings";
import type { Gates } from "./figures-gates";
import type { ExportKind, ExportsPage, SiteExport } from "./exports-types";
import type { QueueName } from "./router";
import type { ArticleRules, Rules, SiteRules, Trial, VersionsPage } from "./rules-types";
import { isUnattended } from "./attended";
import { seg } from "./calls";
import type { Call } from "./calls";
import { asked } from "./sift";
import type { Sift } from "./sift";
import type {
  AppealAnswer, Article, ArticlesPage, AuditPage, Author, Ban, BulkDone, BulkPreview, BulkUndone, Claim, ClassifierChange, Classifiers,
  Context, Counts, Decided, Figures, Holder, Item, Laid, MemberComment, MemberProfile, Menus, Mode, NewClassifier, OpinionRule,
  OfferedFactor, OwnAccount, QueuePage, ReceiptTexts, SearchPage, Session, Verdict,
  Complaint, Flagger, LawState, LegalNotice, NoticeQueue, NoticeVerdict,
} from "./types";
import type { ApiKeysList, MadeApiKey, NewApiKey } from "./api-keys-types";
import { importCalls } from "./imports-api";
import { webhookCalls } from "./webhooks-api";

const ROOT = "/api/v1/console";

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.code);
  }
  get code(): string {
    return this.problem.code;
  }
  get status(): number {
    return this.problem.status;
  }
}

function address(path: string, query: Call["query"] = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = new URLSearchParams(pairs).toString();
  return ROOT + path + (search ? `?${search}` : "");
}

async function refusal(answer: Response): Promise<Problem> {
  const found: unknown = await answer.json().catch(() => null);
  const extras = typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  const code = typeof extras["code"] === "string" ? extras["code"] : answer.status >= 500 ? "unavailable" : "unexpected";
  return { ...extras, status: answer.status, code };
}

/** How long a decision waits for its answer, in milliseconds: after that it counts as not sent. */
const ANSWER_LIMIT = 20_000;

/** The reason codes that a site lets moderators reject with, in the order of their number keys. */
function reasonsOf(answer: { reject_reasons?: unknown }): string[] {
  return Array.isArray(answer.reject_reasons) ? answer.reject_reasons.filter((one) => typeof one === "string") : [];
}

/** One decision about these comments, as they were seen. */
const manyOf = (items: Item[], verdict: Verdict): unknown =>
  ({ ...verdict, items: items.map(({ comment }) => ({ id: comment.id, version: comment.version ?? 0 })) });

/** Asks whoever is there for the password, and for a code where `second` is; true: they gave it. */
export type Prove = (second: boolean) => Promise<boolean>;

export type Api = ReturnType<typeof createApi>;

/** `onSignedOut` is told whenever the server says that the session has ended, whichever call found out. */
export function createApi(onSignedOut: () => void, ask: typeof fetch = (...args) => fetch(...args)) {
  let csrf = "";
  let prove: Prove = () => Promise.resolve(false);

  async function once(path: string, call: Call): Promise<Response> {
    const method = call.method ?? "GET";
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRF-Token"] = csrf;
    if (isUnattended()) headers["X-Unattended"] = "1";
    if (call.body !== undefined) headers["Content-Type"] = call.body instanceof Blob ? "application/octet-stream" : "application/json";
    const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
    if (call.body !== undefined) init.body = call.body instanceof Blob ? call.body : JSON.stringify(call.body);
    if (call.keepalive) init.keepalive = true;
    if (call.signal) init.signal = call.signal;
    try {
      return await ask(address(path, call.query), init);
    } catch (error) {
      if (call.signal?.aborted && (call.signal.reason as Error).name !== "TimeoutError") throw error;
      throw new ApiError({ status: 0, code: "offline" });
    }
  }

  /** Another tab may have signed in anew since: its session is ours too, only the CSRF token is another. */
  async function renewed(): Promise<boolean> {
    const answer = await once("/session", {});
    if (!answer.ok) return false;
    const before = csrf;
    csrf = ((await answer.json()) as Session).csrf;
    return csrf !== before;
  }

  /** The session got another id while a call was under way with the one before. */
  async function goesOn(): Promise<boolean> {
    const answer = await once("/session", {}).catch(() => null);
    if (!answer?.ok) return false;
    csrf = ((await answer.json()) as Session).csrf;
    return true;
  }

  async function send<T>(path: string, call: Call = {}): Promise<T> {
    const answer = await once(path, call);
    if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
    const problem = await refusal(answer);
    if (problem.code === "csrf" && (await renewed())) return send(path, call);
    if (problem.code === "signed_out" && path !== "/session") {
      if (!call.again && (await goesOn())) return send(path, { ...call, again: true });
      onSignedOut();
    }
    if (problem.code === "proof_needed" && !call.again && (await prove(problem["second_factor"] === true))) return send(path, { ...call, again: true });
    throw new ApiError(problem);
  }

  async function opened(call: Call, path = "/session"): Promise<Session> {
    const session = await send<Session>(path, call);
    csrf = session.csrf;
    return session;
  }

  return {
    session: (): Promise<Session> => opened({}),
    signIn: (email: string, password: string, code = ""): Promise<Session> => opened({ method: "POST", body: { email, password, code } }),
    /** How to ask for a password where a call needs it once more. */
    askWith: (how: Prove): void => void (prove = how),
    account: (): Promise<OwnAccount> => send("/account"),
    prove: (password: string, code: string): Promise<Session> => opened({ method: "POST", body: { password, code } }, "/account/proof"),
    changePassword: (password: string): Promise<Session> => opened({ method: "PUT", body: { password } }, "/account/password"),
    offerFactor: (): Promise<OfferedFactor> => send("/account/second-factor", { method: "POST" }),
    enrolFactor: async (ticket: string, code: string): Promise<{ codes: string[]; session: Session }> => {
      const done = await send<{ codes: string[]; session: Session }>("/account/second-factor", { method: "PUT", body: { ticket, code } });
      csrf = done.session.csrf;
      return done;
    },
    removeFactor: (password: string, code: string): Promise<Session> =>
      opened({ method: "POST", body: { password, code } }, "/account/second-factor/removal"),
    renewCodes: async (): Promise<string[]> => (await send<{ codes: string[] }>("/account/recovery-codes", { method: "POST" })).codes,
    endSession: (id: string): Promise<void> => send(`/account/sessions/${seg(id)}`, { method: "DELETE" }),
    endOtherSessions: (): Promise<void> => send("/account/other-sessions", { method: "DELETE" }),
    signOutEverywhere: (): Promise<void> => send("/account/sessions", { method: "DELETE" }),
    /** Those that differ from the usual ones; answers all. */
    setKeys: async (keys: Partial<Keys>): Promise<Keys> =>
      (await send<{ keys: Keys }>("/preferences", { method: "PUT", body: { keys } })).keys,
    signOut: (): Promise<void> => send("/session", { method: "DELETE" }),
    counts: (site: string): Promise<Counts> => send(`/sites/${seg(site)}/queues`),
    queue: (site: string, queue: QueueName, cursor: string | null, limit = 50, sift: Sift = {}): Promise<QueuePage> =>
      send(`/sites/${seg(site)}/queues/${queue}`, { query: { ...asked(sift, Date.now()), cursor, limit: String(limit) } }),
    menus: (site: string): Promise<Menus> => send(`/sites/${seg(site)}/filters`),
    search: (site: string, query: Record<string, string | null>, signal?: AbortSignal): Promise<SearchPage> =>
      send(`/sites/${seg(site)}/search`, { query, ...(signal ? { signal } : {}) }),
    comment: (id: string): Promise<Context> => send(`/comments/${seg(id)}`),
    /** By way of outbox.ts alone, which sends it again where nothing answers. */
    decide: (id: string, version: number, verdict: Verdict): Promise<Decided> =>
      send(`/comments/${seg(id)}/decision`, { method: "POST", body: { ...verdict, version }, signal: AbortSignal.timeout(ANSWER_LIMIT) }),
    undo: async (decision: string): Promise<Item> =>
      (await send<{ item: Item }>(`/decisions/${seg(decision)}/undo`, { method: "POST" })).item,
    bulkPreview: (site: string, items: Item[], verdict: Verdict): Promise<BulkPreview> =>
      send(`/sites/${seg(site)}/bulk/preview`, { method: "POST", body: manyOf(items, verdict) }),
    bulk: (site: string, items: Item[], verdict: Verdict): Promise<BulkDone> =>
      send(`/sites/${seg(site)}/bulk`, { method: "POST", body: manyOf(items, verdict), signal: AbortSignal.timeout(ANSWER_LIMIT) }),
    undoBulk: (site: string, decisions: string[]): Promise<BulkUndone> =>
      send(`/sites/${seg(site)}/bulk/undo`, { method: "POST", body: { decisions } }),
    mark: async (id: string, what: "pick" | "lock", on: boolean): Promise<Item> =>
      (await send<{ item: Item }>(`/comments/${seg(id)}/${what}`, { method: on ? "POST" : "DELETE" })).item,
    defer: (id: string, minutes: number): Promise<{ until: string }> =>
      send(`/comments/${seg(id)}/defer`, { method: "POST", body: { minutes } }),
    secondOpinion: async (id: string, note: string): Promise<Item> =>
      (await send<{ item: Item }>(`/comments/${seg(id)}/second-opinion`, { method: "POST", body: { note } })).item,
    note: async (id: string, text: string): Promise<Item> =>
      (await send<{ item: Item }>(`/comments/${seg(id)}/notes`, { method: "POST", body: { text } })).item,
    answerAppeal: (id: string, version: number, answer: AppealAnswer): Promise<{ item: Item; counts: Counts }> =>
      send(`/appeals/${seg(id)}/decision`, { method: "POST", body: { ...answer, version } }),
    notices: (site: string, state: LawState, cursor: string | null): Promise<NoticeQueue> =>
      send(`/sites/${seg(site)}/notices`, { query: { state, cursor } }),
    notice: (site: string, id: string): Promise<LegalNotice> => send(`/sites/${seg(site)}/notices/${seg(id)}`),
    decideNotice: (site: string, id: string, body: NoticeVerdict): Promise<LegalNotice> =>
      send(`/sites/${seg(site)}/notices/${seg(id)}/decision`, { method: "POST", body }),
    stepNotice: (site: string, id: string, step: "escalate" | "author_told", version: number, note: string): Promise<LegalNotice> =>
      send(`/sites/${seg(site)}/notices/${seg(id)}/steps`, { method: "POST", body: { step, version, note } }),
    complaints: (site: string, state: LawState, cursor: string | null): Promise<{ items: Complaint[]; next_cursor: string | null; open: number }> =>
      send(`/sites/${seg(site)}/complaints`, { query: { state, cursor } }),
    decideComplaint: (site: string, id: string, outcome: "upheld" | "overturned", note: string): Promise<Complaint> =>
      send(`/sites/${seg(site)}/complaints/${seg(id)}/decision`, { method: "POST", body: { outcome, note } }),
    flaggers: async (site: string): Promise<Flagger[]> => (await send<{ flaggers: Flagger[] }>(`/sites/${seg(site)}/flaggers`)).flaggers,
    addFlagger: (site: string, body: { name: string; email: string; area: string }): Promise<{ flagger: Flagger; key: string }> =>
      send(`/sites/${seg(site)}/flaggers`, { method: "POST", body }),
    removeFlagger: (site: string, id: string): Promise<void> => send(`/sites/${seg(site)}/flaggers/${seg(id)}`, { method: "DELETE" }),
    texts: (site: string): Promise<ReceiptTexts> => send(`/sites/${seg(site)}/texts`),
    changeText: (site: string, reason: string, language: string, text: string | null): Promise<ReceiptTexts> =>
      send(`/sites/${seg(site)}/texts`, { method: "PUT", body: { reason, language, text } }),
    claim: async (site: string, id: string, take_over = false): Promise<Claim[]> =>
      (await send<{ claims: Claim[] }>(`/sites/${seg(site)}/claims`, { method: "POST", body: { comment_ids: [id], take_over } })).claims,
    release: (site: string, id: string): Promise<void> =>
      send(`/sites/${seg(site)}/claims`, { method: "DELETE", query: { comment: id }, keepalive: true }),
    ban: async (member: string, ban: Ban): Promise<Author> =>
      (await send<{ author: Author }>(`/members/${seg(member)}/ban`, { method: "POST", body: ban })).author,
    unban: async (member: string): Promise<Author> =>
      (await send<{ author: Author }>(`/members/${seg(member)}/ban`, { method: "DELETE" })).author,
    member: (id: string): Promise<MemberProfile> => send(`/members/${seg(id)}`),
    memberComments: (id: string, status: string, cursor: string | null): Promise<{ comments: MemberComment[]; next_cursor: string | null }> =>
      send(`/members/${seg(id)}/comments`, { query: { status, cursor } }),
    warn: (id: string, reason: string, text: string, comment?: string): Promise<Laid> =>
      send(`/members/${seg(id)}/warnings`, { method: "POST", body: { reason, text: text || null, comment_id: comment ?? null } }),
    premoderate: (id: string, reason: string): Promise<Laid> => send(`/members/${seg(id)}/premoderation`, { method: "PUT", body: { reason } }),
    liftPremoderation: (id: string): Promise<Laid> => send(`/members/${seg(id)}/premoderation`, { method: "DELETE" }),
    banEverywhere: (id: string, reason: string): Promise<Laid> => send(`/members/${seg(id)}/ban-everywhere`, { method: "POST", body: { reason } }),
    liftBanEverywhere: (id: string): Promise<Laid> => send(`/members/${seg(id)}/ban-everywhere`, { method: "DELETE" }),
    noteMember: (id: string, note: string): Promise<Laid> => send(`/members/${seg(id)}/notes`, { method: "POST", body: { note } }),
    /** Take back what was laid upon a member, by the call that the answer named. */
    takeBack: ({ method, path }: NonNullable<Laid["undo"]>): Promise<Laid> => send(path.replace(ROOT, ""), { method }),
    setMode: (site: string, article: string, mode: Mode): Promise<Article> =>
      send(`/sites/${seg(site)}/articles/${seg(article)}`, { method: "PATCH", body: { mode } }),
    setHours: (site: string, article: string, hours: { opens_at: string | null; closes_at: string | null }): Promise<Article> =>
      send(`/sites/${seg(site)}/articles/${seg(article)}/hours`, { method: "PUT", body: hours }),
    articles: (site: string, q: string, cursor: string | null, signal?: AbortSignal): Promise<ArticlesPage> =>
      send(`/sites/${seg(site)}/articles`, { query: { q, cursor }, ...(signal ? { signal } : {}) }),
    exports: (site: string, cursor: string | null): Promise<ExportsPage> => send(`/sites/${seg(site)}/exports`, { query: { cursor } }),
    startExport: (site: string, kind: ExportKind): Promise<SiteExport> => send(`/sites/${seg(site)}/exports`, { method: "POST", body: { kind } }),
    export: (site: string, id: string): Promise<SiteExport> => send(`/sites/${seg(site)}/exports/${seg(id)}`),
    /** Where a file is to be had by whoever is signed in: a link, not a call. */
    exportFile: (site: string, id: string): string => address(`/sites/${seg(site)}/exports/${seg(id)}/file`),
    audit: (site: string, cursor: string | null): Promise<AuditPage> =>
      send(`/sites/${seg(site)}/audit`, { query: { cursor } }),
    figures: (site: string, query: Record<string, string>, signal: AbortSignal): Promise<Figures> =>
      send(`/sites/${seg(site)}/figures`, { query, signal }),
    gates: (site: string, query: Record<string, string>, signal: AbortSignal): Promise<Gates> =>
      send(`/sites/${seg(site)}/gates`, { query, signal }),
    /** Where a table of the figures is to be had as CSV: a link, not a call. */
    figuresTable: (site: string, query: Record<string, string>, table: string): string =>
      address(`/sites/${seg(site)}/figures.csv`, { ...query, table }),
    rules: (site: string): Promise<SiteRules> => send(`/sites/${seg(site)}/rules`),
    rulesVersions: (site: string, cursor: string | null): Promise<VersionsPage> =>
      send(`/sites/${seg(site)}/rules/versions`, { query: { cursor } }),
    articleRules: (site: string, article: string): Promise<ArticleRules> => send(`/sites/${seg(site)}/articles/${seg(article)}/rules`),
    changeRules: (site: string, rules: Rules, based_on: number, reason: string | null): Promise<SiteRules> =>
      send(`/sites/${seg(site)}/rules`, { method: "PATCH", body: { rules, based_on, reason } }),
    setArticleRules: (site: string, article: string, rules: Rules, based_on: number, reason: string | null): Promise<ArticleRules> =>
      send(`/sites/${seg(site)}/articles/${seg(article)}/rules`, { method: "PUT", body: { rules, based_on, reason } }),
    takeBackRules: (site: string, article: string | null, version: number, based_on: number, reason: string | null): Promise<unknown> => {
      const whose = article === null ? "" : `/articles/${seg(article)}`;
      return send(`/sites/${seg(site)}${whose}/rules/versions/${version}/restore`, { method: "POST", body: { based_on, reason } });
    },
    tryRules: (site: string, rules: Rules, article: string | null, most: number): Promise<Trial> =>
      send(`/sites/${seg(site)}/trials`, { method: "POST", body: { rules, article, most } }),
    trial: (site: string, id: string): Promise<Trial> => send(`/sites/${seg(site)}/trials/${seg(id)}`),
    classifiers: (site: string): Promise<Classifiers> => send(`/sites/${seg(site)}/classifiers`),
    addClassifier: (site: string, body: NewClassifier): Promise<Classifiers> =>
      send(`/sites/${seg(site)}/classifiers`, { method: "POST", body }),
    changeClassifier: (site: string, name: string, body: ClassifierChange): Promise<Classifiers> =>
      send(`/sites/${seg(site)}/classifiers/${seg(name)}`, { method: "PATCH", body }),
    removeClassifier: (site: string, name: string): Promise<Classifiers> =>
      send(`/sites/${seg(site)}/classifiers/${seg(name)}`, { method: "DELETE" }),
    setOpinionRule: (site: string, name: string, rule: OpinionRule | null): Promise<Classifiers> =>
      send(`/sites/${seg(site)}/classifiers/${seg(name)}/rule`, { method: "PUT", body: { rule } }),
    /** The id that the answer will have as the classifier's `last_test`. */
    tryClassifier: async (site: string, name: string, text: string): Promise<string> =>
      (await send<{ id: string }>(`/sites/${seg(site)}/classifiers/${seg(name)}/test`, { method: "POST", body: { text } })).id,
    ...webhookCalls(send),
    ...importCalls(send),
    apiKeys: (site: string, cursor: string | null): Promise<ApiKeysList> => send(`/sites/${seg(site)}/api-keys`, { query: { cursor } }),
    addApiKey: (site: string, body: NewApiKey): Promise<MadeApiKey> => send(`/sites/${seg(site)}/api-keys`, { method: "POST", body }),
    revokeApiKey: (site: string, id: string): Promise<void> => send(`/sites/${seg(site)}/api-keys/${seg(id)}`, { method: "DELETE" }),
    rejectReasons: async (site: string): Promise<string[]> => reasonsOf(await send(`/sites/${seg(site)}/settings`)),
  };
}

/** What went wrong, whatever was thrown. */
export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : { status: 0, code: "unexpected" };
}

/** Who has the comment before them, where that is why a decision was refused. */
export function holderOf(problem: Problem): Holder | null {
  return problem.code === "claimed" ? ((problem["claimed_by"] as Holder | undefined) ?? null) : null;
}

/** The item that a 409 carries: how the comment stands by now. */
export function itemOf(problem: Problem): Item | null {
  const item = problem["item"];
  return typeof item === "object" && item !== null && "comment" in item ? (item as Item) : null;
}
