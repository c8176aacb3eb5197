// The rules of a site, of one of its sections, or of an article: set in a form, tried on what was written last, then
// switched on with a reason. What somebody has changed stays theirs until then, also if a colleague was quicker.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";
import { useDesk } from "./desk";
import { Failed, Loading } from "./empty";
import { Link } from "./link";
import { changeOf, countChanges, sectionsOf, withSection } from "./rules-fields";
import { RulesForm } from "./rules-form";
import { TrialView } from "./rules-trial";
import type { ArticleRules, ChangedVersion, Rules, SiteRules } from "./rules-types";
import { Versions } from "./rules-versions";
import { useTrial } from "./use-trial";
import { failureText, many, number, t } from "./words";

const SIZES = [1_000, 5_000, 20_000] as const;

/** Whose rules these are and how they are kept: a site's with all its sections, or what an article has otherwise. */
interface Kept {
  number: number;
  rules: Rules;
  sections: string[];
  inherited: Rules | null;
  title: string | null;
  versions: ChangedVersion[];
  cursor: string | null;
}

const ofSite = (found: SiteRules, versions: ChangedVersion[], cursor: string | null): Kept =>
  ({ number: found.number, rules: found.rules, sections: found.sections, inherited: null, title: null, versions, cursor });
const ofArticle = (found: ArticleRules): Kept =>
  ({ number: found.number, rules: found.rules, sections: [], inherited: found.inherited, title: found.article.title ?? found.article.id, versions: found.versions, cursor: null });

function useRules(article: string | null) {
  const { api, site } = useDesk();
  const [kept, setKept] = useState<Kept | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const load = async (): Promise<Kept> => {
    if (article !== null) return ofArticle(await api.articleRules(site.key, article));
    const [found, page] = await Promise.all([api.rules(site.key), api.rulesVersions(site.key, null)]);
    return ofSite(found, page.versions, page.next_cursor);
  };
  const again = (): void => {
    setFault(null);
    load().then(setKept, (error: unknown) => setFault(failureText(error)));
  };
  useEffect(again, [site.key, article]);
  const more = async (): Promise<void> => {
    if (kept === null) return;
    const page = await api.rulesVersions(site.key, kept.cursor);
    setKept({ ...kept, versions: [...kept.versions, ...page.versions], cursor: page.next_cursor });
  };
  return { kept, setKept, fault, load, again, more };
}

interface BarProps {
  changes: number;
  wrong: boolean;
  busy: boolean;
  mayTry: boolean;
  size: number;
  onSize: (size: number) => void;
  onTry: () => void;
  onDiscard: () => void;
}

function Bar({ changes, wrong, busy, mayTry, size, onSize, onTry, onDiscard }: BarProps): JSX.Element {
  return (
    <div class="rules-bar" role="region" aria-label={t("console.rules.bar")}>
      <p role="status">{changes === 0 ? t("console.rules.unchanged") : many("console.rules.unsaved", changes)}</p>
      {changes > 0 && <button type="button" class="button plain" onClick={onDiscard}>{t("console.rules.discard")}</button>}
      {mayTry && (
        <span class="rules-try">
          <select aria-label={t("console.rules.size")} value={String(size)} onChange={(event) => onSize(Number(event.currentTarget.value))}>
            {SIZES.map((one) => <option key={one} value={one}>{t("console.rules.last", { n: number(one) })}</option>)}
          </select>
          <button type="button" class="button primary" disabled={changes === 0 || wrong || busy} onClick={onTry}>
            {busy ? t("console.rules.trying") : t("console.rules.try", { n: number(size) })}
          </button>
        </span>
      )}
      {wrong && <p class="wrong" role="alert">{t("console.rules.wrong")}</p>}
    </div>
  );
}

function SwitchOn({ busy, onSwitch }: { busy: boolean; onSwitch: (reason: string) => void }): JSX.Element {
  const [reason, setReason] = useState("");
  return (
    <form class="switch-on" onSubmit={(event) => { event.preventDefault(); onSwitch(reason.trim()); }}>
      <label class="field">
        <span>{t("console.rules.reason")}</span>
        <input type="text" maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        <small>{t("console.rules.reason_hint")}</small>
      </label>
      <button type="submit" class="button primary" disabled={busy}>{t("console.rules.switch_on")}</button>
    </form>
  );
}

/** Keeps somebody from closing the page on what they have not switched on. */
function useGuard(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [on]);
}

interface EditorProps {
  article: string | null;
  kept: Kept;
  onKept: (kept: Kept) => void;
  load: () => Promise<Kept>;
  onMore: () => void;
}

function Editor({ article, kept, onKept, load, onMore }: EditorProps): JSX.Element {
  const { api, site, session, say } = useDesk();
  const [draft, setDraft] = useState<Rules>(kept.rules);
  const [wrong, setWrong] = useState<ReadonlySet<string>>(new Set());
  const [section, setSection] = useState("");
  const [form, setForm] = useState(0);
  const [size, setSize] = useState(5_000);
  const [saving, setSaving] = useState(false);
  const [stale, setStale] = useState<string | null>(null);
  const { trial, run, forget } = useTrial();
  const changes = countChanges(kept.rules, draft);
  useGuard(changes > 0);

  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.scrollIntoView({ block: trial.at === "done" ? "start" : "nearest" }), [trial.at]);

  const mayChange = session.user.can.includes("change_rules");
  const mayTry = session.user.can.includes("try_rules");
  const sent = article === null ? changeOf(kept.rules, draft) : draft;
  const asText = JSON.stringify(sent);
  const inSection = (rules: Rules): Rules => sectionsOf(rules)[section] ?? {};
  const inherited = section === "" ? kept.inherited : draft;

  const put = (name: string, value: unknown, isWrong: boolean): void => {
    const place = `${section}.${name}`;
    setWrong((now) => {
      const next = new Set(now);
      if (isWrong) next.add(place);
      else next.delete(place);
      return next;
    });
    setDraft((now) => {
      const before = section === "" ? now : (sectionsOf(now)[section] ?? {});
      const { [name]: _, ...others } = before;
      const own = value === undefined ? others : { ...before, [name]: value };
      return section === "" ? own : withSection(now, section, own);
    });
  };

  /** The form begins anew with these values. */
  const begin = (next: Kept, rules: Rules = next.rules): void => {
    onKept(next);
    setDraft(rules);
    setWrong(new Set());
    setForm((now) => now + 1);
    forget();
  };

  const save = async (work: () => Promise<unknown>, done: string): Promise<void> => {
    setSaving(true);
    setStale(null);
    try {
      await work();
      begin(await load());
      say({ tone: "plain", text: done });
    } catch (error) {
      if (error instanceof ApiError && error.code === "changed_meanwhile") {
        const now = await load();
        begin(now, article === null ? { ...now.rules, ...sent } : draft);
        setStale(t("console.rules.changed_meanwhile", { by: now.versions[0]?.by ?? t("console.by_system") }));
      } else say({ tone: "bad", text: failureText(error) });
    } finally {
      setSaving(false);
    }
  };

  const switchOn = (reason: string): Promise<void> =>
    save(
      () => (article === null
        ? api.changeRules(site.key, sent, kept.number, reason || null)
        : api.setArticleRules(site.key, article, sent, kept.number, reason || null)),
      t("console.rules.switched_on"),
    );
  const takeBack = (version: number, reason: string): Promise<void> =>
    save(() => api.takeBackRules(site.key, article, version, kept.number, reason || null), t("console.rules.taken_back"));

  const tried = trial.at !== "none" && trial.at !== "busy" && trial.of === asText;
  return (
    <>
      {kept.sections.length > 0 && (
        <label class="rules-scope">
          <span>{t("console.rules.for")}</span>
          <select value={section} onChange={(event) => setSection(event.currentTarget.value)}>
            <option value="">{t("console.rules.whole_site")}</option>
            {kept.sections.map((one) => <option key={one} value={one}>{t("console.rules.section", { name: one })}</option>)}
          </select>
        </label>
      )}
      {!mayChange && <p class="note">{t(mayTry ? "console.rules.may_try" : "console.rules.may_look")}</p>}
      {stale !== null && <p class="note" role="alert">{stale}</p>}
      {inherited !== null && <p class="quiet rules-hint">{t(article === null ? "console.rules.hint_section" : "console.rules.hint_article")}</p>}
      <RulesForm
        key={`${form} ${section}`}
        draft={section === "" ? draft : inSection(draft)}
        counting={section === "" ? kept.rules : inSection(kept.rules)}
        inherited={inherited}
        disabled={!mayTry}
        onField={put}
      />
      {mayTry && (
        <Bar changes={changes} wrong={wrong.size > 0} busy={trial.at === "busy"} mayTry={mayTry} size={size} onSize={setSize}
          onTry={() => run(asText, sent, article, size)} onDiscard={() => begin(kept)} />
      )}
      {trial.at !== "none" && (
        <section class="rules-group trial" aria-labelledby="group-trial" aria-busy={trial.at === "busy"}>
          <h2 id="group-trial" ref={heading}>{t("console.rules.trial")}</h2>
          {trial.at === "busy" && <p role="status">{t("console.rules.trying")}</p>}
          {trial.at === "failed" && <p class="fault" role="alert">{trial.why}</p>}
          {trial.at === "done" && <TrialView result={trial.result} site={site.key} />}
          {trial.at !== "busy" && !tried && <p class="note" role="status">{t("console.rules.trial.stale")}</p>}
          {tried && mayChange && changes > 0 && wrong.size === 0 && <SwitchOn busy={saving} onSwitch={(reason) => void switchOn(reason)} />}
        </section>
      )}
      <Versions versions={kept.versions} mayChange={mayChange && !saving} onMore={kept.cursor === null ? null : onMore} onTakeBack={takeBack} />
    </>
  );
}

export function RulesPage({ article }: { article: string | null }): JSX.Element {
  const { site } = useDesk();
  const { kept, setKept, fault, load, again, more } = useRules(article);
  useEffect(() => {
    document.title = `${t("console.rules")} – ${site.name}`;
  }, [site.name]);
  return (
    <div class="sheet rules">
      <header class="sheet-head">
        <h1>{article === null ? t("console.rules") : t("console.rules.of_article", { title: kept?.title ?? article })}</h1>
        {article !== null && <Link route={{ page: "rules", site: site.key, article: null }}>{t("console.rules.to_site")}</Link>}
      </header>
      {kept === null && (fault === null ? <Loading /> : <Failed text={fault} onRetry={again} />)}
      {kept !== null && <Editor article={article} kept={kept} onKept={setKept} load={load} onMore={() => void more()} />}
    </div>
  );
}
