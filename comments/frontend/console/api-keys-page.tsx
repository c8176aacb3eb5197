// The site's keys of the publishers' API: who made each, what it is good for, when it was last used; made and revoked
// here. Administrators only.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { KeyDialog, NewKeyDialog, RevokeDialog } from "./api-keys-dialog";
import type { ApiKey, MadeApiKey } from "./api-keys-types";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { Icon } from "./icons";
import { Time } from "./time";
import { failureText, t } from "./words";

function Card({ known, onRevoke }: { known: ApiKey; onRevoke: () => void }): JSX.Element {
  const { name, state, scopes, by, used_at, expires_at, revoked_at } = known;
  return (
    <li class={`webhook${state === "counts" ? "" : " off"}`}>
      <header class="webhook-head">
        <h2 dir="auto">{name}</h2>
        <code dir="ltr">{known.prefix}…</code>
        {state !== "counts" && <span class="tag bad">{t(`console.api_keys.state.${state}`)}</span>}
      </header>
      <p class="tags">{scopes.map((scope) => <span class="tag" key={scope}>{t(`console.api_keys.scope.${scope}`)}</span>)}</p>
      <p class="quiet">
        {used_at === null ? t("console.api_keys.never_used") : <>{t("console.api_keys.used")} <Time at={used_at} /></>}
        {" · "}{t("console.api_keys.made")} <Time at={known.created_at} day />{by !== null && <> (<bdi>{by}</bdi>)</>}
        {revoked_at === null && <>{" · "}{expires_at === null ? t("console.api_keys.ends.never") : <>{t("console.api_keys.until")} <Time at={expires_at} day /></>}</>}
        {revoked_at !== null && <>{" · "}{t("console.api_keys.state.revoked")} <Time at={revoked_at} day /></>}
      </p>
      {state === "counts" && (
        <div class="webhook-buttons">
          <button type="button" class="button small reject" aria-label={t("console.api_keys.revoke_title", { name })} onClick={onRevoke}>{t("console.api_keys.revoke")}</button>
        </div>
      )}
    </li>
  );
}

export function ApiKeysPage(): JSX.Element {
  const { api, site, say } = useDesk();
  const [all, setAll] = useState<ApiKey[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeApiKey | null>(null);
  const [ending, setEnding] = useState<ApiKey | null>(null);
  const load = async (cursor: string | null = null): Promise<void> => {
    setFault(null);
    try {
      const { api_keys, next_cursor } = await api.apiKeys(site.key, cursor);
      setAll((before) => (cursor === null ? api_keys : [...(before ?? []), ...api_keys]));
      setNext(next_cursor);
    } catch (error) {
      setFault(failureText(error));
    }
  };
  useEffect(() => {
    document.title = `${t("console.api_keys")} – ${site.name}`;
    void load();
  }, [site.key]);
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{t("console.api_keys")}</h1>
        <button type="button" class="button" disabled={all === null} onClick={() => setAdding(true)}>
          <Icon name="api-keys" /> {t("console.api_keys.add")}
        </button>
      </header>
      <p class="quiet">{t("console.api_keys.about")} <a href="/api/docs" target="_blank" rel="noopener">{t("console.api_keys.docs")}</a></p>
      {all === null && (fault === null ? <Loading /> : <Failed text={fault} onRetry={() => void load()} />)}
      {all !== null && fault !== null && <p class="fault" role="alert">{fault}</p>}
      {all?.length === 0 && <Nothing title={t("console.api_keys.none")} text={t("console.api_keys.none_text")} />}
      <ul class="webhooks">
        {all?.map((one) => <Card key={one.id} known={one} onRevoke={() => setEnding(one)} />)}
      </ul>
      {next !== null && <button type="button" class="button" onClick={() => void load(next)}>{t("console.api_keys.more")}</button>}
      {adding && <NewKeyDialog onMade={(one) => { setAdding(false); setMade(one); void load(); }} onClose={() => setAdding(false)} />}
      {made !== null && <KeyDialog made={made} onKept={() => setMade(null)} />}
      {ending !== null && (
        <RevokeDialog
          known={ending}
          onRevoked={() => { setEnding(null); say({ tone: "plain", text: t("console.api_keys.revoked", { name: ending.name }) }); void load(); }}
          onClose={() => setEnding(null)}
        />
      )}
    </div>
  );
}
