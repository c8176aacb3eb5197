// Decisions on their way to the server. While nothing answers they are kept and sent again, with growing pauses and as
// soon as there is a network; those on one comment in their order. The server takes the same decision sent twice as one.
import type { Problem } from "../shared/types";
import { problemOf } from "./api";
import type { Decided, Verdict } from "./types";

/** Milliseconds. */
const FIRST = 2_000;
const LONGEST = 30_000;
/** How many are on their way at once: as many as a browser has connections. */
const AT_ONCE = 6;
/** What a proxy says while the service behind it is away. */
const AWAY = [502, 503, 504];

type Send = (comment: string, version: number, verdict: Verdict) => Promise<Decided>;

interface Letter {
  comment: string;
  version: number;
  verdict: Verdict;
  sending: boolean;
  /** It was sent in vain, or not sent because another was. */
  kept: boolean;
  /** Whoever was to be told is no longer on the screen: signed out meanwhile. */
  stray: boolean;
  done: (answer: Decided) => void;
  failed: (error: unknown) => void;
}

/** Told of a refusal that nobody on the screen waits for any more. */
type Stray = (comment: string, problem: Problem) => void;

export interface Outbox {
  /** Settles once the server has taken or refused it, however long that takes. */
  post: Send;
  /** Whether a decision on this comment is not yet written. */
  holds: (comment: string) => boolean;
  /** Try at once: there is a network again. */
  nudge: () => void;
  /** Somebody has signed in. What another account has left is dropped: nobody decides in somebody else's name. */
  open: (user: string, stray: Stray) => void;
  /** Told of both figures whenever one changes: those kept, and all that are not yet written. */
  watch: (tell: (kept: number, all: number) => void) => void;
}

const isAway = ({ status, code }: Problem): boolean => code === "offline" || AWAY.includes(status);

/** Somewhere in the upper half of what doubles with each try, so that many consoles do not come back at once. */
export function pause(tries: number, random: () => number = Math.random): number {
  return Math.min(LONGEST, FIRST * 2 ** tries) * (0.5 + random() / 2);
}

export function createOutbox(send: Send, later: typeof setTimeout = setTimeout): Outbox {
  let letters: Letter[] = [];
  let owner: string | null = null;
  let tellStray: Stray = () => undefined;
  let tell: (kept: number, all: number) => void = () => undefined;
  let tries = 0;
  /** Nothing goes out but a try now and then; `signed_out`: not even that. */
  let held: "no" | "away" | "signed_out" = "no";
  let timer: ReturnType<typeof setTimeout> | undefined;

  const count = (): void => tell(letters.filter((one) => one.kept).length, letters.length);
  const isNext = (letter: Letter): boolean => !letter.sending && letters.find((one) => one.comment === letter.comment) === letter;

  function hold(why: "away" | "signed_out"): void {
    held = why;
    for (const letter of letters) letter.kept = true;
    clearTimeout(timer);
    if (why === "away") timer = later(probe, pause(tries));
  }

  /** One alone finds out whether the server is back. */
  function probe(): void {
    const first = letters.find(isNext);
    if (held !== "away" || first === undefined || letters.some((one) => one.sending)) return;
    tries += 1;
    void attempt(first);
  }

  function pump(): void {
    while (held === "no" && letters.filter((one) => one.sending).length < AT_ONCE) {
      const next = letters.find(isNext);
      if (next === undefined) return;
      void attempt(next);
    }
  }

  function settle(letter: Letter): void {
    letters = letters.filter((one) => one !== letter);
    held = "no";
    tries = 0;
    clearTimeout(timer);
  }

  async function attempt(letter: Letter): Promise<void> {
    letter.sending = true;
    try {
      const answer = await send(letter.comment, letter.version, letter.verdict);
      settle(letter);
      // Who decided again meanwhile saw what this one made of the comment.
      for (const one of letters) if (one.comment === letter.comment) one.version = answer.comment.version ?? one.version;
      letter.done(answer);
    } catch (error) {
      refuse(letter, error);
    }
    count();
    pump();
  }

  function refuse(letter: Letter, error: unknown): void {
    letter.sending = false;
    const problem = problemOf(error);
    if (isAway(problem)) return hold("away");
    if (problem.status === 401 && letter.kept) return hold("signed_out");
    settle(letter);
    if (letter.stray) tellStray(letter.comment, problem);
    else letter.failed(error);
  }

  return {
    post: (comment, version, verdict) =>
      new Promise((done, failed) => {
        letters.push({ comment, version, verdict, sending: false, kept: held !== "no", stray: false, done, failed });
        pump();
        count();
      }),
    holds: (comment) => letters.some((one) => one.comment === comment),
    nudge: () => {
      if (held !== "away") return;
      tries = 0;
      probe();
    },
    open: (user, stray) => {
      letters = owner === null || owner === user ? letters.map((one) => Object.assign(one, { stray: true })) : [];
      owner = user;
      tellStray = stray;
      held = "no";
      pump();
      count();
    },
    watch: (told) => {
      tell = told;
      count();
    },
  };
}
