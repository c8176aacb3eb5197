// People's words for a problem: the server's, in the reader's language; our own where it could not answer. A 403 shows
// at the gate besides, because who is signed in is asked again.
import type { Problem } from "../shared/types";
import type { ThreadStore } from "./store";

export const reasonOf = ({ code, message }: Problem, { words }: ThreadStore): string =>
  message ?? words.find(`error.${code}`) ?? words.t("error.unknown");
