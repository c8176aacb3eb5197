// The figures: how much is written, how much of it waits and for how long, which rules and reasons, who decides. The
// worker has counted; this page asks for some days and draws them.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { GateShares } from "./figures-gates";
import type { Gates } from "./figures-gates";
import { FiguresRangePicker } from "./figures-picker";
import { searchOf } from "./figures-range";
import type { FiguresRange } from "./figures-range";
import { Shares } from "./figures-shares";
import { Plot } from "./plot";
import { linear, times } from "./plot-scale";
import type { Figures, FiguresRow } from "./types";
import { useFigures } from "./use-figures";
import { clockText, durationText, many, number, percent, stepText, t } from "./words";

function Totals({ total }: { total: FiguresRow }): JSX.Element {
  const decided = total.approved + total.rejected;
  const shown: [name: string, value: string, more?: string][] = [
    ["posted", number(total.posted), total.imported > 0 ? t("console.figures.and_imported", { count: number(total.imported) }) : undefined],
    ["held_share", percent(total.held_share), t("console.figures.of_them", { count: number(total.held) })],
    ["decided", number(decided), total.by_service > 0 ? t("console.figures.and_service", { count: number(total.by_service) }) : undefined],
    ["p50", durationText(total.p50), t("console.figures.p95_is", { time: durationText(total.p95) })],
    ["overturned", number(total.overturned), many("console.figures.appeals", total.appealed)],
    ["reported", number(total.reported)],
  ];
  return (
    <dl class="sums">
      {shown.map(([name, value, more]) => (
        <div key={name}>
          <dt>{t(`console.figures.${name}`)}</dt>
          <dd>{value}{more && <small class="quiet">{more}</small>}</dd>
        </div>
      ))}
    </dl>
  );
}

const count = (value: number | null): string => number(value ?? 0);

function Plots({ figures }: { figures: Figures }): JSX.Element {
  const { series, by } = figures;
  const steps = series.map(({ at }) => ({ short: stepText(at, by, false), long: stepText(at, by, true) }));
  const all = (pick: (row: FiguresRow) => number | null): (number | null)[] => series.map(pick);
  const most = (...picks: ((row: FiguresRow) => number)[]): number =>
    Math.max(0, ...series.map((row) => picks.reduce((sum, pick) => sum + pick(row), 0)));
  const waits = series.flatMap(({ p50, p95 }) => [p50, p95]).filter((one): one is number => one !== null);
  const published = (row: FiguresRow): number => row.posted - row.held;
  const [first, second, third] = [t("console.figures.published"), t("console.figures.held"), t("console.figures.imported")];
  const imported = figures.total.imported > 0;
  return (
    <div class="plots">
      <Plot
        title={t("console.figures.volume")} kind="bars" steps={steps} tick={number}
        scale={linear(most((row) => row.posted, (row) => row.imported))}
        series={[
          { label: first, look: "main", values: all(published), text: count },
          { label: second, look: "second", values: all((row) => row.held), text: count },
          ...(imported ? [{ label: third, look: "third" as const, values: all((row) => row.imported), text: count }] : []),
        ]}
      />
      <Plot
        title={t("console.figures.held_share")} kind="lines" steps={steps} tick={percent}
        scale={linear(Math.max(0.04, ...series.map((row) => row.held_share ?? 0)), false)}
        series={[{ label: second, look: "second", values: all((row) => row.held_share), text: percent }]}
      />
      <Plot
        title={t("console.figures.waited")} note={t("console.figures.waited_note")} kind="lines" steps={steps} tick={durationText}
        scale={times(waits.length > 0 ? waits : [60, 3600])}
        series={[
          { label: t("console.figures.median"), look: "main", values: all((row) => row.p50), text: durationText },
          { label: t("console.figures.p95"), look: "second", values: all((row) => row.p95), text: durationText },
        ]}
      />
      <Plot
        title={t("console.figures.decisions")} kind="bars" steps={steps} tick={number}
        scale={linear(most((row) => row.approved, (row) => row.rejected))}
        series={[
          { label: t("console.figures.approved"), look: "main", values: all((row) => row.approved), text: count },
          { label: t("console.figures.rejected"), look: "bad", values: all((row) => row.rejected), text: count },
        ]}
      />
    </div>
  );
}

function Shown({ figures, gates, range, csv }: { figures: Figures; gates: Gates | null; range: FiguresRange; csv: (table: string) => string }): JSX.Element {
  const { total } = figures;
  const empty = total.posted + total.imported + total.approved + total.rejected + total.reported === 0;
  return (
    <>
      {figures.hours_to_count > 2 && <p class="counting" role="status">{t("console.figures.counting", { count: number(figures.hours_to_count) })}</p>}
      {empty && figures.hours_to_count <= 2 ? (
        <Nothing title={t("console.figures.none")} text={t("console.figures.none_text")} />
      ) : (
        <>
          <Totals total={total} />
          <Plots key={searchOf(range)} figures={figures} />
          <Shares figures={figures} csv={csv} />
        </>
      )}
      {gates !== null && <GateShares gates={gates} csv={csv} />}
      <p class="quiet figures-foot">{t("console.figures.foot", { zone: figures.time_zone })}</p>
    </>
  );
}

export function FiguresPage({ range }: { range: FiguresRange }): JSX.Element {
  const { site } = useDesk();
  const { figures, gates, fault, busy, again, csv } = useFigures(range);
  useEffect(() => {
    document.title = `${t("console.figures")} – ${site.name}`;
  }, [site.name]);
  return (
    <div class="sheet stats" aria-busy={busy}>
      <header class="sheet-head">
        <h1>{t("console.figures")}</h1>
        {figures?.as_of && <span class="quiet as-of">{t("console.figures.as_of", { time: clockText(figures.as_of) })}</span>}
        <FiguresRangePicker range={range} shown={figures} />
        <a class="button" href={csv("series")} download>{t("console.figures.csv")}</a>
      </header>
      {figures === null && (fault === null ? <Loading /> : <Failed text={fault} onRetry={again} />)}
      {figures !== null && fault !== null && <p class="fault" role="alert">{fault}</p>}
      {figures !== null && <Shown figures={figures} gates={gates} range={range} csv={csv} />}
    </div>
  );
}
