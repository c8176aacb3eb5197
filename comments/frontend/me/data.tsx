// All that is one's own: as a file to take along, and erased for good.
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reasonOf, useOwn } from "./own";
import { forgetOwn } from "./pleas";
import type { OwnData } from "./types";

/** Milliseconds between two questions while the file is being made. */
const EVERY = 1_000;

export function Data(): VNode {
  const { api, words } = useOwn();
  const [data, setData] = useState<OwnData | null>(null);
  const [wrong, setWrong] = useState("");
  const ask = (method: "GET" | "POST", path: string): void => {
    (method === "GET" ? api.get<OwnData>(path) : api.send<OwnData>(method, path)).then((now) => {
      setData(now);
      setWrong("");
    }, (error) => {
      setWrong(reasonOf(error, words));
      setData((before) => before && { ...before }); // what goes on is asked for again
    });
  };
  useEffect(() => ask("GET", "/data"), []);
  const going = /^(waiting|running)$/.test(data?.export?.state ?? "");
  useEffect(() => {
    if (!going) return undefined;
    const timer = setTimeout(() => ask("GET", "/data"), EVERY);
    return () => clearTimeout(timer);
  }, [data]);
  return (
    <>
      <section aria-labelledby="part">
        <h2 id="part" tabIndex={-1}>{words.t("me.export")}</h2>
        <p>{words.t("me.export_what")}</p>
        {wrong && <p class="wrong" role="alert">{wrong} {!data && <button class="link" onClick={() => ask("GET", "/data")}>{words.t("thread.again")}</button>}</p>}
        <p role="status" class="quiet">
          {going && words.t("me.export_going", { done: words.number(data?.export?.done ?? 0) })}
          {data?.export?.state === "failed" && words.t("me.failed")}
        </p>
        <p class="steps">
          {data?.export?.state === "done" && <a class="button loud" href={api.address("/export/file")} download>{words.t("me.export_load")}</a>}
          <button class="button" disabled={!data || going} onClick={() => ask("POST", "/export")}>{words.t("me.export_start")}</button>
        </p>
      </section>
      {data && <Erasure modes={data.erasure} />}
    </>
  );
}

function Erasure({ modes }: { modes: OwnData["erasure"] }): VNode {
  const { api, words, visit } = useOwn();
  const [mode, setMode] = useState(modes[0] ?? "text");
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const name = visit.viewer.name || visit.site.name;
  const erase = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || typed.trim() !== name) return;
    setBusy(true);
    setWrong("");
    try {
      await api.send("POST", "/erasure", { mode, name });
      forgetOwn(visit);
      location.reload();
    } catch (error) {
      setWrong(reasonOf(error, words));
      setBusy(false);
    }
  };
  return (
    <section aria-labelledby="erasure">
      <h2 id="erasure">{words.t("me.erase")}</h2>
      <p>{words.t("me.erase_what")}</p>
      <form class="panel" onSubmit={(event) => void erase(event)}>
        {modes.length > 1
          ? (
            <fieldset>
              <legend>{words.t("me.erase_how")}</legend>
              {modes.map((one) => <label key={one} class="choice"><input type="radio" name="mode" checked={one === mode} onChange={() => setMode(one)} /> {words.t(`me.erase.${one}`)}</label>)}
            </fieldset>
          )
          : <p>{words.t(`me.erase.${mode}`)}</p>}
        <label for="typed">{words.t("me.erase_type", { name })}</label>
        <input id="typed" type="text" autocomplete="off" dir="auto" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        {wrong && <p class="wrong" role="alert">{wrong}</p>}
        <p class="steps"><button type="submit" class="button loud" disabled={busy || typed.trim() !== name}>{words.t("me.erase_do")}</button></p>
      </form>
    </section>
  );
}
