// Which days the figures are of: some usual ranges, or two days of one's own. The address holds the choice.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { RANGES } from "./figures-range";
import type { FiguresRange } from "./figures-range";
import { navigate } from "./router";
import type { Figures } from "./types";
import { t } from "./words";

export function FiguresRangePicker({ range, shown }: { range: FiguresRange; shown: Figures | null }): JSX.Element {
  const { site } = useDesk();
  const [open, setOpen] = useState(range.name === "custom");
  const [days, setDays] = useState<[string, string]>(["", ""]);
  useEffect(() => {
    const last = shown?.series.at(-1)?.at.slice(0, 10) ?? "";
    setDays(range.name === "custom" ? [range.from, range.to] : [shown?.from.slice(0, 10) ?? "", last]);
  }, [shown]);
  const go = (chosen: FiguresRange): void => navigate({ page: "figures", site: site.key, range: chosen });
  const choose = (name: (typeof RANGES)[number]): void => {
    setOpen(false);
    go({ name });
  };
  const [from, to] = days;
  return (
    <div class="ranges">
      <div class="range-buttons" role="group" aria-label={t("console.figures.range")}>
        {RANGES.map((name) => (
          <button key={name} type="button" class="button small" aria-pressed={!open && range.name === name} onClick={() => choose(name)}>
            {t(`console.figures.range.${name}`)}
          </button>
        ))}
        <button type="button" class="button small" aria-pressed={open} aria-expanded={open} onClick={() => setOpen(true)}>
          {t("console.figures.range.custom")}
        </button>
      </div>
      {open && (
        <form
          class="range-days"
          onSubmit={(event) => {
            event.preventDefault();
            go({ name: "custom", from, to });
          }}
        >
          <input type="date" required aria-label={t("console.figures.from")} value={from} max={to} onInput={(event) => setDays([event.currentTarget.value, to])} />
          <input type="date" required aria-label={t("console.figures.to")} value={to} min={from} onInput={(event) => setDays([from, event.currentTarget.value])} />
          <button type="submit" class="button small primary">{t("console.figures.show")}</button>
        </form>
      )}
    </div>
  );
}
