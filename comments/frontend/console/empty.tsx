// What stands where nothing stands: a queue worked off, a page on its way, a page that did not come.
import type { JSX } from "preact";
import { Icon } from "./icons";
import type { QueueName } from "./router";
import { many, t } from "./words";

/** Says nothing at first (console.css delays it): most answers come before anybody could read it. */
export function Loading(): JSX.Element {
  return (
    <div class="blank loading" role="status">
      <p>{t("console.loading")}</p>
    </div>
  );
}

export function Failed({ text, onRetry }: { text: string; onRetry: () => void }): JSX.Element {
  return (
    <div class="blank" role="alert">
      <div class="blank-mark bad"><Icon name="warning" /></div>
      <h2>{t("console.load_failed")}</h2>
      <p>{text}</p>
      <button type="button" class="button" onClick={onRetry}>{t("console.retry")}</button>
    </div>
  );
}

/** `alone`: nothing else stands on the page. */
export function Nothing({ title, text, alone = false }: { title: string; text: string; alone?: boolean }): JSX.Element {
  const Heading = alone ? "h1" : "h2";
  return (
    <div class="blank">
      <Heading>{title}</Heading>
      <p>{text}</p>
    </div>
  );
}

export function NothingFits({ onClear }: { onClear: () => void }): JSX.Element {
  return (
    <div class="blank" role="status">
      <h2>{t("console.filters.none")}</h2>
      <p>{t("console.filters.none_text")}</p>
      <button type="button" class="button" onClick={onClear}>{t("console.filters.clear")}</button>
    </div>
  );
}

interface QuietProps {
  queue: QueueName;
  arrived: number;
  onRefresh: () => void;
}

export function Quiet({ queue, arrived, onRefresh }: QuietProps): JSX.Element {
  return (
    <div class="blank" role="status">
      <div class="blank-mark good"><Icon name="check" /></div>
      <h2>{t(`console.empty.${queue}`)}</h2>
      <p>{t(`console.empty.${queue}_text`)}</p>
      {arrived > 0 && (
        <button type="button" class="pill" onClick={onRefresh}>{many("console.arrived", arrived)}</button>
      )}
    </div>
  );
}
