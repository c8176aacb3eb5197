// Paths below /api/v1 that both embed.js and the widget ask for, and where in this browser texts are kept.
import type { Sort } from "./types";

export const articlePath = (site: string, article: string): string =>
  `/sites/${encodeURIComponent(site)}/articles/${encodeURIComponent(article)}`;

/** A thread's first page; embed.js asks for it while the widget loads. */
export const pagePath = (site: string, article: string, sort: Sort): string => `${articlePath(site, article)}/comments?sort=${sort}`;

/** The key under which a draft is kept in this browser: of the article "", of a reply or a change, or LEFT. */
export const draftKey = (site: string, article: string, place: string): string => `comments:draft:${site}:${article}:${place}`;

/** There stands from where the reader went to log in or to subscribe. */
export const LEFT = "@";
