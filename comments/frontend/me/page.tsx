// The page: whose it is, its parts, and what limits its owner. The parts are addresses behind the #, so that “back” works.
import type { ComponentType, VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Words } from "../shared/i18n";
import type { Api } from "./api";
import { Comments } from "./comments";
import { Data } from "./data";
import { Mail } from "./mail";
import { Name } from "./name";
import { Notifications } from "./notifications";
import { day, OwnContext, when } from "./own";
import { People } from "./people";
import { forgetOld, forgetOwn } from "./pleas";
import { LaidUpon } from "./statement";
import type { Visit } from "./types";

const PARTS: [name: string, title: string, part: ComponentType][] = [
  ["comments", "me.comments", Comments],
  ["notifications", "live.bell", Notifications],
  ["following", "me.people", People],
  ["mail", "me.mail", Mail],
  ["name", "me.name", Name],
  ["data", "me.data", Data],
];

const asked = (): string => {
  const name = location.hash.slice(1);
  return PARTS.some(([one]) => one === name) ? name : "comments";
};

export function Page({ api, words, first }: { api: Api; words: Words; first: Visit }): VNode {
  const [visit, setVisit] = useState(first);
  const [part, setPart] = useState(asked);
  const [said, setSaid] = useState("");
  const moved = useRef(false);
  useEffect(() => {
    const follow = (): void => {
      moved.current = true;
      setSaid("");
      setPart(asked());
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(forgetOld, []);
  useEffect(() => {
    if (moved.current) document.getElementById("part")?.focus();
  }, [part]);
  const own = useMemo(() => ({
    api, words, visit,
    say: (text: string) => setSaid(text),
    renew: () => api.visit().then(setVisit),
  }), [visit]);
  const Part = PARTS.find(([name]) => name === part)?.[2] ?? Comments;
  return (
    <OwnContext.Provider value={own}>
      <header class="top">
        <p class="site" dir="auto">{visit.site.name}</p>
        <h1>{words.t("me.title")}</h1>
        <p class="who">{visit.viewer.name && <bdi>{visit.viewer.name}</bdi>} <button class="act" onClick={() => void leave(api, visit)}>{words.t("me.leave")}</button></p>
      </header>
      <Standing visit={visit} words={words} />
      <nav aria-label={words.t("me.title")}>
        <ul>{PARTS.map(([name, title]) => <li key={name}><a href={`#${name}`} aria-current={name === part ? "page" : undefined}>{words.t(title)}</a></li>)}</ul>
      </nav>
      <p class={said ? "notice said" : "unseen-line"} role="status">{said}</p>
      <main key={part}><Part /></main>
      <footer class="quiet">{words.t("me.until", { when: when(visit.until, words) })}</footer>
    </OwnContext.Provider>
  );
}

async function leave(api: Api, visit: Visit): Promise<void> {
  forgetOwn(visit);
  await api.send("DELETE", "/visit").catch(() => {});
  location.reload();
}

/** What limits them at the site and why, and that this page is theirs nevertheless. */
function Standing({ visit: { site, viewer, statements }, words }: { visit: Visit; words: Words }): VNode | null {
  const { suspended_until: until, restriction_reason: reason } = viewer;
  const gate = /^(name_needed|warned)?$/.test(viewer.gate ?? "") ? null : viewer.gate;
  if (!gate && !statements.length) return null;
  const restricts = gate === "suspended" || gate === "banned";
  return (
    <aside class="notice">
      {gate && <p dir="auto">{site.gate_words[gate] ?? words.t(`gate.${gate}`, { until: until ? day(until, words) : "" })}</p>}
      {gate && reason && <p class="quiet" dir="auto">{words.t("gate.because", { reason })}</p>}
      {statements.map((one) => <LaidUpon key={one.id} statement={one} named={restricts && /^(ban|suspend)$/.test(one.measure)} />)}
      {gate && <p class="quiet">{words.t("me.stays")}</p>}
    </aside>
  );
}
