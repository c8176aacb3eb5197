// What is published: statements for the Transparency Database and the figures of a time, as files.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "./desk";
import { t } from "./words";

const FILES = [["download_json", "/statements.ndjson"], ["download_csv", "/statements.csv"], ["download_figures", "/figures.csv"]] as const;

export function ReportsPart(): JSX.Element {
  const { site } = useDesk();
  const year = new Date().getFullYear();
  const [span, setSpan] = useState({ since: `${year}-01-01`, until: `${year + 1}-01-01` });
  const query = new URLSearchParams(span).toString();
  return (
    <section class="part">
      <p>{t("console.law.reports_text")}</p>
      <div class="text-edit">
        {(["since", "until"] as const).map((name) => (
          <label key={name} class="field">
            <span>{t(`console.law.${name}`)}</span>
            <input type="date" value={span[name]} onInput={(event) => setSpan({ ...span, [name]: event.currentTarget.value })} />
          </label>
        ))}
      </div>
      <ul>
        {FILES.map(([name, path]) => (
          <li key={name} class="text-row"><a href={`/api/v1/console/sites/${encodeURIComponent(site.key)}/transparency${path}?${query}`} download>{t(`console.law.${name}`)}</a></li>
        ))}
      </ul>
    </section>
  );
}
