// What the console's calls about rules answer. Types only.
export type RuleValue = unknown;
/** A rule set, or what a section or an article has otherwise: value by name. */
export type Rules = Record<string, RuleValue>;

export interface Version {
  /** 0: nobody has changed anything yet. */
  number: number;
  at: string | null;
  by: string | null;
  reason: string | null;
}

export interface SiteRules extends Version {
  rules: Rules;
  defaults: Rules;
  sections: string[];
}

export interface ChangedVersion extends Version {
  before: Rules;
  after: Rules;
}

export interface VersionsPage {
  versions: ChangedVersion[];
  next_cursor: string | null;
}

export interface ArticleRules extends Version {
  article: { id: string; title: string | null; section: string | null };
  rules: Rules;
  inherited: Rules;
  versions: ChangedVersion[];
}

export interface Window {
  start: string;
  end: string;
  days: string[];
}

export type Outcome = "published" | "held" | "refused";
export const DIFFERENCES = ["held", "refused", "let_through"] as const;
export type DifferenceName = (typeof DIFFERENCES)[number];

export interface Example {
  comment_id: string;
  article: { id: string; title: string | null };
  author: string | null;
  created_at: string;
  status: string;
  before: Outcome;
  findings: { rule: string; kind: "refuse" | "hold" | "approve" | "note"; reason: string; params: Record<string, unknown> }[];
  excerpt: { text: string; marked: boolean }[];
}

export interface Difference {
  count: number;
  rules: { rule: string; count: number }[];
  words: { word: string; count: number }[];
  examples: Example[];
}

export interface TrialResult {
  looked_at: number;
  since: string | null;
  today: Record<Outcome, number>;
  changed: Record<Outcome, number>;
  reckoned: { rule: string; how: "window" | "figures" | "present" }[];
  differences: Record<DifferenceName, Difference>;
  took_ms: number;
}

export interface Trial {
  id: string;
  most: number;
  finished_at: string | null;
  result: TrialResult | null;
  error: string | null;
}
