// What changed rules would have done to what was written last: sums, then the differences with examples. Draws only.
import type { JSX } from "preact";
import { Link } from "./link";
import { DIFFERENCES } from "./rules-types";
import type { Difference, DifferenceName, Example, Outcome, TrialResult } from "./rules-types";
import { Time } from "./time";
import { dayText, findingText, many, number, personName, ruleName, statusName, t } from "./words";

const OUTCOMES: readonly Outcome[] = ["published", "held", "refused"];

function Sums({ result }: { result: TrialResult }): JSX.Element {
  return (
    <table class="trial-sums">
      <thead>
        <tr>
          <th scope="col"><span class="unseen">{t("console.rules.trial.outcome")}</span></th>
          <th scope="col">{t("console.rules.trial.today")}</th>
          <th scope="col">{t("console.rules.trial.changed")}</th>
        </tr>
      </thead>
      <tbody>
        {OUTCOMES.map((outcome) => (
          <tr key={outcome}>
            <th scope="row">{t(`console.rules.outcome.${outcome}`)}</th>
            <td class="figure">{number(result.today[outcome])}</td>
            <td class={`figure${result.changed[outcome] === result.today[outcome] ? "" : " differs"}`}>{number(result.changed[outcome])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Shown({ example, site }: { example: Example; site: string }): JSX.Element {
  return (
    <li class="example">
      <p class="example-head">
        <bdi class="byline-name">{personName({ name: example.author })}</bdi>
        <Time at={example.created_at} />
        <span class="quiet" dir="auto">{example.article.title ?? example.article.id}</span>
        <span class={`status status-${example.status}`}>{statusName(example.status)}</span>
        <Link class="example-link" route={{ page: "comment", site, id: example.comment_id }}>{t("console.show")}</Link>
      </p>
      <p class="example-text" dir="auto">
        {example.excerpt.map((piece, at) => (piece.marked ? <mark key={at}>{piece.text}</mark> : piece.text))}
      </p>
      <ul class="example-why">
        {example.findings.map((finding, at) => (
          <li key={at}><span class="tag">{ruleName(finding.rule)}</span> {findingText({ ...finding, spans: [] })}</li>
        ))}
      </ul>
    </li>
  );
}

function Part({ name, difference, site }: { name: DifferenceName; difference: Difference; site: string }): JSX.Element {
  const { count, rules, words, examples } = difference;
  return (
    <section class={`trial-part trial-${name}`} aria-labelledby={`trial-${name}`}>
      <h3 id={`trial-${name}`}>{count === 0 ? t(`console.rules.trial.none.${name}`) : many(`console.rules.trial.${name}`, count)}</h3>
      {count > 0 && (
        <p class="tags">
          {rules.map((one) => <span key={one.rule} class="tag">{ruleName(one.rule)} {number(one.count)}</span>)}
          {words.map((one) => <span key={one.word} class="tag warm"><bdi>{one.word}</bdi> {number(one.count)}</span>)}
        </p>
      )}
      {examples.length > 0 && (
        <details open={count <= 20}>
          <summary>{many("console.rules.trial.examples", examples.length)}</summary>
          <ul class="examples">{examples.map((example) => <Shown key={example.comment_id} example={example} site={site} />)}</ul>
        </details>
      )}
    </section>
  );
}

export function TrialView({ result, site }: { result: TrialResult; site: string }): JSX.Element {
  const hows = ["window", "figures", "present"] as const;
  return (
    <div class="trial-result">
      <p>
        {result.since === null
          ? t("console.rules.trial.nothing")
          : many("console.rules.trial.looked", result.looked_at, { day: dayText(result.since) })}
      </p>
      <Sums result={result} />
      {DIFFERENCES.map((name) => <Part key={name} name={name} difference={result.differences[name]} site={site} />)}
      <details class="quiet">
        <summary>{t("console.rules.trial.exact")}</summary>
        <p>{t("console.rules.trial.refused_unknown")}</p>
        <ul>
          {hows.map((how) => (
            <li key={how}>
              {result.reckoned.filter((one) => one.how === how).map((one) => ruleName(one.rule)).join(", ")}: {t(`console.rules.reckoned.${how}`)}
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
