// People's words for a problem or a finding: the finding's reason, the code, then what the server said. What has a
// text at the gate speaks with it.
import type { Finding, Problem } from "../shared/types";
import type { ThreadStore } from "./store";

/** A decision's reason is a word of the site's list: one that has no text of ours is shown as it is. */
export function findingWords({ reason, params }: Finding, { words }: ThreadStore): string | undefined {
  const why = params["reason"];
  return words.find(`finding.${reason}`, { ...params, reason: words.find(`reject_reason.${why}`) ?? why });
}

const GATES: Record<string, string> = { registered: "registered", lapsed: "lapsed", trial: "trial_over", banned: "banned", name_needed: "name_needed" };

export function reasonOf(problem: Problem, store: ThreadStore): string {
  const { words } = store;
  const code = problem.code.replace(/^token_.*/, "token");
  const gate = GATES[code.replace("not_entitled_", "")];
  return (problem.finding && findingWords(problem.finding, store)) ?? words.find(`error.${code}`, problem)
    ?? (gate && words.find(`gate.${gate}`)) ?? problem.detail ?? words.t("error.unknown");
}
