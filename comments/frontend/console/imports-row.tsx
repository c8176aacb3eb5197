// One import: how far it is, what can be done with it, and what of it is listed.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import type { ImportLine, SiteImport } from "./imports-types";
import { Time } from "./time";
import { usePages } from "./use-pages";
import { durationText, number, sizeText, t } from "./words";

/** Seconds until so many steps are done, by the pace since this page first saw it; null: too early to say. */
function useRemaining(done: number, all: number): number | null {
  const first = useRef({ at: Date.now(), done });
  if (done < first.current.done) first.current = { at: Date.now(), done }; // another worker begins anew
  const took = (Date.now() - first.current.at) / 1000, more = done - first.current.done;
  return took < 2 || more <= 0 ? null : ((all - done) * took) / more;
}

function Lines({ one }: { one: SiteImport }): JSX.Element {
  const { api, site } = useDesk();
  const pages = usePages<ImportLine>(one.id, async (cursor) => {
    const { lines, next_cursor } = await api.importLines(site.key, one.id, cursor);
    return { items: lines, next_cursor };
  });
  return (
    <>
      {pages.fault !== null && <p class="fault" role="alert">{pages.fault}</p>}
      <ol class="import-lines">
        {(pages.items ?? []).map((line, at) => (
          <li key={at}>
            <span class="quiet">{t("console.imports.line", { line: number(line.line) })}</span>{" "}
            <span class={`tag${line.what === "refused" ? " bad" : " warm"}`}>{t(`console.imports.what.${line.what}`)}</span>{" "}
            {line.key !== null && <><code><bdi>{line.key}</bdi></code> </>}<bdi>{line.reason}</bdi>
          </li>
        ))}
      </ol>
      {pages.cursor !== null && (
        <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>
      )}
    </>
  );
}

function Progress({ one }: { one: SiteImport }): JSX.Element {
  const [value, text] = one.state === "uploading"
    ? [one.received, t("console.imports.sent", { sent: sizeText(one.received), size: sizeText(one.size) })]
    : [one.bytes_read, t(one.dry_run ? "console.imports.tried" : "console.imports.so_far", { read: number(one.read), imported: number(one.imported) })];
  const left = useRemaining(value, one.size);
  return (
    <p class="export-progress">
      <progress max={one.size} value={value} aria-label={t("console.imports.progress")} />
      <span class="quiet">{text}{left !== null && <> · {t("console.imports.left", { time: durationText(Math.ceil(left)) })}</>}</span>
    </p>
  );
}

function Result({ one }: { one: SiteImport }): JSX.Element {
  const counts = { imported: number(one.imported), already: number(one.already), refused: number(one.refused), changed: number(one.changed) };
  return (
    <>
      {one.state === "failed" && <p class="fault">{t("console.imports.failed")} {one.error}</p>}
      {one.state === "stopped" && <p class="quiet">{t("console.imports.stopped")}</p>}
      <p>{t(one.dry_run ? "console.imports.would" : "console.imports.did", counts)}</p>
    </>
  );
}

interface RowProps {
  one: SiteImport;
  /** This page is sending it. */
  sending: boolean;
  /** Another import goes on. */
  blocked: boolean;
  onStart: (dryRun: boolean) => void;
  onStop: () => void;
  onDelete: () => void;
  onFile: (file: File) => void;
}

export function ImportRow({ one, sending, blocked, onStart, onStop, onDelete, onFile }: RowProps): JSX.Element {
  const [listed, setListed] = useState(false);
  const open = one.state === "waiting" || one.state === "running";
  const here = one.received === one.size;
  const ended = !open && one.state !== "uploading";
  return (
    <li class="import">
      <h2><bdi>{one.name}</bdi></h2>
      <p class="quiet">
        {t(`console.imports.format.${one.format}`)} · {sizeText(one.size)} · <Time at={one.created_at} />{one.by !== null && <> · <bdi>{one.by}</bdi></>}
      </p>
      {one.state === "waiting" && <p class="quiet" role="status">{t("console.exports.waiting")}</p>}
      {(one.state === "running" || (one.state === "uploading" && !here)) && <Progress key={one.state} one={one} />}
      {ended && <Result one={one} />}
      {one.state === "uploading" && !here && !sending && (
        <label class="field">
          <span>{t("console.imports.go_on")}</span>
          <input type="file" onChange={(event) => event.currentTarget.files?.[0] && onFile(event.currentTarget.files[0])} />
        </label>
      )}
      <p class="export-buttons">
        {open && <button type="button" class="button" onClick={onStop}>{t("console.imports.stop")}</button>}
        {here && !open && (one.state !== "done" || one.dry_run) && (
          <button type="button" class="button primary" disabled={blocked} onClick={() => onStart(false)}>{t("console.imports.start")}</button>
        )}
        {here && !open && !(one.state === "done" && one.dry_run) && (
          <button type="button" class="button" disabled={blocked} onClick={() => onStart(true)}>{t("console.imports.try")}</button>
        )}
        {ended && one.refused + one.changed > 0 && (
          <button type="button" class="button" aria-expanded={listed} onClick={() => setListed(!listed)}>{t("console.imports.list")}</button>
        )}
        {!open && !sending && <button type="button" class="button" onClick={onDelete}>{t("console.imports.delete")}</button>}
      </p>
      {ended && listed && <Lines key={one.finished_at ?? ""} one={one} />}
    </li>
  );
}
