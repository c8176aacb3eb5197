// Exports of the site: start one, see how far it is, fetch the file. How far it is comes from the server, so that a
// reload, or another browser, shows the same. Administrators only.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import type { ExportKind, SiteExport } from "./exports-types";
import { Time } from "./time";
import { usePages } from "./use-pages";
import { useProgress } from "./use-progress";
import { failureText, number, sizeText, t } from "./words";

const KINDS: ExportKind[] = ["archive", "csv"];

function Progress({ one }: { one: SiteExport }): JSX.Element {
  if (one.state === "failed") return <p class="fault">{t("console.exports.failed")} {one.error}</p>;
  if (one.state === "waiting" || one.total === null) return <p class="quiet" role="status">{t("console.exports.waiting")}</p>;
  if (one.state === "running")
    return (
      <p class="export-progress">
        <progress max={Math.max(one.total, 1)} value={one.done} aria-label={t("console.exports.progress")} />
        <span class="quiet">{t("console.exports.of", { done: number(one.done), total: number(one.total) })}</span>
      </p>
    );
  return <p class="quiet">{t("console.exports.ready", { total: number(one.done), size: sizeText(one.size ?? 0) })}</p>;
}

function Row({ one, href }: { one: SiteExport; href: string }): JSX.Element {
  return (
    <li class="export">
      <div>
        <h2>{t(`console.exports.kind.${one.kind}`)}</h2>
        <p class="quiet"><Time at={one.created_at} />{one.by !== null && <> · <bdi>{one.by}</bdi></>}</p>
        <Progress one={one} />
      </div>
      {one.state === "done" && <a class="button" href={href} download>{t("console.exports.fetch")}</a>}
    </li>
  );
}

export function ExportsPage(): JSX.Element {
  const { api, site, say } = useDesk();
  const pages = usePages<SiteExport>(site.key, async (cursor) => {
    const { exports, next_cursor } = await api.exports(site.key, cursor);
    return { items: exports, next_cursor };
  });
  const open = useProgress(pages, (id) => api.export(site.key, id));
  useEffect(() => {
    document.title = `${t("console.exports")} – ${site.name}`;
  }, [site.name]);
  const start = async (kind: ExportKind): Promise<void> => {
    try {
      const made = await api.startExport(site.key, kind);
      pages.change((items) => [made, ...items]);
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  return (
    <div class="sheet">
      <header class="sheet-head"><h1>{t("console.exports")}</h1></header>
      <p class="quiet">{t("console.exports.about")}</p>
      <p class="export-buttons">
        {KINDS.map((kind) => (
          <button key={kind} type="button" class="button" disabled={pages.items === null || open.some((one) => one.kind === kind)} onClick={() => void start(kind)}>
            {t(`console.exports.start.${kind}`)}
          </button>
        ))}
      </p>
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && <Nothing title={t("console.exports.none")} text={t("console.exports.none_text")} />}
      {pages.items !== null && pages.items.length > 0 && (
        <ul class="exports">{pages.items.map((one) => <Row key={one.id} one={one} href={api.exportFile(site.key, one.id)} />)}</ul>
      )}
      {pages.items !== null && pages.fault !== null && <p class="fault" role="alert">{pages.fault}</p>}
      {pages.cursor !== null && (
        <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>
      )}
    </div>
  );
}
