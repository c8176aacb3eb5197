// The shapes of the API as JSON, for widget and console; later generated from the served OpenAPI document.
// Types only. Ids are strings, times RFC 3339 with Z.

export type Status = "published" | "waiting" | "rejected" | "withdrawn" | "erased";
export type Mode = "open" | "premoderated" | "closed" | "readonly" | "off";
export type Sort = "newest" | "oldest" | "recommended" | "replied";

/** A comment's body: text, or a tag with children, perhaps with attributes in front of them. */
export type TreeNode = string | TreeElement;
export type TreeElement = [tag: string, ...rest: (TreeNode | Record<string, string>)[]];
export type Tree = TreeNode[];

/** Half-open range of code points in the body's plain text. */
export type Span = [start: number, end: number];

export interface Finding {
  rule: string;
  kind: "hold" | "note" | "approve" | "refuse";
  reason: string;
  spans: Span[];
  params: Record<string, unknown>;
}

export interface Person {
  id: string;
  name: string;
  badges: string[];
  avatar: string | null;
}

export interface Comment {
  id: string;
  parent_id: string | null;
  root_id: string;
  depth: number;
  /** null: a stub, or the author was erased. */
  author: Person | null;
  /** null: a stub. */
  body: Tree | null;
  status: Status;
  created_at: string;
  edited_at: string | null;
  reactions: Record<string, number>;
  reply_count: number;
  /** The newsroom's choice; a root whose thread takes no more replies. Left out unless it is so. */
  picked?: true;
  locked?: true;
  /** Put to the article's author, and the id of their answer; written by them. Left out unless it is so. */
  question?: true;
  answer_id?: string;
  by_author?: true;
  /** Of the article's last public change to it; 0: never public. */
  seq: number;
  /** To its author and to moderators only. */
  source?: string;
  findings?: Finding[];
  version?: number;
  /** Why it is not public; null when it is. */
  receipt?: Receipt | null;
}

export interface OwnAppeal {
  possible: boolean;
  until: string | null;
  state: "open" | "upheld" | "overturned" | "closed" | null;
  text: string | null;
  note: string | null;
  decided_at: string | null;
}

export interface Receipt {
  by: "machine" | "moderator";
  rule: string | null;
  reason: string | null;
  text: string;
  at: string;
  appeal: OwnAppeal;
}

/** An appeal that put the viewer's comment back where everybody sees it. */
export interface AppealOutcome {
  comment_id: string;
  state: "overturned";
  note: string | null;
  decided_at: string;
}

export interface Article {
  id: string;
  title: string | null;
  url: string | null;
  mode: Mode;
  /** When the thread opens or closes by itself; left out when nothing is planned. */
  opens_at?: string;
  closes_at?: string;
}

export interface Site {
  key: string;
  name: string;
  locale: string;
  read: "everyone" | "registered" | "subscribers";
  write: "registered" | "subscribers";
  login_url: string | null;
  subscribe_url: string | null;
  max_depth: number;
  max_length: number;
  min_length: number;
  /** Seconds. */
  edit_window: number;
  reactions: string[];
  report_reasons: string[];
  gate_words: Record<string, string>;
  /** May readers put questions to an article's author? */
  ask_author: boolean;
  /** Where notices of illegal content are given: a path of ours that a comment's address is put behind. */
  notices: string | null;
}

export interface Page {
  article: Article;
  /** On the first page only. */
  site?: Site;
  comments: Comment[];
  next_cursor: string | null;
  total: number;
  seq: number;
  /** On the first page only, where there are any: how many comments the tabs have. */
  tabs?: { picks: number; answers: number };
}

/** The picks of an article, or the author's answers, each after what it answers: not a tree, newest first. */
export interface Flat {
  comments: Comment[];
  next_cursor: string | null;
}

export interface Replies {
  comments: Comment[];
  next_cursor: string | null;
}

export interface Context {
  article: Article;
  site: Site;
  comments: Comment[];
  total: number;
  seq: number;
}

export interface Gone {
  id: string;
  seq: number;
  root_id: string;
  parent_id: string | null;
}

export type Change = { kind: "added" | "changed"; comment: Comment } | { kind: "gone"; comment: Gone };

export interface Changes {
  seq: number;
  changes: Change[];
  total: number;
  /** Only when it changed in the range. */
  article?: Article;
  reset: boolean;
}

/** The socket's `thread.batch`. */
export interface Batch {
  site: string;
  article: string;
  after: number;
  seq: number;
  changes: Change[];
  total: number;
  counts?: { total: number };
  article_state?: Article;
}

export type Gate = "registered" | "trial_over" | "lapsed" | "suspended" | "banned" | "warned" | "name_needed";

/** What limits a member: nothing of it is secret from them. */
export interface Limits {
  premoderated: { reason: string | null } | null;
  site_premoderated: boolean;
  newcomer_left: number;
  newcomer_until: string | null;
  pace_seconds: number;
  /** How much their reports count. */
  report_percent: number;
}

/** A moderator's words, to be read before one posts again. */
export interface Warning {
  id: string;
  reason: string;
  text: string | null;
  comment_id: string | null;
  created_at: string;
}

export interface Viewer {
  id: string;
  name: string | null;
  badges: string[];
  avatar: string | null;
  state: "registered" | "trial" | "active" | "grace" | "lapsed";
  /** When a trial, a grace period or a subscription ends; null: unknown. */
  state_until?: string | null;
  can: { read: boolean; write: boolean; react: boolean; report: boolean };
  /** Why they may not write; null when they may. */
  gate: Gate | null;
  suspended_until: string | null;
  restriction_reason: string | null;
  limits?: Limits;
  warnings?: Warning[];
}

export interface Mine {
  viewer: Viewer;
  comments: Comment[];
  appeals?: AppealOutcome[];
  reactions: Record<string, string[]>;
  mutes: string[];
  /** What the viewer follows in this thread, and how much is unread anywhere at the site (at most 100). */
  follows: { article: boolean; comments: string[] };
  unread: number;
  seq: number;
}

export type NotificationKind = "reply" | "mention" | "answered" | "published" | "rejected" | "restored" | "upheld" | "picked" | "complained";

/** Something that happened to the viewer or to what they wrote; `comment` is null when they may no longer see it. */
export interface Notification {
  id: string;
  kind: NotificationKind;
  created_at: string;
  seen: boolean;
  comment: { id: string; author: Person | null; excerpt: string } | null;
  article: { id: string; title: string | null; url: string | null };
}

/** A followed thread (`comment` null) or comment in which something is new. */
export interface Followed {
  article: { id: string; title: string | null; url: string | null };
  comment: { id: string; author: Person | null; excerpt: string } | null;
  new: number;
}

export interface Notifications {
  notifications: Notification[];
  followed: Followed[];
  unread: number;
  next_cursor: string | null;
}

export interface Session {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  viewer: Viewer;
}

/** RFC 9457 problem details with our stable code. */
export interface Problem {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  /** The same for people, in the language of the request. */
  message?: string;
  finding?: Finding;
  site?: Site;
  total?: number;
  /** Where reading is for others: some of the first comments. */
  taste?: Comment[];
  [extra: string]: unknown;
}
