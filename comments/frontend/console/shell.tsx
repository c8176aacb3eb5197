// What stands around every page: the site, the queues with their counts, the other pages, who is signed in. On a phone
// the same links lie along the lower edge.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { LineState } from "../shared/socket";
import { useDesk } from "./desk";
import { Icon } from "./icons";
import type { IconName } from "./icons";
import { KeyHint } from "./key-hint";
import { useCommands } from "./keys";
import { Link } from "./link";
import { navigate, QUEUES } from "./router";
import type { Route } from "./router";
import { toSearch } from "./search-page";
import { useTroubledWebhooks } from "./use-troubled-webhooks";
import { many, number, roleName, t } from "./words";

function SiteSwitch(): JSX.Element {
  const { session, site } = useDesk();
  if (session.sites.length < 2) return <p class="site-name" dir="auto">{site.name}</p>;
  const go = (key: string): void => navigate({ page: "queue", site: key, queue: "waiting", id: null });
  return (
    <select class="site-switch" aria-label={t("console.site")} value={site.key} onChange={(event) => go(event.currentTarget.value)}>
      {session.sites.map((one) => <option key={one.key} value={one.key}>{one.name}</option>)}
    </select>
  );
}

function Place({ route, icon, label, current, count }: { route: Route; icon: IconName; label: string; current: boolean; count?: number }): JSX.Element {
  return (
    <li>
      <Link class="place" title={label} route={route} current={current ? "page" : false}>
        <Icon name={icon} />
        <span class="place-label">{label}</span>
        {count !== undefined && <span class={`count${count === 0 ? " none" : ""}`}>{number(count)}</span>}
      </Link>
    </li>
  );
}

function Places({ route }: { route: Route }): JSX.Element {
  const { session, site, counts } = useDesk();
  const may = (action: string): boolean => session.user.can.includes(action);
  const troubled = useTroubledWebhooks(may("manage_site"), route.page === "webhooks");
  const list = useRef<HTMLUListElement>(null);
  // On a phone they are more than fit side by side.
  useLayoutEffect(() => {
    list.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [route]);
  return (
    <ul class="places" ref={list}>
      {QUEUES.map((queue) => (
        <Place
          key={queue}
          route={{ page: "queue", site: site.key, queue, id: null }}
          icon={queue}
          label={t(`console.queue.${queue}`)}
          current={route.page === "queue" && route.queue === queue}
          {...(counts === null ? {} : { count: counts[queue] })}
        />
      ))}
      <li class="gap" aria-hidden="true" />
      <Place route={{ page: "search", site: site.key, q: "", kind: "comments", status: "" }} icon="search" label={t("console.search")} current={route.page === "search"} />
      <Place route={{ page: "articles", site: site.key, q: "" }} icon="articles" label={t("console.articles")} current={route.page === "articles"} />
      {may("see_figures") && <Place route={{ page: "figures", site: site.key, range: { name: "30d" } }} icon="figures" label={t("console.figures")} current={route.page === "figures"} />}
      {may("see_rules") && <Place route={{ page: "rules", site: site.key, article: null }} icon="rules" label={t("console.rules")} current={route.page === "rules"} />}
      {may("see_notices") && (
        <Place
          route={{ page: "notices", site: site.key, id: null }} icon="notices" label={t("console.law")} current={route.page === "notices"}
          {...(typeof counts?.notices === "number" ? { count: counts.notices } : {})}
        />
      )}
      <Place route={{ page: "texts", site: site.key }} icon="texts" label={t("console.texts")} current={route.page === "texts"} />
      {may("manage_site") && (
        <Place route={{ page: "classifiers", site: site.key }} icon="classifiers" label={t("console.classifiers")} current={route.page === "classifiers"} />
      )}
      {may("manage_site") && (
        <Place
          route={{ page: "webhooks", site: site.key, id: null }} icon="webhooks" label={t("console.webhooks")} current={route.page === "webhooks"}
          {...(troubled > 0 ? { count: troubled } : {})}
        />
      )}
      {may("manage_site") && <Place route={{ page: "imports", site: site.key }} icon="imports" label={t("console.imports")} current={route.page === "imports"} />}
      {may("manage_site") && <Place route={{ page: "exports", site: site.key }} icon="exports" label={t("console.exports")} current={route.page === "exports"} />}
      {may("manage_api_keys") && <Place route={{ page: "api-keys", site: site.key }} icon="api-keys" label={t("console.api_keys")} current={route.page === "api-keys"} />}
      {may("see_audit") && <Place route={{ page: "audit", site: site.key }} icon="audit" label={t("console.audit")} current={route.page === "audit"} />}
      <Place route={{ page: "account", site: site.key }} icon="account" label={t("console.account")} current={route.page === "account"} />
    </ul>
  );
}

interface ShellProps {
  route: Route;
  line: LineState;
  /** How many decisions are kept until the server answers. */
  unsent: number;
  onHelp: () => void;
  onSignOut: () => void;
  children: ComponentChildren;
}

export function Shell({ route, line, unsent, onHelp, onSignOut, children }: ShellProps): JSX.Element {
  const { session, site } = useDesk();
  useCommands({ help: onHelp, search: () => toSearch(site.key) });
  // On a phone a comment in hand takes the whole screen.
  const inHand = route.page === "comment" || (route.page === "queue" && route.id !== null);
  return (
    <div class={`shell${inHand ? " in-hand" : ""}`}>
      <header class="side">
        <SiteSwitch />
        <nav aria-label={t("console.nav")}>
          <Places route={route} />
        </nav>
        <div class="side-foot">
          {unsent > 0 && <p class="unsent" role="status">{many("console.unsent", unsent)}</p>}
          {line === "waiting" && unsent === 0 && <p class="line-lost" role="status">{t("console.line_lost")}</p>}
          <button type="button" class="place keys-button" onClick={onHelp} aria-haspopup="dialog">
            <Icon name="keys" />
            <span class="place-label">{t("console.help")}</span>
            <KeyHint of="help" />
          </button>
          <div class="me">
            <span class="me-name" title={session.user.email}>
              <bdi>{session.user.name || session.user.email}</bdi>
              <small class="quiet">{roleName(session.user.role)}</small>
            </span>
            <button type="button" class="button icon-only plain" onClick={onSignOut} aria-label={t("console.sign_out")} title={t("console.sign_out")}>
              <Icon name="out" />
            </button>
          </div>
        </div>
      </header>
      <main class="page">{children}</main>
    </div>
  );
}
