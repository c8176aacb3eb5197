// Addresses: each route survives being written and read again, and what is no address of ours is unknown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address, parse } from "./router";
import type { Route } from "./router";

const routes: Route[] = [
  { page: "start" },
  { page: "queue", site: "gazette", queue: "waiting", id: null },
  { page: "queue", site: "a b/ü", queue: "reported", id: "12" },
  { page: "comment", site: "gazette", id: "7" },
  { page: "articles", site: "gazette", q: "" },
  { page: "articles", site: "gazette", q: "bus & tram?" },
  { page: "rules", site: "gazette", article: null },
  { page: "rules", site: "gazette", article: "https://a.example/?b&c" },
  { page: "audit", site: "gazette" },
  { page: "notices", site: "gazette", id: null },
  { page: "notices", site: "gazette", id: "12" },
  { page: "exports", site: "gazette" },
  { page: "imports", site: "gazette" },
  { page: "api-keys", site: "gazette" },
  { page: "webhooks", site: "gazette", id: null },
  { page: "webhooks", site: "gazette", id: "12" },
  { page: "figures", site: "gazette", range: { name: "30d" } },
  { page: "figures", site: "gazette", range: { name: "custom", from: "2026-02-01", to: "2026-02-05" } },
];

for (const route of routes) {
  const to = address(route);
  test(`${to} reads as it was written`, () => {
    const url = new URL(to, "https://comments.example.com");
    assert.deepEqual(parse(url.pathname, url.search), route);
  });
}

test("a site alone opens its waiting queue", () => {
  assert.deepEqual(parse("/console/gazette"), { page: "queue", site: "gazette", queue: "waiting", id: null });
  assert.deepEqual(parse("/console/gazette/"), { page: "queue", site: "gazette", queue: "waiting", id: null });
});

for (const path of ["/console/gazette/nothing", "/console/gazette/waiting/1/2", "/console/gazette/comments", "/elsewhere"]) {
  test(`${path} is unknown`, () => assert.deepEqual(parse(path), { page: "unknown" }));
}

test("a broken escape is taken as it stands", () => {
  assert.deepEqual(parse("/console/%zz/audit"), { page: "audit", site: "%zz" });
});
