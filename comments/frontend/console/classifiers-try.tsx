// A try: a sample text, asked about by the worker, and what came of it. Nothing is kept but the last answer.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Scores } from "./opinions";
import { Time } from "./time";
import type { Classifier, Classifiers } from "./types";
import { failureText, many, t } from "./words";

/** Milliseconds between two looks whether the worker has an answer, and for how long. */
const LOOK = 400;
const LOOKS = 60;

export function TryForm({ classifier, put }: { classifier: Classifier; put: (all: Classifiers) => void }): JSX.Element {
  const { api, site } = useDesk();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);

  const wait = async (id: string): Promise<void> => {
    for (let look = 0; look < LOOKS && here.current; look += 1) {
      await new Promise((done) => setTimeout(done, LOOK));
      const all = await api.classifiers(site.key);
      if (all.classifiers.find((one) => one.name === classifier.name)?.last_test?.id !== id) continue;
      if (here.current) put(all);
      return;
    }
    if (here.current) setFault(t("console.classifiers.no_answer"));
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await wait(await api.tryClassifier(site.key, classifier.name, text));
    } catch (error) {
      setFault(failureText(error));
    }
    if (here.current) setBusy(false);
  };

  const last = classifier.last_test;
  return (
    <form class="classifier-try" onSubmit={submit}>
      <h3>{t("console.classifiers.try")}</h3>
      <label class="field">
        <span>{t("console.classifiers.sample")}</span>
        <textarea required rows={3} maxLength={5000} dir="auto" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="classifier-foot">
        <button type="submit" class="button" disabled={busy || text.trim() === ""}>{t(busy ? "console.classifiers.asking" : "console.classifiers.ask")}</button>
      </div>
      <div aria-live="polite">
        {fault !== null && <p class="fault">{fault}</p>}
        {last !== null && !busy && (
          <div class="tested">
            {last.error === undefined
              ? <Scores scores={last.scores ?? {}} thresholds={classifier.rule?.thresholds ?? {}} />
              : <p class="fault">{last.error}</p>}
            <p class="quiet">
              {[last.model, last.model_version].filter(Boolean).join(" ")} · <Time at={last.at} /> · {many("console.opinions.took", last.took_ms)}
            </p>
          </div>
        )}
      </div>
    </form>
  );
}
