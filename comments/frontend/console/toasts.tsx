// Messages that come and go at the lower edge, and the voice for screen readers. A message that somebody must act on
// stays twice as long; pointing at it or focusing it keeps it.
import type { JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Message } from "./desk";
import { Icon } from "./icons";
import { t } from "./words";

const STAY = 6_000;

type Shown = Message & { id: number };

export interface Voice {
  shown: Shown[];
  murmured: string;
  say: (message: Message) => void;
  murmur: (text: string) => void;
  drop: (id: number) => void;
}

export function useVoice(): Voice {
  const [shown, setShown] = useState<Shown[]>([]);
  const [murmured, setMurmured] = useState("");
  const last = useRef(0);
  const say = useCallback((message: Message) => {
    last.current += 1;
    const id = last.current;
    setShown((now) => [...now.slice(-2), { ...message, id }]);
  }, []);
  const drop = useCallback((id: number) => setShown((now) => now.filter((one) => one.id !== id)), []);
  return { shown, murmured, say, drop, murmur: setMurmured };
}

/** The seconds that are left, as a number: nothing moves, and a screen reader is not told each of them. */
function Left({ until }: { until: number }): JSX.Element {
  const seconds = (): number => Math.max(0, Math.ceil((until - Date.now()) / 1000));
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft(seconds()), 250);
    return () => clearInterval(timer);
  }, [until]);
  return <span aria-hidden="true"> ({left})</span>;
}

function Toast({ message, onDrop }: { message: Shown; onDrop: (id: number) => void }): JSX.Element {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held && message.until === undefined) return;
    const timer = setTimeout(() => onDrop(message.id), message.until !== undefined ? message.until - Date.now() : message.tone === "bad" ? STAY * 2 : STAY);
    return () => clearTimeout(timer);
  }, [held, message, onDrop]);
  const hold = (): void => setHeld(true);
  const release = (): void => setHeld(false);
  return (
    <div class={`toast ${message.tone}`} onMouseEnter={hold} onMouseLeave={release} onFocusIn={hold} onFocusOut={release}>
      <p>{message.text}</p>
      {message.act !== undefined && (
        <button type="button" class="button small" onClick={() => { message.act?.run(); onDrop(message.id); }}>
          {message.act.label}
          {message.until !== undefined && <Left until={message.until} />}
        </button>
      )}
      <button type="button" class="button icon-only plain" aria-label={t("console.close")} onClick={() => onDrop(message.id)}>
        <Icon name="cross" />
      </button>
    </div>
  );
}

export function Toasts({ voice }: { voice: Voice }): JSX.Element {
  return (
    <>
      <div class="toasts" role="log" aria-live="assertive" aria-label={t("console.messages")}>
        {voice.shown.map((message) => <Toast key={message.id} message={message} onDrop={voice.drop} />)}
      </div>
      <p class="unseen" role="status">{voice.murmured}</p>
    </>
  );
}
