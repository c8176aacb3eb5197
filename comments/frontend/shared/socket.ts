// A small Socket.IO v5 client (Engine.IO 4, websocket only): acks, heartbeat watchdog, full-jitter back-off, aware of
// `online` and of hidden tabs. For the widget's live thread and the console's queues; it knows nothing of comments.

export type LineState = "connecting" | "open" | "waiting" | "closed";

export interface LineOptions {
  /** Where the service lives, e.g. https://comments.example.com; https becomes wss. */
  base: string;
  /** The CONNECT auth, asked for at every connection, so that `after` and the token are the present ones. */
  auth: () => unknown | Promise<unknown>;
  onEvent: (name: string, payload: unknown) => void;
  onState?: (state: LineState) => void;
  /** The server refused the CONNECT with this code. Answer false to stop trying. */
  onRefused?: (code: string) => boolean | void | Promise<boolean | void>;
}

export interface Line {
  /** Sends an event and waits for its ack; rejects when the line is down or cut meanwhile. */
  ask: (name: string, payload: unknown) => Promise<unknown>;
  /** Reconnects at once, e.g. after a log-in. */
  renew: () => void;
  close: () => void;
  readonly state: LineState;
}

/** Milliseconds. */
const BASE_DELAY = 1_000;
const LONGEST_DELAY = 30_000;
const HANDSHAKE_LIMIT = 15_000;
const SLACK = 5_000;

export type Frame =
  | { kind: "open"; interval: number; timeout: number }
  | { kind: "ping" }
  | { kind: "close" }
  | { kind: "connected" }
  | { kind: "refused"; code: string }
  | { kind: "event"; name: string; payload: unknown }
  | { kind: "ack"; id: number; payload: unknown }
  | { kind: "other" };

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** One websocket text message of Engine.IO 4, with the Socket.IO v5 packet inside a message (default namespace only). */
export function readFrame(data: unknown): Frame {
  if (typeof data !== "string") return { kind: "other" };
  switch (data[0]) {
    case "0": {
      const { pingInterval, pingTimeout } = record(json(data.slice(1)));
      return { kind: "open", interval: Number(pingInterval) || 25_000, timeout: Number(pingTimeout) || 20_000 };
    }
    case "1": return { kind: "close" };
    case "2": return { kind: "ping" };
    case "4": return readPacket(data.slice(1));
    default: return { kind: "other" };
  }
}

function readPacket(packet: string): Frame {
  const [, kind, digits = "", rest = ""] = /^(\d)(\d*)([^]*)$/.exec(packet) ?? [];
  if (kind === "0") return { kind: "connected" };
  if (kind === "1") return { kind: "close" };
  if (kind === "4") return { kind: "refused", code: String(record(json(rest))["message"] ?? "refused") };
  const list = json(rest);
  if (!Array.isArray(list)) return { kind: "other" };
  if (kind === "2" && typeof list[0] === "string") return { kind: "event", name: list[0], payload: list[1] };
  if (kind === "3" && digits) return { kind: "ack", id: Number(digits), payload: list[0] };
  return { kind: "other" };
}

export const connectFrame = (auth: unknown): string => `40${JSON.stringify(auth ?? {})}`;

export const eventFrame = (id: number, name: string, payload: unknown): string => `42${id}${JSON.stringify([name, payload])}`;

/** Full jitter: anywhere between nothing and the doubled ceiling, so that a restart does not meet a stampede. */
export function backOff(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_DELAY, BASE_DELAY * 2 ** failures);
}

type Asked = { resolve: (answer: unknown) => void; reject: (error: Error) => void };

class SocketLine implements Line {
  state: LineState = "connecting";
  #socket: WebSocket | undefined;
  #failures = 0;
  #asks = 0;
  #asked = new Map<number, Asked>();
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #heard = 0;
  #patience = HANDSHAKE_LIMIT;

  constructor(private readonly options: LineOptions) {
    addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.#connect();
  }

  ask(name: string, payload: unknown): Promise<unknown> {
    const socket = this.#socket;
    if (this.state !== "open" || !socket) return Promise.reject(new Error("the line is down"));
    const id = this.#asks++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      socket.send(eventFrame(id, name, payload));
    });
  }

  renew(): void {
    if (this.state === "closed") return;
    this.#drop();
    this.#failures = 0;
    this.#connect();
  }

  close(): void {
    this.#drop();
    this.#become("closed");
    removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
  }

  /** Back from sleep, from another tab or from no network: a silent line is a dead one, a waiting one need not wait. */
  #wake = (): void => {
    if (document.hidden || this.state === "closed") return;
    if (this.state === "waiting") this.renew();
    else if (this.#socket && Date.now() - this.#heard > this.#patience) this.renew();
  };

  #become(state: LineState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState?.(state);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#become("connecting");
    this.#patience = HANDSHAKE_LIMIT;
    let socket: WebSocket;
    try {
      const url = `${this.options.base.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
      socket = this.#socket = new WebSocket(url);
    } catch {
      return this.#lose();
    }
    this.#listen();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(readFrame(data));
    socket.onclose = socket.onerror = () => socket === this.#socket && this.#lose();
  }

  /** Every message winds the watchdog up again; the server pings, so silence means a cut line. */
  #listen(): void {
    this.#heard = Date.now();
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lose(), this.#patience);
  }

  #take(frame: Frame): void {
    this.#listen();
    switch (frame.kind) {
      case "open":
        this.#patience = frame.interval + frame.timeout + SLACK;
        return void this.#greet();
      case "ping": return this.#socket?.send("3");
      case "connected":
        this.#failures = 0;
        return this.#become("open");
      case "refused": return void this.#refused(frame.code);
      case "event": return this.options.onEvent(frame.name, frame.payload);
      case "ack":
        this.#asked.get(frame.id)?.resolve(frame.payload);
        this.#asked.delete(frame.id);
        return;
      case "close": return this.#lose();
    }
  }

  async #greet(): Promise<void> {
    const socket = this.#socket;
    try {
      const auth = await this.options.auth();
      if (socket === this.#socket) socket?.send(connectFrame(auth));
    } catch {
      if (socket === this.#socket) this.#lose();
    }
  }

  async #refused(code: string): Promise<void> {
    const socket = this.#socket;
    const go = await this.options.onRefused?.(code);
    if (socket !== this.#socket) return;
    if (go === false) this.close();
    else this.#lose();
  }

  #drop(): void {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const { reject } of this.#asked.values()) reject(new Error("the line was cut"));
    this.#asked.clear();
  }

  /** A hidden tab waits until it is looked at; `wake` brings it back. */
  #lose(): void {
    this.#drop();
    this.#become("waiting");
    const delay = backOff(this.#failures++);
    this.#retry = setTimeout(() => document.hidden || this.#connect(), delay);
  }
}

export const openLine = (options: LineOptions): Line => new SocketLine(options);
