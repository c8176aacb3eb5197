// People's words for a problem or a finding: the finding's reason, the code, then what the server said. What has a
// text at the gate speaks with it.
import type { Finding, Problem } from "../shared/types";
import type { ThreadStore } from "./store";

export const findingWords = (finding: Finding, { words }: ThreadStore): string | undefined =>
  words.find(`finding.${finding.reason}`, finding.params);

const GATES: Record<string, string> = { registered: "registered", lapsed: "lapsed", trial: "trial_over", banned: "banned", name_needed: "name_needed" };

export function reasonOf(problem: Problem, store: ThreadStore): string {
  const { words } = store;
  const code = problem.code.replace(/^token_.*/, "token");
  const gate = GATES[code.replace("not_entitled_", "")];
  return (problem.finding && findingWords(problem.finding, store)) ?? words.find(`error.${code}`, problem)
    ?? (gate && words.find(`gate.${gate}`)) ?? problem.detail ?? words.t("error.unknown");
}
