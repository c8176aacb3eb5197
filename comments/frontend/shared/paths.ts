// Paths below /api/v1 that both embed.js and the widget ask for.
import type { Sort } from "./types";

export const articlePath = (site: string, article: string): string =>
  `/sites/${encodeURIComponent(site)}/articles/${encodeURIComponent(article)}`;

/** A thread's first page; embed.js asks for it while the widget loads. */
export const pagePath = (site: string, article: string, sort: Sort): string => `${articlePath(site, article)}/comments?sort=${sort}`;
