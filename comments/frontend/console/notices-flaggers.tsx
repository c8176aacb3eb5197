// Whom the site trusts to give notice: added and removed by administrators, their key shown once.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Loading, Nothing } from "./empty";
import { ShownOnce } from "./shown-once";
import type { Flagger } from "./types";
import { failureText, number, t } from "./words";

const EMPTY = { name: "", email: "", area: "" };

export function FlaggersPart(): JSX.Element {
  const { api, site, session } = useDesk();
  const [all, setAll] = useState<Flagger[] | null>(null);
  const [fields, setFields] = useState(EMPTY);
  const [made, setMade] = useState<{ name: string; key: string } | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const manages = session.user.can.includes("manage_site");
  const load = (): void => void api.flaggers(site.key).then(setAll, (error: unknown) => setFault(failureText(error)));
  useEffect(load, [site.key]);
  const attempt = async (what: () => Promise<void>): Promise<void> => {
    setFault(null);
    try {
      await what();
      load();
    } catch (error) {
      setFault(failureText(error));
    }
  };
  const add = async (): Promise<void> => {
    const { flagger, key } = await api.addFlagger(site.key, fields);
    setMade({ name: flagger.name, key });
    setFields(EMPTY);
  };
  const remove = ({ id, name }: Flagger): void => {
    if (confirm(t("console.law.flagger_remove_sure", { name }))) void attempt(() => api.removeFlagger(site.key, id));
  };
  if (all === null && fault === null) return <Loading />;
  return (
    <section class="part">
      {all?.length === 0 && <Nothing title={t("console.law.no_flaggers")} text={t("console.law.no_flaggers_text")} />}
      <ul>
        {all?.map((one) => (
          <li key={one.id} class="text-row">
            <p class="text-name">
              <strong dir="auto">{one.name}</strong>
              {one.area !== null && <span class="tag" dir="auto">{one.area}</span>}
              {manages && <button type="button" class="button small" onClick={() => remove(one)}>{t("console.law.flagger_remove", { name: one.name })}</button>}
            </p>
            <p class="quiet">
              <bdi>{one.email}</bdi> · {t("console.law.flagger_notices", {
                n: number(Object.values(one.notices).reduce((sum, n) => sum + n, 0)), restricted: number(one.notices["restricted"] ?? 0),
              })}
            </p>
          </li>
        ))}
      </ul>
      {made !== null && (
        <ShownOnce title={t("console.law.flagger_key")} text={t("console.law.flagger_key_text", { name: made.name })} value={made.key} onKept={() => setMade(null)} />
      )}
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      {manages && (
        <form class="text-edit" onSubmit={(event) => (event.preventDefault(), void attempt(add))}>
          <h2>{t("console.law.flagger_new")}</h2>
          {(["name", "email", "area"] as const).map((name) => (
            <label key={name} class="field">
              <span>{t(`console.law.flagger_${name}`)}</span>
              <input maxLength={200} value={fields[name]} onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })} />
            </label>
          ))}
          <div class="dialog-foot">
            <button type="submit" class="button primary" disabled={fields.name.trim() === "" || fields.email.trim() === ""}>{t("console.law.flagger_add")}</button>
          </div>
        </form>
      )}
    </section>
  );
}
