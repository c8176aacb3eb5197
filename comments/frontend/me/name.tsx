// The display name: as it is, whose it is, to be changed, and those before it.
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { day, reasonOf, useOwn } from "./own";
import type { OwnNames } from "./types";

export function Name(): VNode {
  const { api, words, visit, say, renew } = useOwn();
  const [names, setNames] = useState<OwnNames | null>(null);
  const [text, setText] = useState(visit.viewer.name ?? "");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const ask = (): void => {
    setWrong("");
    api.get<OwnNames>("/names").then(setNames, (error) => setWrong(reasonOf(error, words)));
  };
  useEffect(ask, []);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !text.trim() || text.trim() === names?.name) return;
    setBusy(true);
    setWrong("");
    try {
      setNames(await api.send<OwnNames>("PUT", "/name", { name: text.trim() }));
      say(words.t("me.name_saved"));
      await renew();
    } catch (error) {
      setWrong(reasonOf(error, words));
    }
    setBusy(false);
  };
  return (
    <section aria-labelledby="part">
      <h2 id="part" tabIndex={-1}>{words.t("me.name")}</h2>
      <form class="panel" aria-busy={busy} onSubmit={(event) => void save(event)}>
        <label for="name">{words.t("write.name")}</label>
        <input id="name" type="text" autocomplete="nickname" maxLength={80} dir="auto" value={text} aria-invalid={Boolean(wrong)} aria-describedby="name-hint"
          onInput={(event) => setText(event.currentTarget.value)} />
        <p class="quiet" id="name-hint">{words.t("write.name_rules")} {words.t("me.name_where")}</p>
        {names?.by && <p class="quiet">{words.t(`me.name_by.${names.by}`)}</p>}
        {wrong && <p class="wrong" role="alert">{wrong} {!names && <button type="button" class="link" onClick={ask}>{words.t("thread.again")}</button>}</p>}
        <p class="steps"><button type="submit" class="button loud" disabled={busy || !names || !text.trim() || text.trim() === names.name}>{words.t("write.save")}</button></p>
      </form>
      <h3>{words.t("me.former")}</h3>
      {names && !names.former.length && <p class="quiet">{words.t("me.former_none")}</p>}
      <ol class="list">{names?.former.map(({ name, by, until }) => (
        <li key={until + name}><p><bdi>{name}</bdi></p><p class="quiet">{words.t("me.former_until", { when: day(until, words) })} {words.t(`me.former_by.${by}`)}</p></li>
      ))}</ol>
      <p class="quiet">{words.t("me.former_who")}</p>
    </section>
  );
}
