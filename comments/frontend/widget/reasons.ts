// People's words for a problem or a finding: the finding's reason, the code, then what the server said. A 403 shows
// at the gate besides, because who is signed in is asked again.
import type { Finding, Problem } from "../shared/types";
import type { ThreadStore } from "./store";

/** A decision's reason is a word of the site's list: one that has no text of ours is shown as it is. */
export function findingWords({ reason, params }: Finding, { words }: ThreadStore): string | undefined {
  const why = params["reason"];
  return words.find(`finding.${reason}`, { ...params, reason: words.find(`reject_reason.${why}`) ?? why });
}

export const reasonOf = (problem: Problem, store: ThreadStore): string =>
  (problem.finding && findingWords(problem.finding, store)) ?? store.words.find(`error.${problem.code.replace(/^token_.*/, "token")}`)
    ?? problem.detail ?? store.words.t("error.unknown");
