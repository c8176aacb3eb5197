// The socket client: what it reads and writes, and how it comes back. The wire is a fake: the world's edge.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { backOff, connectFrame, eventFrame, openLine, readFrame, type Line, type LineState } from "./socket";

test("frames of Engine.IO 4 with Socket.IO v5 inside", () => {
  assert.deepEqual(readFrame('0{"sid":"x","pingInterval":25000,"pingTimeout":20000}'), ["open", 50_000]);
  assert.deepEqual(readFrame("2"), ["ping"]);
  assert.deepEqual(readFrame("1"), ["close"]);
  assert.deepEqual(readFrame("41"), ["close"]);
  assert.deepEqual(readFrame('40{"sid":"y"}'), ["connected"]);
  assert.deepEqual(readFrame('44{"message":"token_expired"}'), ["refused", "token_expired"]);
  assert.deepEqual(readFrame('42["thread.batch",{"seq":3}]'), ["event", "thread.batch", { seq: 3 }]);
  assert.deepEqual(readFrame('4217["a",1]'), ["event", "a", 1]);
  assert.deepEqual(readFrame('4312[{"ok":true}]'), ["ack", 12, { ok: true }]);
  assert.equal(connectFrame({ site: "s" }), '40{"site":"s"}');
  assert.equal(eventFrame(3, "token", { token: "t" }), '423["token",{"token":"t"}]');
});

test("what is no frame of ours says nothing", () => {
  for (const data of ["", "9", "42", "42{", "42{}", "43", "451-[]", "x", new ArrayBuffer(2), null]) assert.deepEqual(readFrame(data), ["other"], String(data));
});

test("the back-off is full jitter under a doubling ceiling", () => {
  assert.deepEqual([0, 1, 2, 3, 10, 99].map((failures) => backOff(failures, () => 1)), [1000, 2000, 4000, 8000, 30_000, 30_000]);
  assert.equal(backOff(5, () => 0), 0);
});

class Wire {
  static made: Wire[] = [];
  static get last(): Wire {
    return Wire.made.at(-1) as Wire;
  }
  onmessage: (event: { data: string }) => void = () => {};
  onclose: () => void = () => {};
  sent: string[] = [];
  closed = false;
  constructor(readonly url: string) {
    Wire.made.push(this);
  }
  send(frame: string): void {
    this.sent.push(frame);
  }
  close(): void {
    this.closed = true;
  }
  async says(...frames: string[]): Promise<void> {
    for (const data of frames) {
      this.onmessage({ data });
      await Promise.resolve().then(() => {}).then(() => {});
    }
  }
}

const OPEN = '0{"sid":"x","pingInterval":1000,"pingTimeout":500}';

/** A line on the fake wire, with the time in hand. */
async function lined(use: (line: Line, states: LineState[], events: unknown[], page: EventTarget & { hidden: boolean }) => Promise<void>): Promise<void> {
  const page = Object.assign(new EventTarget(), { hidden: false });
  Object.assign(globalThis, {
    WebSocket: Wire, document: page, addEventListener: page.addEventListener.bind(page), removeEventListener: page.removeEventListener.bind(page),
  });
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  Wire.made = [];
  const states: LineState[] = [];
  const events: unknown[] = [];
  const line = openLine({
    base: "https://c.example", auth: () => ({ after: events.length }), onState: (state) => states.push(state),
    onEvent: (name, payload) => events.push([name, payload]), onRefused: (code) => code !== "not_found",
  });
  try {
    await use(line, states, events, page);
  } finally {
    line.close();
    mock.timers.reset();
  }
}

test("connects, greets with the present auth, answers pings, gives events, resolves acks", () => lined(async (line, states, events) => {
  assert.equal(Wire.last.url, "wss://c.example/socket.io/?EIO=4&transport=websocket");
  await Wire.last.says(OPEN, '40{"sid":"y"}', '42["e",1]', "2");
  assert.deepEqual(Wire.last.sent, ['40{"after":0}', "3"]);
  assert.deepEqual([states, events], [["connecting", "open"], [["e", 1]]]);
  const answer = line.ask("token", { token: "t" });
  assert.equal(Wire.last.sent.at(-1), '421["token",{"token":"t"}]');
  await Wire.last.says('431[{"ok":true}]');
  assert.deepEqual(await answer, { ok: true });
}));

test("a silent line is given up after the server's own patience, and connected again with the new auth", () => lined(async (_, states) => {
  await Wire.last.says(OPEN, "40{}", '42["e",1]');
  mock.timers.tick(1000 + 500 + 5000);
  assert.equal(Wire.made[0]?.closed, true);
  mock.timers.tick(1000);
  assert.equal(Wire.made.length, 2);
  await Wire.last.says(OPEN);
  assert.deepEqual(Wire.last.sent, ['40{"after":1}']);
  assert.deepEqual(states, ["connecting", "open", "waiting", "connecting"]);
}));

test("each ping winds the watchdog up", () => lined(async () => {
  await Wire.last.says(OPEN, "40{}");
  for (let n = 0; n < 5; n += 1) {
    mock.timers.tick(6000);
    await Wire.last.says("2");
  }
  assert.equal(Wire.made.length, 1);
}));

test("a hidden tab waits until it is looked at", () => lined(async (_, __, ___, page) => {
  await Wire.last.says(OPEN, "40{}");
  page.hidden = true;
  Wire.last.onclose();
  mock.timers.tick(60_000);
  assert.equal(Wire.made.length, 1);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(Wire.made.length, 2);
}));

test("a refusal is tried again, or for good when the answer says so", () => lined(async (line) => {
  await Wire.last.says(OPEN, '44{"message":"token_expired"}');
  mock.timers.tick(1000);
  assert.equal(Wire.made.length, 2);
  await Wire.last.says(OPEN, '44{"message":"not_found"}');
  mock.timers.tick(60_000);
  assert.deepEqual([line.state, Wire.made.length], ["closed", 2]);
}));

test("a closed line stays closed, and an old socket's messages are nobody's", () => lined(async (line, _, events) => {
  await Wire.last.says(OPEN, "40{}");
  const old = Wire.last;
  line.renew();
  await old.says('42["late",1]');
  assert.deepEqual([events, Wire.made.length], [[], 2]);
  line.close();
  Wire.last.onclose();
  mock.timers.tick(60_000);
  assert.equal(Wire.made.length, 2);
}));
