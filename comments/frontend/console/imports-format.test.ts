import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { formatOf, startOf } from "./imports-format";

const STARTS: [string, string | null][] = [
  ['{"archive":"comments","version":1}\n', "archive"],
  ['\ufeff<?xml version="1.0"?>\n<disqus xmlns="http://disqus.com">', "disqus"],
  ['<?xml version="1.0"?><rss version="2.0">', "wordpress"],
  ["SQLite format 3\0", "isso"],
  ['[{"id": "/a/"', "isso"],
  ['{"version":1,"users":[', "remark42"],
  ['{\n "version": 1,\n "comments": [{"commentHex": "a"', "commento"],
  ['{"_id":{"$oid":"5f0"},"tenantID":"t"', "coral"],
  ["hello", null],
];

for (const [start, format] of STARTS)
  test(`${JSON.stringify(start.slice(0, 30))} is of ${format}`, () => assert.equal(formatOf("export", start), format));

test("where the start says nothing the name does", () => assert.equal(formatOf("backup-1.gz", ""), "remark42"));

test("the start of a compressed file is read, too", async () => {
  const packed = gzipSync('{"archive":"comments","version":1}\n');
  assert.equal(formatOf("a.gz", await startOf(new Blob([packed]))), "archive");
});
