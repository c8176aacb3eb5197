// People's words for a problem or a finding: by the finding's reason, then by the code, then what the server said.
import type { Finding, Problem } from "../shared/types";
import type { ThreadStore } from "./store";

export const findingWords = (finding: Finding, { words }: ThreadStore): string | undefined =>
  words.find(`finding.${finding.reason}`, finding.params);

export function reasonOf(problem: Problem, store: ThreadStore): string {
  const found = problem.finding && findingWords(problem.finding, store);
  return found ?? store.words.find(`error.${problem.code}`, problem) ?? problem.detail ?? store.words.t("error.unknown");
}
