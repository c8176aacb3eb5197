// Why a comment was held, in sentences; pointing at one brings out its words in the text.
import type { JSX } from "preact";
import type { Finding, ModeratedComment } from "./types";
import { findingText, ruleName, t } from "./words";

/** What the rules found: a rejection's own finding is the author's receipt, and stands here among the decisions. */
export function foundByRules(comment: ModeratedComment): Finding[] {
  return (comment.findings ?? []).filter((finding) => finding.rule !== "decision");
}

interface FindingsProps {
  findings: Finding[];
  active: number | null;
  onActive: (index: number | null) => void;
}

export function Findings({ findings, active, onActive }: FindingsProps): JSX.Element | null {
  if (findings.length === 0) return null;
  return (
    <section class="part">
      <h2>{t("console.findings")}</h2>
      <ul class="findings">
        {findings.map((finding, index) => (
          <li
            key={index}
            class={`finding finding-${finding.kind}${active === index ? " active" : ""}`}
            onMouseEnter={() => onActive(index)}
            onMouseLeave={() => onActive(null)}
          >
            <span class="finding-rule">{ruleName(finding.rule)}</span>
            <span>{findingText(finding)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
