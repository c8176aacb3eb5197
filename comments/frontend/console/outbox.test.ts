// The outbox: nothing is lost while nothing answers, nothing is sent out of order, and a refusal is a refusal.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../shared/types";
import { ApiError } from "./api";
import { createOutbox, pause } from "./outbox";
import type { Comment, Decided } from "./types";

const approve = { decision: "approve" } as const;
const reject = { decision: "reject", reason: "spam" } as const;
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** A server that answers each decision as the test says, and a clock whose one timer the test lets run. */
function office() {
  const sent: string[] = [];
  let trouble: (comment: string) => Problem | null = () => null;
  let waiting: (() => void) | null = null;
  const pauses: number[] = [];
  const send = async (id: string, version: number, verdict: { decision: string }): Promise<Decided> => {
    sent.push(`${id}.${version} ${verdict.decision}`);
    await turn();
    const problem = trouble(id);
    if (problem !== null) throw new ApiError(problem);
    return { comment: { id, version: version + 1 } as Comment, counts: { waiting: 0, reported: 0, new: 0, appeals: 0 }, decision_id: `of ${id}` };
  };
  const later = ((run: () => void, after: number) => {
    pauses.push(after);
    waiting = run;
    return 0;
  }) as unknown as typeof setTimeout;
  const outbox = createOutbox(send, later);
  let figures: [kept: number, all: number] = [0, 0];
  outbox.watch((...now) => (figures = now));
  const settled = async (times = 6): Promise<void> => {
    for (let at = 0; at < times; at += 1) await turn();
  };
  return {
    outbox, sent, pauses, settled,
    figures: () => figures,
    answer: (status: number, code: string) => (trouble = () => ({ status, code })),
    refuse: (id: string, code: string) => (trouble = (comment) => (comment === id ? { status: 409, code } : null)),
    well: () => (trouble = () => null),
    wake: async () => {
      waiting?.();
      await settled();
    },
  };
}

const codeOf = async (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(() => "taken", (error: unknown) => (error instanceof ApiError ? error.code : "odd"));

test("with a network each goes out at once and is answered", async () => {
  const { outbox, sent, figures } = office();
  const answers = await Promise.all([outbox.post("1", 1, approve), outbox.post("2", 1, reject)]);
  assert.deepEqual(answers.map((one) => one.decision_id), ["of 1", "of 2"]);
  assert.deepEqual(sent, ["1.1 approve", "2.1 reject"]);
  assert.deepEqual(figures(), [0, 0]);
});

test("without one all are kept, one alone is tried with growing pauses, then all are written", async () => {
  const { outbox, sent, pauses, answer, well, wake, settled, figures } = office();
  answer(0, "offline");
  const made = [outbox.post("1", 1, approve)];
  await settled();
  made.push(outbox.post("2", 1, approve), outbox.post("3", 1, reject));
  assert.deepEqual([sent, figures(), outbox.holds("3")], [["1.1 approve"], [3, 3], true]);
  for (let tries = 0; tries < 6; tries += 1) await wake();
  assert.equal(sent.length, 7);
  assert.deepEqual(new Set(sent), new Set(["1.1 approve"]));
  assert.ok(pauses.every((one) => one >= 1_000 && one <= 30_000), String(pauses));
  assert.ok((pauses[2] ?? 0) > (pauses[0] ?? 0) && (pauses[6] ?? 0) >= 15_000);
  well();
  await wake();
  assert.deepEqual((await Promise.all(made)).map((one) => one.decision_id), ["of 1", "of 2", "of 3"]);
  assert.deepEqual([figures(), outbox.holds("3")], [[0, 0], false]);
});

test("a proxy without a service behind it is waited for; any other failure of the server is told", async () => {
  for (const status of [502, 503, 504]) {
    const { outbox, answer, well, settled, figures } = office();
    answer(status, "unavailable");
    const made = outbox.post("1", 1, approve);
    await settled();
    assert.deepEqual(figures(), [1, 1]);
    well();
    outbox.nudge();
    assert.equal((await made).decision_id, "of 1");
  }
  const { outbox, answer, figures } = office();
  answer(500, "unavailable");
  assert.equal(await codeOf(outbox.post("1", 1, approve)), "unavailable");
  assert.deepEqual(figures(), [0, 0]);
});

test("a refusal comes back alone, and shows that the server is there", async () => {
  const { outbox, answer, refuse, settled, figures } = office();
  answer(0, "offline");
  const first = codeOf(outbox.post("1", 1, approve));
  await settled();
  const second = codeOf(outbox.post("2", 1, approve));
  refuse("1", "changed_meanwhile");
  outbox.nudge();
  assert.deepEqual([await first, await second], ["changed_meanwhile", "taken"]);
  await settled();
  assert.deepEqual(figures(), [0, 0]);
});

test("two decisions on one comment go one after the other, the second on what the first made of it", async () => {
  const { outbox, sent, answer, well, settled } = office();
  answer(0, "offline");
  const first = outbox.post("1", 4, approve);
  await settled();
  const others = [outbox.post("1", 4, reject), outbox.post("2", 1, approve)];
  well();
  outbox.nudge();
  await Promise.all([first, ...others]);
  const ofTheFirst = sent.filter((one) => one.startsWith("1."));
  assert.deepEqual(ofTheFirst, ["1.4 approve", "1.4 approve", "1.5 reject"]);
});

test("many that fail together are one failure", async () => {
  const { outbox, pauses, answer, settled } = office();
  answer(0, "offline");
  for (const id of ["1", "2", "3", "4", "5", "6"]) outbox.post(id, 1, approve).catch(() => undefined);
  await settled();
  assert.ok(pauses.every((one) => one <= 2_000), String(pauses));
});

test("where the session has ended meanwhile they wait for the same account, and for no other", async () => {
  const kept = async () => {
    const desk = office();
    const strays: string[] = [];
    const stray = (comment: string, { code }: Problem): void => void strays.push(`${comment} ${code}`);
    desk.outbox.open("anna", stray);
    desk.answer(0, "offline");
    desk.outbox.post("1", 1, approve).catch(() => undefined);
    desk.outbox.post("2", 1, approve).catch(() => undefined);
    await desk.settled();
    desk.answer(401, "signed_out");
    desk.outbox.nudge();
    await desk.settled();
    assert.deepEqual(desk.figures(), [2, 2]);
    desk.sent.length = 0;
    desk.refuse("1", "changed_meanwhile");
    return { ...desk, strays, stray };
  };
  const same = await kept();
  same.outbox.open("anna", same.stray);
  await same.settled();
  assert.deepEqual([same.sent, same.strays, same.figures()], [["1.1 approve", "2.1 approve"], ["1 changed_meanwhile"], [0, 0]]);
  const other = await kept();
  other.outbox.open("berta", other.stray);
  await other.settled();
  assert.deepEqual([other.sent, other.strays, other.figures()], [[], [], [0, 0]]);
});

test("the pauses double and are spread", () => {
  assert.deepEqual([0, 1, 9].map((tries) => [pause(tries, () => 0), pause(tries, () => 1)]), [[1_000, 2_000], [2_000, 4_000], [15_000, 30_000]]);
});
