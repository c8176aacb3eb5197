// Choose a file, what it comes from and which articles its names are; then it goes up.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatOf, startOf } from "./imports-format";
import { FORMATS } from "./imports-types";
import type { ImportFormat } from "./imports-types";
import { t } from "./words";

export interface Chosen {
  file: File;
  format: ImportFormat;
  articles: string;
}

export function NewImportForm({ busy, onChosen }: { busy: boolean; onChosen: (chosen: Chosen) => void }): JSX.Element {
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState<File | null>(null);
  const [format, setFormat] = useState<ImportFormat | "">("");
  const choose = async (found: File | null): Promise<void> => {
    setFile(found);
    if (found !== null) setFormat(formatOf(found.name, await startOf(found).catch(() => "")) ?? "");
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (file !== null && format !== "") onChosen({ file, format, articles: mapping === null ? "" : await mapping.text() });
  };
  return (
    <form class="import-new" onSubmit={submit}>
      <label class="field">
        <span>{t("console.imports.file")}</span>
        <input type="file" required onChange={(event) => void choose(event.currentTarget.files?.[0] ?? null)} />
      </label>
      <label class="field">
        <span>{t("console.imports.format")}</span>
        <select required value={format} onChange={(event) => setFormat(event.currentTarget.value as ImportFormat)}>
          <option value="" disabled>{t("console.imports.format.choose")}</option>
          {FORMATS.map((one) => <option key={one} value={one}>{t(`console.imports.format.${one}`)}</option>)}
        </select>
      </label>
      <label class="field">
        <span>{t("console.imports.mapping")}</span>
        <input type="file" accept=".csv,text/csv" onChange={(event) => setMapping(event.currentTarget.files?.[0] ?? null)} />
        <small>{t("console.imports.mapping_hint")}</small>
      </label>
      <p><button class="button primary" disabled={busy || file === null || format === ""}>{t("console.imports.upload")}</button></p>
    </form>
  );
}
