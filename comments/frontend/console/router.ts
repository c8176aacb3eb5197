// The console's addresses: parse, write and follow them. Pure apart from `navigate` and `useRoute`, which own
// history; components name a Route, never a path, so that an address is spelled in this file only.
import { useEffect, useState } from "preact/hooks";
import { rangeOf, searchOf } from "./figures-range";
import type { FiguresRange } from "./figures-range";
import { readSift, writeSift } from "./sift";
import type { Sift } from "./sift";

export const QUEUES = ["waiting", "reported", "new", "appeals"] as const;
export type QueueName = (typeof QUEUES)[number];

export const SEARCH_KINDS = ["comments", "members"] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];

export type Route =
  | { page: "start" }
  | { page: "queue"; site: string; queue: QueueName; id: string | null; sift?: Sift }
  | { page: "comment"; site: string; id: string }
  | { page: "articles"; site: string; q: string }
  | { page: "rules"; site: string; article: string | null }
  | { page: "member"; site: string; id: string }
  | { page: "search"; site: string; q: string; kind: SearchKind; status: string }
  | { page: "audit"; site: string }
  | { page: "classifiers"; site: string }
  | { page: "exports"; site: string }
  | { page: "imports"; site: string }
  | { page: "api-keys"; site: string }
  | { page: "webhooks"; site: string; id: string | null }
  | { page: "figures"; site: string; range: FiguresRange }
  | { page: "notices"; site: string; id: string | null }
  | { page: "texts"; site: string }
  | { page: "account"; site: string }
  | { page: "unknown" };

function queueOf(part: string | undefined): QueueName | null {
  return QUEUES.find((name) => name === part) ?? null;
}

function unescape(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The route of an address such as `/console/gazette/waiting/12`; `unknown` for what the console does not have. */
export function parse(path: string, search = ""): Route {
  const parts = path.split("/").filter(Boolean).map(unescape);
  if (parts[0] !== "console") return { page: "unknown" };
  const [, site, page, id, rest] = parts;
  if (site === undefined) return { page: "start" };
  if (rest !== undefined) return { page: "unknown" };
  const queue = queueOf(page ?? "waiting");
  if (queue !== null) {
    const sift = readSift(search);
    return { page: "queue", site, queue, id: id ?? null, ...(writeSift(sift) === "" ? {} : { sift }) };
  }
  if (page === "comments" && id !== undefined) return { page: "comment", site, id };
  if (page === "members" && id !== undefined) return { page: "member", site, id };
  if (page === "articles" && id === undefined) return { page: "articles", site, q: new URLSearchParams(search).get("q") ?? "" };
  if (page === "rules" && id === undefined) return { page: "rules", site, article: new URLSearchParams(search).get("article") };
  if (page === "search" && id === undefined) return searchRoute(site, new URLSearchParams(search));
  if (page === "audit" && id === undefined) return { page: "audit", site };
  if (page === "imports" && id === undefined) return { page: "imports", site };
  if (page === "exports" && id === undefined) return { page: "exports", site };
  if (page === "classifiers" && id === undefined) return { page: "classifiers", site };
  if (page === "api-keys" && id === undefined) return { page: "api-keys", site };
  if (page === "webhooks") return { page: "webhooks", site, id: id ?? null };
  if (page === "figures" && id === undefined) return { page: "figures", site, range: rangeOf(new URLSearchParams(search)) };
  if (page === "notices") return { page: "notices", site, id: id ?? null };
  if (page === "texts" && id === undefined) return { page: "texts", site };
  if (page === "account" && id === undefined) return { page: "account", site };
  return { page: "unknown" };
}

function searchRoute(site: string, asked: URLSearchParams): Route {
  const kind = SEARCH_KINDS.find((name) => name === asked.get("kind")) ?? "comments";
  return { page: "search", site, q: asked.get("q") ?? "", kind, status: asked.get("status") ?? "" };
}

/** `?a=b`, or nothing where nothing is set. */
function query(pairs: [name: string, value: string][]): string {
  const text = new URLSearchParams(pairs.filter(([, value]) => value !== "")).toString();
  return text === "" ? "" : `?${text}`;
}

/** The address of a route; the inverse of `parse`. */
export function address(route: Route): string {
  if (route.page === "start" || route.page === "unknown") return "/console";
  const base = `/console/${encodeURIComponent(route.site)}`;
  switch (route.page) {
    case "queue":
      return `${base}/${route.queue}${route.id === null ? "" : `/${encodeURIComponent(route.id)}`}${writeSift(route.sift ?? {})}`;
    case "comment":
      return `${base}/comments/${encodeURIComponent(route.id)}`;
    case "member":
      return `${base}/members/${encodeURIComponent(route.id)}`;
    case "articles":
      return `${base}/articles${route.q === "" ? "" : `?q=${encodeURIComponent(route.q)}`}`;
    case "rules":
      return `${base}/rules${route.article === null ? "" : `?article=${encodeURIComponent(route.article)}`}`;
    case "search":
      return `${base}/search${query([["q", route.q], ["kind", route.kind === "comments" ? "" : route.kind], ["status", route.status]])}`;
    case "audit":
      return `${base}/audit`;
    case "classifiers":
      return `${base}/classifiers`;
    case "imports":
      return `${base}/imports`;
    case "exports":
      return `${base}/exports`;
    case "api-keys":
      return `${base}/api-keys`;
    case "webhooks":
      return `${base}/webhooks${route.id === null ? "" : `/${encodeURIComponent(route.id)}`}`;
    case "figures":
      return `${base}/figures${searchOf(route.range)}`;
    case "notices":
      return `${base}/notices${route.id === null ? "" : `/${encodeURIComponent(route.id)}`}`;
    case "texts":
      return `${base}/texts`;
    case "account":
      return `${base}/account`;
  }
}

const here = (): Route => parse(location.pathname, location.search);
const followers = new Set<() => void>();

/** Go to a route. `replace` keeps moving through a queue from filling the browser's history. */
export function navigate(route: Route, how: "push" | "replace" = "push"): void {
  const to = address(route);
  if (to === location.pathname + location.search) return;
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  for (const follow of followers) follow();
}

/** The present route, kept up with `navigate` and with the browser's back and forward. */
export function useRoute(): Route {
  const [route, setRoute] = useState(here);
  useEffect(() => {
    const follow = (): void => setRoute(here());
    followers.add(follow);
    addEventListener("popstate", follow);
    return () => {
      followers.delete(follow);
      removeEventListener("popstate", follow);
    };
  }, []);
  return route;
}
