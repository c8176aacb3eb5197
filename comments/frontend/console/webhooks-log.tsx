// What one webhook was told and what came of it, newest first; send one or all that failed once more.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Icon } from "./icons";
import { Link } from "./link";
import { Time } from "./time";
import { usePages } from "./use-pages";
import { DeliveryDialog, Outcome } from "./webhooks-delivery";
import { typeName } from "./webhooks-dialog";
import { Standing } from "./webhooks-page";
import { STATES } from "./webhooks-types";
import type { Delivery, LogFilter, Webhook, Webhooks } from "./webhooks-types";
import { exactText, failureText, many, t } from "./words";

const DAYS = 14; // that the log is kept

function Row({ one, onOpen }: { one: Delivery; onOpen: () => void }): JSX.Element {
  return (
    <tr>
      <td class="quiet at"><Time at={one.created_at} /></td>
      <td class="what"><button type="button" class="webhook-open" onClick={onOpen}>{typeName(one.type)}</button></td>
      <td><Outcome delivery={one} /></td>
      <td class="quiet">{one.attempts > 0 && many("console.webhooks.attempts", one.attempts)}</td>
      <td class="quiet why">
        {one.state === "waiting" && one.next_at !== null && one.attempts > 0 && <>{t("console.webhooks.next")} <time dateTime={one.next_at}>{exactText(one.next_at)}</time></>}
        {one.error !== null && <span dir="auto">{one.error}</span>}
      </td>
    </tr>
  );
}

interface FilterProps {
  types: Webhooks["types"];
  filter: LogFilter;
  onFilter: (filter: LogFilter) => void;
}

function LogFilters({ types, filter, onFilter }: FilterProps): JSX.Element {
  return (
    <div class="webhook-filters">
      <label class="field">
        <span>{t("console.webhooks.state")}</span>
        <select value={filter.state} onChange={(event) => onFilter({ ...filter, state: event.currentTarget.value })}>
          <option value="">{t("console.webhooks.any")}</option>
          {STATES.map((one) => <option key={one} value={one}>{t(`console.webhooks.state.${one}`)}</option>)}
        </select>
      </label>
      <label class="field">
        <span>{t("console.webhooks.type")}</span>
        <select value={filter.type} onChange={(event) => onFilter({ ...filter, type: event.currentTarget.value })}>
          <option value="">{t("console.webhooks.any")}</option>
          {types.map(({ type }) => <option key={type} value={type}>{typeName(type)}</option>)}
        </select>
      </label>
    </div>
  );
}

export function WebhookLog({ id }: { id: string }): JSX.Element {
  const { api, site, say } = useDesk();
  const [all, setAll] = useState<Webhooks | null>(null);
  const [filter, setFilter] = useState<LogFilter>({ state: "", type: "" });
  const [open, setOpen] = useState<string | null>(null);
  const pages = usePages<Delivery>(`${site.key} ${id} ${filter.state} ${filter.type}`, async (cursor, signal) => {
    const { deliveries, next_cursor } = await api.deliveries(site.key, id, filter, cursor, signal);
    return { items: deliveries, next_cursor };
  });
  const stand = (): void => void api.webhooks(site.key).then(setAll, () => undefined); // the list says what is wrong
  const refresh = (): void => {
    pages.again();
    stand();
  };
  const webhook: Webhook | undefined = all?.webhooks.find((one) => one.id === id);
  useEffect(() => {
    document.title = `${t("console.webhooks.log")} – ${site.name}`;
    stand();
  }, [site.key]);
  const replayAll = async (): Promise<void> => {
    const since = new Date(Date.now() - DAYS * 86_400_000).toISOString();
    try {
      const { replayed } = await api.replayFailed(site.key, id, since);
      say({ tone: "plain", text: many("console.webhooks.replayed", replayed) });
      refresh();
    } catch (error) {
      say({ tone: "bad", text: failureText(error) });
    }
  };
  return (
    <div class="sheet">
      <header class="sheet-head">
        <div class="webhook-title">
          <Link route={{ page: "webhooks", site: site.key, id: null }} class="button icon-only plain" label={t("console.webhooks.back")}><Icon name="back" /></Link>
          <h1>{t("console.webhooks.log")}</h1>
        </div>
        <span class="webhook-buttons">
          <button type="button" class="button" disabled={pages.busy} onClick={refresh}>{t("console.webhooks.refresh")}</button>
          <button type="button" class="button" disabled={webhook?.enabled !== true} onClick={() => void replayAll()}>{t("console.webhooks.replay_failed")}</button>
        </span>
      </header>
      {webhook !== undefined && (
        <>
          <p class="webhook-url" dir="ltr">{webhook.url}</p>
          <Standing webhook={webhook} />
        </>
      )}
      <LogFilters types={all?.types ?? []} filter={filter} onFilter={setFilter} />
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && <Nothing title={t("console.webhooks.log_none")} text={t("console.webhooks.log_none_text")} />}
      {pages.items !== null && pages.items.length > 0 && (
        <table class="table webhook-log">
          <thead>
            <tr>{["at", "type", "state", "tries", "why"].map((column) => <th key={column} scope="col">{t(`console.webhooks.column.${column}`)}</th>)}</tr>
          </thead>
          <tbody>{pages.items.map((one) => <Row key={one.id} one={one} onOpen={() => setOpen(one.id)} />)}</tbody>
        </table>
      )}
      {pages.items !== null && pages.fault !== null && <p class="fault" role="alert">{pages.fault}</p>}
      {pages.cursor !== null && (
        <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>
      )}
      {open !== null && <DeliveryDialog webhook={id} id={open} onClose={() => setOpen(null)} onReplayed={() => { setOpen(null); refresh(); }} />}
    </div>
  );
}
