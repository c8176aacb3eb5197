// What the console's own calls answer: the shapes of /api/v1/console/…. Types only.
// The comment, the article and the finding are the same for every reader and come from shared/types.
import type { Article, Comment, Finding, Mode, Status } from "../shared/types";
import type { Keys } from "./bindings";
import type { QueueName } from "./router";

export type { Article, Comment, Finding, Mode, Status };

export const MODES: readonly Mode[] = ["open", "premoderated", "closed", "readonly", "off"];

export interface User {
  id: string;
  email: string;
  name: string;
  role: "staff" | "moderator" | "administrator";
  /** Those that they look after; null: all. */
  sections: string[] | null;
  /** What they may do at their sites: the actions of core/policy.py. */
  can: string[];
}

export interface SiteName {
  key: string;
  name: string;
}

export interface Session {
  user: User;
  csrf: string;
  sites: SiteName[];
  keys: Keys;
  /** needed: nothing else is answered before one is set up. */
  second_factor: "on" | "off" | "needed";
}

export interface OwnSession {
  id: string;
  browser: string;
  since: string;
  seen: string;
  is_this: boolean;
}

export interface OwnAccount {
  sessions: OwnSession[];
  second_factor: boolean;
  second_factor_required: boolean;
  /** How many are left. */
  recovery_codes: number;
  proved_until: string | null;
}

export interface OfferedFactor {
  secret: string;
  address: string;
  /** The address as a QR code: rows of 0 and 1. */
  qr: string[];
  ticket: string;
}

/** `notices`: legal ones and complaints; null or absent for whom they are not, and where the answer is about queues. */
export type Counts = Record<QueueName, number> & { notices?: number | null };

export interface Report {
  id: string;
  reason: string;
  detail: string | null;
  created_at: string;
  by: { id: string; name: string | null } | null;
  /** What it counts, in hundredths. */
  weight: number;
}

export interface Brigading {
  suspected: boolean;
  why: string[];
}

export interface Standing {
  level: "new" | "good" | "mixed" | "poor";
  score: number;
  parts: { name: string; count: number; points: number }[];
}

/** The author with figures over the whole site; `banned` and `suspended_until` are the restrictions in force. */
export interface Author {
  id: string;
  name: string | null;
  state: string;
  published: number;
  rejected: number;
  waiting: number;
  withdrawn: number;
  first_seen: string;
  banned: boolean;
  suspended_until: string | null;
  restriction_reason: string | null;
  premoderated: boolean;
  premoderated_reason: string | null;
  /** Of the last year. */
  warnings: number;
  unseen_warnings: number;
  standing: Standing;
}

/** What was laid upon somebody, and the call that takes it back. */
export interface Laid {
  author: Author;
  undo: { method: "DELETE"; path: string } | null;
}

export interface MemberWarning {
  id: string;
  reason: string;
  text: string | null;
  comment_id: string | null;
  created_at: string;
  by: string | null;
  seen_at: string | null;
}

export interface MemberReport {
  id: string;
  comment_id: string;
  reason: string;
  detail: string | null;
  created_at: string;
  weight: number;
  outcome: "upheld" | "rejected" | null;
  settled_at: string | null;
  other: { id: string; name: string | null } | null;
}

export interface MemberComment {
  comment: ModeratedComment;
  article: Article;
}

export interface MemberProfile {
  site: string;
  member: Author;
  former_names: { name: string; by: "member" | "publisher"; until: string }[];
  last_comment_at: string | null;
  reports_upheld: number;
  reports_rejected: number;
  report_weight: number;
  ban: { reason: string | null; since: string; everywhere: boolean } | null;
  suspension: { reason: string | null; until: string } | null;
  warnings: MemberWarning[];
  decisions: Decision[];
  reports_made: MemberReport[];
  reports_received: MemberReport[];
  can: { warn: boolean; premoderate: boolean; ban: boolean; ban_everywhere: boolean; note: boolean };
}

export interface Decision {
  action: string;
  by: string | null;
  at: string;
  reason: string | null;
  note: string | null;
}

/** The moderator who has a comment before them, at most until then. */
export interface Holder {
  id: string;
  name: string;
  until: string;
}

export interface Claim {
  comment_id: string;
  claimed_by: Holder | null;
}

/** A comment as moderators get it. `text` is what the spans of the findings count in, in code points. */
export type ModeratedComment = Comment & { text?: string; risk?: number; language?: string | null };

export interface Appeal {
  id: string;
  text: string;
  created_at: string;
  against: { by: "machine" | "moderator"; by_me: boolean; name: string | null; reason: string | null };
  /** false: against one's own decision, a colleague answers it. */
  decidable: boolean;
  state: "open" | "upheld" | "overturned" | "closed";
  note: string | null;
  decided_at: string | null;
}

export interface AppealAnswer {
  outcome: "upheld" | "overturned";
  note?: string;
  reason?: string;
}

/** What authors are told, by reason and language. */
export interface ReceiptTexts {
  languages: string[];
  /** By reason: what its text may have in braces. */
  places: Record<string, string[]>;
  house: Record<string, Record<string, string>>;
  own: Record<string, Record<string, string>>;
}

export interface Item {
  comment: ModeratedComment;
  article: Article & { key_id?: string; section?: string | null };
  parent: Comment | null;
  reports: Report[];
  reports_before: number;
  brigading: Brigading;
  author: Author | null;
  decisions: Decision[];
  claimed_by: Holder | null;
  /** Somebody asks a colleague about it. */
  second_opinion: { by: string; by_me: boolean; note: string; at: string } | null;
  appeal: Appeal | null;
  opinions: OpinionEntry[];
}

export interface Edit {
  source: string;
  edited_at: string;
}

/** An item with its surroundings: ancestors, the comment, its replies. */
export interface Context extends Item {
  thread: Comment[];
  edits: Edit[];
}

export interface QueuePage {
  items: Item[];
  next_cursor: string | null;
  /** Rows of the queue that were sifted for this page. */
  looked_through: number;
  counts: Counts;
}

/** What the filters can be set to: seen lately. */
export interface Menus {
  sections: string[];
  languages: string[];
  rules: string[];
}

/** `marks`: where the words stand in the comment's text, in code points. */
export interface FoundComment {
  comment: ModeratedComment;
  article: Article & { section: string | null };
  marks: [number, number][];
}

export interface FoundMember {
  author: Author;
  sub: string;
}

export interface SearchPage {
  comments: FoundComment[];
  members: FoundMember[];
  next_cursor: string | null;
  looked_through: number;
}

export interface Verdict {
  decision: "approve" | "reject";
  reason?: string;
  /** To the author, in the receipt; the note is for moderators. */
  message?: string;
  note?: string;
  /** Also if a colleague has it before them. */
  take_over?: boolean;
}

/** What the server answers to one. */
export interface Decided {
  comment: Comment;
  counts: Counts;
  decision_id: string;
}

// MANY AT ONCE

/** What a decision about many leaves out, and why. */
export interface LeftOut {
  id: string;
  why: string;
  claimed_by: Holder | null;
}

/** `stubs`: published comments that replies hang on; `replies`: how many answer them. */
export interface BulkPreview {
  count: number;
  by_status: Record<string, number>;
  authors: number;
  articles: number;
  reports: number;
  stubs: number;
  replies: number;
  left_out: LeftOut[];
}

export interface BulkDone {
  decided: { id: string; decision_id: string }[];
  left_out: LeftOut[];
  counts: Counts;
}

export interface BulkUndone {
  items: Item[];
  left_out: LeftOut[];
  counts: Counts;
}

export interface Ban {
  reason: string;
  until: string | null;
  reject_waiting: boolean;
}

export type ArticleRow = Article & { total: number; waiting: number; created_at: string };

export interface ArticlesPage {
  articles: ArticleRow[];
  next_cursor: string | null;
}

export interface AuditEntry {
  id: string;
  at: string;
  by: string | null;
  action: string;
  subject: { type: string; id: string; label: string | null } | null;
  before: unknown;
  after: unknown;
  reason: string | null;
  note: string | null;
}

export interface AuditPage {
  entries: AuditEntry[];
  next_cursor: string | null;
}

// FIGURES

/** Counts of some time; times in seconds, within 10 %. */
export interface FiguresRow {
  posted: number;
  held: number;
  imported: number;
  held_share: number | null;
  approved: number;
  rejected: number;
  by_service: number;
  p50: number | null;
  p95: number | null;
  overturned: number;
  reported: number;
  appealed: number;
}

/** `from`, `to` and `at` by the clock of the site. */
export interface Figures {
  by: "day" | "hour";
  from: string;
  to: string;
  time_zone: string;
  as_of: string | null;
  hours_to_count: number;
  series: (FiguresRow & { at: string })[];
  total: FiguresRow;
  rules: { rule: string; held: number }[];
  reasons: { reason: string; rejected: number; overturned: number }[];
  moderators: { id: string; name: string; decided: number; overturned: number }[];
  moderators_shown: "all" | "own";
}

/** What a classifier said about a version of a comment, or why it did not. */
export interface OpinionEntry {
  classifier: string;
  kind: string;
  model: string | null;
  model_version: string | null;
  version: number;
  scores: Record<string, number>;
  thresholds: Record<string, number>;
  outcome: "none" | "note" | "hold" | "failed";
  at: string;
  took_ms: number | null;
  error: string | null;
}

export interface OpinionRule {
  thresholds: Record<string, number>;
  action: "hold" | "note";
  first: "appear" | "wait";
  without: "appear" | "wait";
  patience: number;
}

export interface Classifier {
  name: string;
  kind: string;
  enabled: boolean;
  config: Record<string, unknown> | null;
  has_secret: boolean;
  rule: OpinionRule | null;
  trouble: { since: string; error: string } | null;
  last_test: {
    id: string;
    at: string;
    took_ms: number;
    scores?: Record<string, number>;
    model?: string;
    model_version?: string | null;
    error?: string;
  } | null;
}

export interface ConfigField {
  name: string;
  type: "text" | "number" | "boolean";
  default: unknown;
}

export interface ClassifierKind {
  name: string;
  secret: "needed" | "possible" | "none";
  labels: string[];
  /** Whether texts leave the house. */
  outside: boolean;
  config: ConfigField[];
  error: string | null;
}

export interface Classifiers {
  classifiers: Classifier[];
  kinds: ClassifierKind[];
}

export interface NewClassifier {
  name: string;
  kind: string;
  config: Record<string, unknown>;
  secret: string | null;
}

/** null: it stays as it is. */
export interface ClassifierChange {
  config: Record<string, unknown> | null;
  secret: string | null;
  enabled: boolean | null;
}

export type LawState = "open" | "decided";

/** A legal notice as the queue has it. */
export interface NoticeRow {
  id: string;
  reference: string;
  about: string;
  name: string | null;
  email: string | null;
  trusted: boolean;
  flagger: string | null;
  version: number;
  created_at: string;
  due_at: string | null;
  overdue: boolean;
  author_told_at: string | null;
  author_due_at: string | null;
  escalated_at: string | null;
  decided_at: string | null;
  outcome: "no_action" | "restricted" | null;
  by: string | null;
  comments: string[];
  excerpt: string;
}

export interface LegalNotice extends NoticeRow {
  text: string;
  urls: string[];
  details: Record<string, string | boolean>;
  escalation: string | null;
  answer: string | null;
  complaint: string | null;
  items: Item[];
  reasons: string[];
  /** Whether this account may decide it now. */
  can: boolean;
}

export interface NoticeQueue {
  items: NoticeRow[];
  next_cursor: string | null;
  open: number;
  complaints: number;
}

export interface NoticeVerdict {
  outcome: "no_action" | "restricted";
  version: number;
  answer: string;
  comments: { id: string; version: number }[];
  reason: string | null;
  legal_ground: string | null;
  explanation: string | null;
}

export interface Complaint {
  id: string;
  kind: "statement" | "notice";
  measure: string | null;
  explanation: string | null;
  member_id: string | null;
  member: string | null;
  notice_id: string | null;
  reference: string | null;
  against: string | null;
  against_me: boolean;
  text: string;
  created_at: string;
  decided_at: string | null;
  /** closed: whoever complained was erased */
  outcome: "upheld" | "overturned" | "closed" | null;
  note: string | null;
}

export interface Flagger {
  id: string;
  name: string;
  email: string;
  area: string | null;
  notices: Record<string, number>;
}
