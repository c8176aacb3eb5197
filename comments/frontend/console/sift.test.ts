import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, filtersOf, readSift, writeSift } from "./sift";
import { address, parse } from "./router";

test("what is chosen stands in the address, and what is no choice does not", () => {
  const sift = readSift("?order=risk&section=Local+news&age=day&language=&bogus=1&second_opinion=yes");
  assert.deepEqual(sift, { order: "risk", section: "Local news", age: "day" });
  assert.equal(writeSift(sift), "?order=risk&section=Local+news&age=day");
  assert.equal(writeSift(readSift("?order=oldest")), "");
  assert.deepEqual(readSift("?order=worst&age=century"), {});
  assert.equal(filtersOf(sift), 2);
});

test("a queue's address keeps how it is sifted", () => {
  const route = { page: "queue", site: "gazette", queue: "appeals", id: "7", sift: { rule: "links", order: "newest" } } as const;
  const [path, search] = address(route).split("?");
  assert.deepEqual(parse(path ?? "", `?${search ?? ""}`), route);
});

test("an age is a time for the API", () => {
  const now = Date.parse("2026-03-02T09:00:00Z");
  assert.deepEqual(asked({ age: "hour", order: "risk" }, now), { order: "risk", since: "2026-03-02T08:00:00.000Z" });
  assert.deepEqual(asked({ age: "older" }, now), { until: "2026-03-01T09:00:00.000Z" });
});

test("a search's address", () => {
  const route = { page: "search", site: "gazette", q: "a b", kind: "members", status: "" } as const;
  assert.equal(address(route), "/console/gazette/search?q=a+b&kind=members");
  assert.deepEqual(parse("/console/gazette/search", "?q=a+b&kind=members"), route);
  assert.deepEqual(parse("/console/gazette/search"), { page: "search", site: "gazette", q: "", kind: "comments", status: "" });
});
