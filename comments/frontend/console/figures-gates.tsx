// Which gates led to subscriptions, and in which sections and under which articles they stood.
import type { JSX } from "preact";
import { Share } from "./figures-shares";
import { t } from "./words";

/** As the server tells it; most first. */
export interface Gates {
  total: number;
  gates: { gate: "nobody" | "registered" | "lapsed"; number: number }[];
  sections: { section: string | null; number: number }[];
  articles: { id: string; title: string | null; number: number }[];
}

/** As many articles as are shown; the CSV has up to a hundred. */
const SHOWN = 10;

export function GateShares({ gates, csv }: { gates: Gates; csv: (table: string) => string }): JSX.Element {
  return (
    <section aria-labelledby="through-gates" class="through-gates">
      <h2 id="through-gates">{t("console.figures.through_gates")}</h2>
      <p class="quiet plot-note">{t("console.figures.through_gates_note")}</p>
      {gates.total === 0 ? (
        <p class="quiet">{t("console.figures.gates.none")}</p>
      ) : (
        <div class="breakdowns">
          <Share name="gates" csv={csv("gates")} rows={gates.gates.map(({ gate, number }) => ({ key: gate, label: t(`console.figures.gate.${gate}`), value: number }))} />
          <Share
            name="gate_sections" csv={csv("gate_sections")}
            rows={gates.sections.slice(0, SHOWN).map(({ section, number }) => ({ key: section ?? "", label: section ?? t("console.figures.no_section"), value: number }))}
          />
          <Share
            name="gate_articles" csv={csv("gate_articles")}
            rows={gates.articles.slice(0, SHOWN).map(({ id, title, number }) => ({ key: id, label: title ?? id, value: number }))}
          />
        </div>
      )}
    </section>
  );
}
