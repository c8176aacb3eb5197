// Imports into the site: a file goes up in chunks and is tried; then it is imported. How far all that is comes from
// the server, so that a reload, or another browser, shows the same. Administrators only.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { NewImportForm } from "./imports-new";
import type { Chosen } from "./imports-new";
import { ImportRow } from "./imports-row";
import type { SiteImport } from "./imports-types";
import { usePages } from "./use-pages";
import { useProgress } from "./use-progress";
import { failureText, t } from "./words";

export function ImportsPage(): JSX.Element {
  const { api, site, say } = useDesk();
  const [sending, setSending] = useState<string | null>(null);
  const [forms, setForms] = useState(0);
  const leaving = useRef(new AbortController());
  const pages = usePages<SiteImport>(site.key, async (cursor) => {
    const { imports, next_cursor } = await api.imports(site.key, cursor);
    return { items: imports, next_cursor };
  });
  const open = useProgress(pages, (id) => api.import(site.key, id));
  const put = (one: SiteImport): void =>
    pages.change((items) => (items.some(({ id }) => id === one.id) ? items.map((item) => (item.id === one.id ? one : item)) : [one, ...items]));
  useEffect(() => {
    document.title = `${t("console.imports")} – ${site.name}`;
    const control = (leaving.current = new AbortController());
    return () => control.abort();
  }, [site.name]);
  const trying = async (call: () => Promise<unknown>): Promise<void> => {
    try {
      await call();
    } catch (error) {
      if (!leaving.current.signal.aborted) say({ tone: "bad", text: failureText(error) });
    }
  };
  /** Send what is not there yet, then have it tried. */
  const send = (made: SiteImport, file: File): Promise<void> => trying(async () => {
    setSending(made.id);
    try {
      let one = made;
      while (one.received < one.size) {
        const start = one.chunks * one.chunk_size;
        one = await api.sendChunk(site.key, one.id, one.chunks, file.slice(start, start + one.chunk_size), leaving.current.signal);
        put(one);
      }
      put(await api.startImport(site.key, one.id, true));
    } finally {
      setSending(null);
    }
  });
  const begin = ({ file, format, articles }: Chosen): Promise<void> => trying(async () => {
    const made = await api.beginImport(site.key, { name: file.name, size: file.size, format, articles });
    put(made);
    setForms(forms + 1);
    await send(made, file);
  });
  const goOn = (one: SiteImport, file: File): void => {
    if (file.size === one.size && file.name === one.name) void send(one, file);
    else say({ tone: "bad", text: t("console.imports.other_file") });
  };
  const remove = (one: SiteImport): void => {
    if (!confirm(t("console.imports.delete_sure", { name: one.name }))) return;
    void trying(async () => {
      await api.deleteImport(site.key, one.id);
      pages.change((items) => items.filter(({ id }) => id !== one.id));
    });
  };
  return (
    <div class="sheet">
      <header class="sheet-head"><h1>{t("console.imports")}</h1></header>
      <p class="quiet">{t("console.imports.about")}</p>
      <NewImportForm key={forms} busy={sending !== null || pages.items === null} onChosen={(chosen) => void begin(chosen)} />
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && <Nothing title={t("console.imports.none")} text={t("console.imports.none_text")} />}
      {pages.items !== null && pages.items.length > 0 && (
        <ul class="exports">
          {pages.items.map((one) => (
            <ImportRow
              key={one.id} one={one} sending={sending === one.id} blocked={open.length > 0}
              onStart={(dryRun) => void trying(async () => put(await api.startImport(site.key, one.id, dryRun)))}
              onStop={() => void trying(async () => put(await api.stopImport(site.key, one.id)))}
              onDelete={() => remove(one)}
              onFile={(file) => goOn(one, file)}
            />
          ))}
        </ul>
      )}
      {pages.items !== null && pages.fault !== null && <p class="fault" role="alert">{pages.fault}</p>}
      {pages.cursor !== null && (
        <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>
      )}
    </div>
  );
}
