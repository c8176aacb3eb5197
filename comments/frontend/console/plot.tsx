// A plot of some series over time, as SVG: stacked bars or lines. What is pointed at, or chosen with the arrow keys,
// stands as text above it; a range control lies over the picture, so that keys and screen readers come for free. The
// same numbers stand in a table below.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { labelled } from "./plot-scale";
import type { Scale } from "./plot-scale";
import { t } from "./words";

export interface Series {
  label: string;
  /** How it is drawn: a colour of css/figures.css. */
  look: "main" | "second" | "third" | "bad";
  values: (number | null)[];
  text: (value: number | null) => string;
}

interface PlotProps {
  title: string;
  note?: string;
  kind: "bars" | "lines";
  steps: { short: string; long: string }[];
  series: Series[];
  scale: Scale;
  tick: (value: number) => string;
}

const HEIGHT = 168;
const EDGE = { top: 8, bottom: 20, start: 52, end: 6 };
const FLOOR = HEIGHT - EDGE.bottom;

function useWidth(): [number, { current: HTMLDivElement | null }] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (box.current === null) return;
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(200, Math.round(entry.contentRect.width))));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return [width, box];
}

/** The places of a plot: x in the middle of a step, y of a value. */
function places(width: number, count: number, scale: Scale) {
  const step = (width - EDGE.start - EDGE.end) / Math.max(count, 1);
  const height = FLOOR - EDGE.top;
  return { step, x: (index: number) => EDGE.start + step * (index + 0.5), y: (value: number) => FLOOR - height * scale.place(value) };
}

type Places = ReturnType<typeof places>;

function Bars({ series, at }: { series: Series[]; at: Places }): JSX.Element {
  const width = Math.max(1, Math.min(at.step * 0.72, 28));
  const bars: JSX.Element[] = [];
  for (let index = 0; index < (series[0]?.values.length ?? 0); index++) {
    let below = 0;
    for (const { look, values } of series) {
      const value = values[index] ?? 0;
      if (value > 0) bars.push(<rect key={`${look}${index}`} class={`fill-${look}`} x={at.x(index) - width / 2} width={width} y={at.y(below + value)} height={at.y(below) - at.y(below + value)} />);
      below += value;
    }
  }
  return <>{bars}</>;
}

/** A line breaks where there is nothing to say; a step alone is a dot. */
function Line({ series, at }: { series: Series; at: Places }): JSX.Element {
  const known = (index: number): boolean => (series.values[index] ?? null) !== null;
  let path = "";
  series.values.forEach((value, index) => {
    if (value !== null) path += `${index > 0 && known(index - 1) ? "L" : "M"}${at.x(index).toFixed(1)} ${at.y(value).toFixed(1)}`;
  });
  const dots = series.values.map((value, index) => {
    if (value === null || (series.values.length > 45 && (known(index - 1) || known(index + 1)))) return null;
    return <circle key={index} class={`fill-${series.look}`} cx={at.x(index)} cy={at.y(value)} r={2} />;
  });
  return <g><path class={`line-${series.look}`} d={path} fill="none" />{dots}</g>;
}

function Axes({ width, at, scale, tick, steps }: { width: number; at: Places } & Pick<PlotProps, "scale" | "tick" | "steps">): JSX.Element {
  return (
    <g class="axes">
      {scale.ticks.map((value) => (
        <g key={value}>
          <line x1={EDGE.start} x2={width - EDGE.end} y1={at.y(value)} y2={at.y(value)} />
          <text x={EDGE.start - 6} y={at.y(value) + 3.5} text-anchor="end">{tick(value)}</text>
        </g>
      ))}
      {labelled(steps.length, width - EDGE.start - EDGE.end).map((index) => (
        <text key={index} x={at.x(index)} y={HEIGHT - 5} text-anchor="middle">{steps[index]?.short}</text>
      ))}
    </g>
  );
}

const spoken = (series: Series[], index: number): string => series.map(({ label, values, text }) => `${label}: ${text(values[index] ?? null)}`).join(", ");

export function Plot({ title, note, kind, steps, series, scale, tick }: PlotProps): JSX.Element {
  const [width, box] = useWidth();
  const [chosen, setChosen] = useState<number | null>(null);
  const at = places(width, steps.length, scale);
  const last = steps.length - 1;
  const index = Math.min(chosen ?? last, last);
  const point = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - EDGE.start;
    setChosen(Math.max(0, Math.min(last, Math.floor(x / at.step))));
  };
  return (
    <section class="plot">
      <header>
        <h2>{title}</h2>
        <p class="readout" aria-hidden="true">
          <b>{steps[index]?.long}</b>
          {series.map(({ label, look, values, text }) => (
            <span key={label}><i class={`key key-${look}${kind === "lines" ? " thin" : ""}`} />{label} <b>{text(values[index] ?? null)}</b></span>
          ))}
        </p>
      </header>
      {note && <p class="quiet plot-note">{note}</p>}
      <div class="plot-box" ref={box} onPointerMove={point} onPointerDown={point} onPointerLeave={() => setChosen(null)}>
        <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" focusable="false">
          {chosen !== null && <rect class="cursor" x={at.x(index) - at.step / 2} width={at.step} y={EDGE.top} height={FLOOR - EDGE.top} />}
          <Axes width={width} at={at} scale={scale} tick={tick} steps={steps} />
          {kind === "bars" ? <Bars series={series} at={at} /> : series.map((one) => <Line key={one.label} series={one} at={at} />)}
        </svg>
        <input
          type="range" min={0} max={Math.max(last, 0)} step={1} value={index} aria-label={title}
          aria-valuetext={`${steps[index]?.long ?? ""}. ${spoken(series, index)}`}
          onInput={(event) => setChosen(Number(event.currentTarget.value))} onBlur={() => setChosen(null)}
        />
      </div>
      <Numbers title={title} steps={steps} series={series} />
    </section>
  );
}

function Numbers({ title, steps, series }: Pick<PlotProps, "title" | "steps" | "series">): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="plot-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("console.figures.as_table")}<span class="unseen">: {title}</span></summary>
      {open && (
        <table>
          <thead>
            <tr><th scope="col">{t("console.figures.when")}</th>{series.map(({ label }) => <th key={label} scope="col">{label}</th>)}</tr>
          </thead>
          <tbody>
            {steps.map((step, index) => (
              <tr key={step.long}><th scope="row">{step.long}</th>{series.map(({ label, values, text }) => <td key={label}>{text(values[index] ?? null)}</td>)}</tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
