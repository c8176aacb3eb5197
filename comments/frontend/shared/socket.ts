// A small Socket.IO v5 client (Engine.IO 4, websocket only): heartbeat watchdog, full-jitter back-off, aware of `online`
// and of hidden tabs. For the widget's live thread and the console's queues; it knows nothing of comments.

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
  /** Sends an event; the answer, when the server acknowledges it. Never settles on a line that is cut meanwhile. */
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

/** What a websocket message says: a name of ours, or `event` with its name and payload. */
export type Frame =
  | ["open", patience: number]
  | ["ping" | "close" | "connected" | "other"]
  | ["refused", code: string]
  | ["event", name: string, payload: unknown]
  | ["ack", id: number, payload: unknown];

// What it holds is looked at where it is used.
function json(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** One text message of Engine.IO 4, with the Socket.IO v5 packet inside (default namespace only; nothing binary). */
export function readFrame(data: unknown): Frame {
  const [, kind, id, rest = ""] = /^(4\d|\d)(\d*)([^]*)$/.exec(String(data)) ?? [];
  const found = json(rest);
  switch (kind) {
    case "0": return ["open", (found?.pingInterval || 25_000) + (found?.pingTimeout || 20_000) + SLACK];
    case "1": case "41": return ["close"];
    case "2": return ["ping"];
    case "40": return ["connected"];
    case "42": return Array.isArray(found) ? ["event", String(found[0]), found[1]] : ["other"];
    case "43": return Array.isArray(found) ? ["ack", Number(id), found[0]] : ["other"];
    case "44": return ["refused", String(found?.message ?? "refused")];
    default: return ["other"];
  }
}

export const connectFrame = (auth: unknown): string => `40${JSON.stringify(auth ?? {})}`;

export const eventFrame = (id: number, name: string, payload: unknown): string => `42${id}${JSON.stringify([name, payload])}`;

/** Full jitter: anywhere between nothing and the doubled ceiling, so that a restart does not meet a stampede. */
export function backOff(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_DELAY, BASE_DELAY * 2 ** failures);
}

export function openLine({ base, auth, onEvent, onState, onRefused }: LineOptions): Line {
  let state: LineState = "closed";
  let socket: WebSocket | null = null;
  let failures = 0;
  let asks = 0;
  const asked = new Map<number, (answer: unknown) => void>();
  let timer: ReturnType<typeof setTimeout>;
  let heard = 0;
  let patience = 0;

  const become = (next: LineState): void => {
    if (state === next) return;
    state = next;
    onState?.(next);
  };
  const drop = (): void => {
    clearTimeout(timer);
    const old = socket;
    socket = null;
    old?.close();
    asked.clear();
  };
  /** A hidden tab waits until it is looked at; `wake` brings it back. */
  const lose = (): void => {
    drop();
    become("waiting");
    timer = setTimeout(() => document.hidden || connect(), backOff(failures++));
  };
  /** Every message winds the watchdog up again; the server pings, so silence means a cut line. */
  const listen = (): void => {
    heard = Date.now();
    clearTimeout(timer);
    timer = setTimeout(lose, patience);
  };
  const refused = async (code: string, by = socket): Promise<void> => {
    const go = await onRefused?.(code);
    if (by !== socket) return;
    if (go === false) close();
    else lose();
  };
  const greet = (to = socket): void => {
    Promise.resolve(auth()).then((given) => to === socket && to?.send(connectFrame(given)), () => to === socket && lose());
  };
  const take = ([kind, what, payload]: Frame): void => {
    listen();
    if (kind === "open") {
      patience = what as number;
      greet();
    } else if (kind === "ping") socket?.send("3");
    else if (kind === "connected") {
      failures = 0;
      become("open");
    } else if (kind === "event") onEvent(what as string, payload);
    else if (kind === "ack") asked.get(what as number)?.(payload);
    else if (kind === "refused") void refused(what as string);
    else if (kind === "close") lose();
  };
  function connect(): void {
    drop();
    become("connecting");
    const made = socket = new WebSocket(`${base.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`);
    patience = HANDSHAKE_LIMIT;
    listen();
    made.onmessage = ({ data }) => made === socket && take(readFrame(data));
    made.onclose = () => made === socket && lose();
  }
  const renew = (): void => {
    if (state === "closed") return;
    failures = 0;
    connect();
  };
  /** Back from sleep, another tab or no network: a silent line is a dead one, a waiting one need not wait. */
  const wake = (): void => {
    if (!document.hidden && (state === "waiting" || Date.now() - heard > patience)) renew();
  };
  function close(): void {
    drop();
    become("closed");
    removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wake);
  }

  addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  connect();
  return {
    ask: (name, payload) => new Promise((resolve) => {
      asked.set(++asks, resolve);
      socket?.send(eventFrame(asks, name, payload));
    }),
    renew, close,
    get state() {
      return state;
    },
  };
}
