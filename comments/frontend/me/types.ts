// The answers of /me/api, beside what the widget gets too.
import type { Comment, Notification, Person, Site, Viewer } from "../shared/types";

export interface ArticleInShort {
  id: string;
  title: string | null;
  url: string | null;
}

/** Why something of one's own was restricted, in sentences. */
export interface Statement {
  id: string;
  reference: string;
  measure: "remove" | "hide" | "suspend" | "ban" | "premoderate" | "warn";
  created_at: string;
  text: string[];
  complaint: { possible: boolean; until: string | null; state: string | null; text: string | null; note: string | null };
}

export interface Visit {
  csrf: string;
  site: Site;
  viewer: Viewer;
  /** About what is laid upon the account now. */
  statements: Statement[];
  since: string;
  until: string;
}

export interface OwnComment {
  comment: Comment;
  article: ArticleInShort;
  statement: Statement | null;
  /** A notice of defamation that its author is asked to answer. */
  complaint: { reference: string; title: string; text: string[]; until: string } | null;
}

export interface OwnComments {
  comments: OwnComment[];
  next_cursor: string | null;
}

export interface OwnNotifications {
  notifications: Notification[];
  unread: number;
  next_cursor: string | null;
}

export interface OwnMutes {
  mutes: { member: Person; muted_at: string }[];
  next_cursor: string | null;
}

export interface OwnFollow {
  id: string;
  kind: "thread" | "comment";
  since: string;
  article: ArticleInShort;
  comment: Notification["comment"];
}

export interface OwnFollows {
  follows: OwnFollow[];
  next_cursor: string | null;
}

export interface OwnData {
  export: { state: "waiting" | "running" | "done" | "failed"; done: number; total: number | null; size: number | null; expires_at: string } | null;
  erasure: ("text" | "identity")[];
}

export type MailChoice = "off" | "at_once" | "daily";

export interface OwnMail {
  off: "operator" | "site" | null;
  address: string | null;
  by: "publisher" | "member" | null;
  pending: string | null;
  vouched: string | null;
  refused: boolean;
  kinds: string[];
  choices: Record<string, MailChoice>;
  language: string | null;
}

export interface OwnNames {
  name: string | null;
  by: "member" | "publisher" | null;
  former: { name: string; by: "member" | "publisher"; until: string }[];
}
