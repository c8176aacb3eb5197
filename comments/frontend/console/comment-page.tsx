// One comment by its address, with its thread: from the audit log, from a neighbour in a thread, or from a link to a
// comment that has left its queue. A decision changes it in place; a refused one changes it back and says why.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { itemOf, problemOf } from "./api";
import { Bench } from "./bench";
import { withClaims } from "./claims";
import type { ClaimNews } from "./claims";
import { useDesk } from "./desk";
import { BackToQueue } from "./decision-bar";
import { Failed, Loading } from "./empty";
import type { Fault } from "./queue-state";
import type { Context, Verdict } from "./types";
import { useUndo } from "./use-undo";
import { failureText, personName, t } from "./words";

const OUTCOME = { approve: "published", reject: "rejected" } as const;

export function LoneComment({ id, lead }: { id: string; lead?: ComponentChildren }): JSX.Element {
  const { api, site, claims, outbox, setCounts, murmur } = useDesk();
  const [context, setContext] = useState<Context | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);

  const load = async (): Promise<void> => {
    setTrouble(null);
    try {
      setContext(await api.comment(id));
    } catch (error) {
      setTrouble(failureText(error));
    }
  };
  useEffect(() => void load(), [id]);
  const hear = (news: ClaimNews): void => {
    if (news === "missed") void load();
    else setContext((now) => now && withClaims(now, news));
  };
  useEffect(() => claims.hear(hear), [claims, id]);

  const offer = useUndo();

  const judge = async (verdict: Verdict): Promise<void> => {
    if (context === null) return;
    const { comment } = context;
    setFault(null);
    setContext({ ...context, comment: { ...comment, status: OUTCOME[verdict.decision] } });
    murmur(t(`console.done.${verdict.decision}`, { name: personName(comment.author) }));
    try {
      const made = await outbox.post(id, comment.version ?? 0, verdict);
      setCounts(site.key, made.counts);
      offer(() => api.undo(made.decision_id).then(load), t(`console.done.${verdict.decision}`, { name: personName(comment.author) }));
      await load();
    } catch (error) {
      const problem = problemOf(error);
      setContext({ ...context, ...itemOf(problem) });
      setFault({ problem, verdict });
    }
  };

  if (trouble !== null) return <Failed text={trouble} onRetry={() => void load()} />;
  if (context === null) return <Loading />;
  return (
    <Bench
      item={context}
      known={context}
      fault={fault}
      lead={lead}
      onVerdict={(verdict) => void judge(verdict)}
      onAuthor={(author) => {
        setContext({ ...context, author });
        void load();
      }}
      onItem={(item) => setContext((now) => now && { ...now, ...item })}
      onGone={() => void load()}
      onAnswered={(item) => {
        setContext((now) => now && { ...now, ...item });
        void load();
      }}
      onArticle={(article) => setContext((now) => now && { ...now, article })}
    />
  );
}

export function CommentPage({ id }: { id: string }): JSX.Element {
  const { site } = useDesk();
  useEffect(() => {
    document.title = `${t("console.comment")} ${id} – ${site.name}`;
  }, [id, site.name]);
  return <LoneComment key={id} id={id} lead={<BackToQueue queue="waiting" />} />;
}
