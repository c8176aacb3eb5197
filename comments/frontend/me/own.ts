// What all parts of the page share: calls, words, who it is, and a line that is said to everybody.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { problemIn } from "../shared/api";
import type { Words } from "../shared/i18n";
import type { Api } from "./api";
import type { Visit } from "./types";

export interface Own {
  api: Api;
  words: Words;
  visit: Visit;
  /** Said in sight, and to screen readers. */
  say: (text: string) => void;
  /** Who it is may have changed: asks again. */
  renew: () => Promise<void>;
}

export const OwnContext = createContext<Own | null>(null);

export function useOwn(): Own {
  const own = useContext(OwnContext);
  if (!own) throw new Error("outside of the page");
  return own;
}

/** Why something was refused, in the reader's words. */
export function reasonOf(error: unknown, words: Words): string {
  const problem = problemIn(error);
  return (problem as { message?: string }).message ?? words.find(`error.${problem.code}`) ?? words.t("error.unknown");
}

export const when = (time: string, words: Words): string =>
  new Date(time).toLocaleString(words.language, { dateStyle: "medium", timeStyle: "short" });

export const day = (time: string, words: Words): string => new Date(time).toLocaleDateString(words.language, { dateStyle: "long" });
