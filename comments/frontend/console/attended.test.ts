// Somebody is there for a minute after they touched something.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isUnattended, touch } from "./attended";

test("a console is unattended a minute after the last touch", () => {
  touch(1_000_000);
  assert.equal(isUnattended(1_060_000), false);
  assert.equal(isUnattended(1_060_001), true);
  touch(1_060_001);
  assert.equal(isUnattended(1_060_002), false);
});
