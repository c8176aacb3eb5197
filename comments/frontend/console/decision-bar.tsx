// The row of buttons over a comment: each does what its key does.
import type { ComponentChildren, JSX } from "preact";
import type { Steps } from "./bench";
import { useDesk } from "./desk";
import { Icon } from "./icons";
import { KeyHint, useKeyOf } from "./key-hint";
import { Link } from "./link";
import type { QueueName } from "./router";
import type { Sift } from "./sift";
import { t } from "./words";

interface BarProps {
  decidable: boolean;
  bannable: boolean;
  lead?: ComponentChildren;
  steps?: Steps;
  onApprove: () => void;
  onReject: () => void;
  onBan: () => void;
}

/** Where there is room for one thing at a time: back from the comment to the list. */
export function BackToQueue({ queue, sift = {} }: { queue: QueueName; sift?: Sift }): JSX.Element {
  const { site } = useDesk();
  return (
    <Link class="button icon-only lead" route={{ page: "queue", site: site.key, queue, id: null, sift }} label={t("console.back_to_list")}>
      <Icon name="back" />
    </Link>
  );
}

/** The second click of a double click would fall on the next comment. */
const once = (act: () => void) => (event: MouseEvent): void => {
  if (event.detail < 2) act();
};

const withKey = (label: string, key: string | undefined): string => (key === undefined ? label : `${label} (${key})`);

function Stepper({ steps }: { steps: Steps }): JSX.Element {
  return (
    <div class="steps">
      <span class="quiet">{steps.position}</span>
      <button type="button" class="button icon-only" disabled={steps.previous === null} onClick={() => steps.previous?.()} aria-label={t("console.previous")} title={withKey(t("console.previous"), useKeyOf("previous"))}>
        <Icon name="up" />
      </button>
      <button type="button" class="button icon-only" disabled={steps.next === null} onClick={() => steps.next?.()} aria-label={t("console.next")} title={withKey(t("console.next"), useKeyOf("next"))}>
        <Icon name="down" />
      </button>
    </div>
  );
}

export function DecisionBar({ decidable, bannable, lead, steps, onApprove, onReject, onBan }: BarProps): JSX.Element {
  return (
    <div class="bar">
      {lead}
      <div class="verdicts" role="group" aria-label={t("console.decide")}>
        <button type="button" class="button approve" disabled={!decidable} onClick={once(onApprove)} aria-keyshortcuts={useKeyOf("approve")}>
          <Icon name="check" />
          <span>{t("console.approve")}</span>
          <KeyHint of="approve" />
        </button>
        <button type="button" class="button reject" disabled={!decidable} onClick={once(onReject)} aria-keyshortcuts={useKeyOf("reject")} aria-haspopup="dialog">
          <Icon name="cross" />
          <span>{t("console.reject")}</span>
          <KeyHint of="reject" />
        </button>
        <button type="button" class="button ban" disabled={!bannable} onClick={once(onBan)} aria-keyshortcuts={useKeyOf("ban")} aria-haspopup="dialog">
          <Icon name="ban" />
          <span>{t("console.ban")}</span>
          <KeyHint of="ban" />
        </button>
      </div>
      {steps !== undefined && <Stepper steps={steps} />}
    </div>
  );
}
