// The calls: CSRF on what changes something, stable codes out of every failure, the end of a session told once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, createApi, itemOf } from "./api";

interface Sent {
  method: string;
  url: string;
  csrf: string | undefined;
  body: unknown;
}

/** A network that answers from a list, in order, and keeps what was sent. */
function network(...answers: (Response | Error)[]) {
  const sent: Sent[] = [];
  const ended: true[] = [];
  const ask = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = init.headers as Record<string, string>;
    sent.push({ method: init.method ?? "GET", url: String(url), csrf: headers["X-CSRF-Token"], body: init.body ? JSON.parse(String(init.body)) : undefined });
    const answer = answers.shift();
    if (answer === undefined) throw new Error("asked more often than answered");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { api: createApi(() => void ended.push(true), ask as typeof fetch), sent, ended };
}

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const session = (csrf: string): Response => json({ user: { id: "1", email: "m@example.com", name: "m", role: "moderator" }, csrf, sites: [] });
const decided = (): Response => json({ comment: {}, counts: { waiting: 0, reported: 0, new: 0 } });
const verdict = { decision: "reject", reason: "spam" } as const;

async function problemOf(call: Promise<unknown>): Promise<{ status: number; code: string }> {
  const error = await call.then(() => assert.fail("this must fail"), (thrown: unknown) => thrown);
  assert.ok(error instanceof ApiError);
  return { status: error.status, code: error.code };
}

test("a decision carries the version that was seen and the session's CSRF token", async () => {
  const { api, sent } = network(session("one"), decided());
  await api.session();
  await api.decide("12", 3, verdict);
  assert.deepEqual(sent[1], { method: "POST", url: "/api/v1/console/comments/12/decision", csrf: "one", body: { decision: "reject", reason: "spam", version: 3 } });
});

test("a read carries no CSRF token, and names are escaped", async () => {
  const { api, sent } = network(json({ items: [], next_cursor: null, counts: {} }));
  await api.queue("a/b c", "new", "x=1", 25);
  assert.deepEqual(sent, [{ method: "GET", url: "/api/v1/console/sites/a%2Fb%20c/queues/new?cursor=x%3D1&limit=25", csrf: undefined, body: undefined }]);
});

test("after another tab signed in anew the call is sent again with the new token, once", async () => {
  const refused = (): Response => json({ code: "csrf" }, 403);
  const { api, sent } = network(session("one"), refused(), session("two"), decided());
  await api.session();
  await api.decide("12", 3, verdict);
  assert.deepEqual(sent.map((one) => one.csrf), [undefined, "one", undefined, "two"]);

  const stubborn = network(session("one"), refused(), session("one"));
  await stubborn.api.session();
  assert.deepEqual(await problemOf(stubborn.api.decide("12", 3, verdict)), { status: 403, code: "csrf" });
});

test("the end of the session is told by any call but the sign-in", async () => {
  const { api, ended } = network(json({ code: "bad_credentials" }, 401), json({ code: "signed_out" }, 401));
  assert.deepEqual(await problemOf(api.signIn("m@example.com", "x")), { status: 401, code: "bad_credentials" });
  assert.equal(ended.length, 0);
  assert.deepEqual(await problemOf(api.counts("gazette")), { status: 401, code: "signed_out" });
  assert.equal(ended.length, 1);
});

test("no network, a proxy's page and a nameless failure have codes too", async () => {
  assert.deepEqual(await problemOf(network(new TypeError("failed to fetch")).api.counts("g")), { status: 0, code: "offline" });
  assert.deepEqual(await problemOf(network(new Response("<h1>Bad gateway</h1>", { status: 502 })).api.counts("g")), { status: 502, code: "unavailable" });
  assert.deepEqual(await problemOf(network(json({}, 418)).api.counts("g")), { status: 418, code: "unexpected" });
});

test("a conflict brings the comment as it is now", () => {
  assert.equal(itemOf({ status: 409, code: "changed_meanwhile" }), null);
  const item = { comment: { id: "1" } };
  assert.equal(itemOf({ status: 409, code: "changed_meanwhile", item }), item);
});
