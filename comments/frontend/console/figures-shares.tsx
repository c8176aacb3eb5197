// What the figures are made of: rules, reasons and moderators, each a table with a bar in every row.
import type { JSX } from "preact";
import type { Figures } from "./types";
import { number, reasonName, ruleName, t } from "./words";

interface Row {
  key: string;
  label: string;
  value: number;
  overturned?: number;
}

interface TableProps {
  name: "rules" | "reasons" | "moderators" | "gates" | "gate_sections" | "gate_articles";
  rows: Row[];
  csv: string;
  note?: string;
}

function Bar({ share, part }: { share: number; part: number }): JSX.Element {
  return (
    <svg class="level" width="100%" height="10" aria-hidden="true" focusable="false">
      <rect class="fill-main" width={`${share * 100}%`} height="10" rx="2" />
      {part > 0 && <rect class="fill-bad" width={`${share * part * 100}%`} height="10" rx="2" />}
    </svg>
  );
}

export function Share({ name, rows, csv, note }: TableProps): JSX.Element {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  const overturns = rows.some(({ overturned }) => overturned !== undefined);
  const [what, how] = [t(`console.figures.${name}.what`), t(`console.figures.${name}.number`)];
  return (
    <section class="breakdown">
      <header>
        <h2>{t(`console.figures.${name}`)}</h2>
        <a class="button small plain" href={csv} download aria-label={`${t("console.figures.csv")}: ${t(`console.figures.${name}`)}`}>{t("console.figures.csv")}</a>
      </header>
      {note && <p class="quiet plot-note">{note}</p>}
      {rows.length === 0 ? (
        <p class="quiet">{t(`console.figures.${name}.none`)}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{what}</th>
              <td aria-hidden="true" />
              <th scope="col">{how}</th>
              {overturns && <th scope="col">{t("console.figures.overturned")}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, label, value, overturned = 0 }) => (
              <tr key={key}>
                <th scope="row" dir="auto">{label}</th>
                <td class="bar-cell" aria-hidden="true"><Bar share={value / most} part={value > 0 ? overturned / value : 0} /></td>
                <td class="figure">{number(value)}</td>
                {overturns && <td class={`figure${overturned > 0 ? " bad" : " quiet"}`}>{number(overturned)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function Shares({ figures, csv }: { figures: Figures; csv: (table: string) => string }): JSX.Element {
  const { rules, reasons, moderators } = figures;
  const own = figures.moderators_shown === "own";
  const earlier = t("console.figures.earlier");
  return (
    <div class="breakdowns">
      <Share name="rules" csv={csv("rules")} rows={rules.map(({ rule, held }) => ({ key: rule, label: rule === "" ? earlier : ruleName(rule), value: held }))} />
      <Share
        name="reasons" csv={csv("reasons")}
        rows={reasons.map(({ reason, rejected, overturned }) => ({ key: reason, label: reason === "" ? earlier : reasonName(reason), value: rejected, overturned }))}
      />
      <Share
        name="moderators" csv={csv("moderators")} {...(own ? { note: t("console.figures.own_alone") } : {})}
        rows={moderators.map(({ id, name, decided, overturned }) => ({ key: id, label: name, value: decided, overturned }))}
      />
    </div>
  );
}
