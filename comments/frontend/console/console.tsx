// The console's frame of mind: is somebody signed in, at which site, on which page. Owns the session and the live line;
// the pages own everything else.
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { MustEnrol } from "./account-factor";
import { AccountPage } from "./account-page";
import { ApiError, createApi } from "./api";
import type { Api } from "./api";
import { ArticlesPage } from "./articles-page";
import { attend } from "./attended";
import { AuditPage } from "./audit-page";
import { ClassifiersPage } from "./classifiers-page";
import { CommentPage } from "./comment-page";
import { DeskContext } from "./desk";
import { createBoard } from "./claims";
import type { Desk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { FiguresPage } from "./figures-page";
import { HelpDialog } from "./help-dialog";
import { MemberPage } from "./member-page";
import { createOutbox } from "./outbox";
import type { Outbox } from "./outbox";
import { ProofDialog } from "./proof-dialog";
import { QueuePage } from "./queue-page";
import { navigate, useRoute } from "./router";
import type { Route } from "./router";
import { RulesPage } from "./rules-page";
import { SearchPage } from "./search-page";
import { Shell } from "./shell";
import { SignIn } from "./sign-in";
import { ExportsPage } from "./exports-page";
import { ImportsPage } from "./imports-page";
import { NoticePage } from "./notices-item";
import { NoticesPage } from "./notices-page";
import { TextsPage } from "./texts-page";
import { Toasts, useVoice } from "./toasts";
import type { Session } from "./types";
import { useCounts } from "./use-counts";
import { useOutbox, useStrays } from "./use-outbox";
import { useReasons } from "./use-reasons";
import { failureText, many, t } from "./words";
import { ApiKeysPage } from "./api-keys-page";
import { WebhookLog } from "./webhooks-log";
import { WebhooksPage } from "./webhooks-page";

const NO_SIFT = {};

function Page({ route, site }: { route: Route; site: string }): JSX.Element {
  switch (route.page) {
    case "queue":
      return <QueuePage key={`${site}/${route.queue}`} queue={route.queue} id={route.id} sift={route.sift ?? NO_SIFT} />;
    case "comment":
      return <CommentPage id={route.id} />;
    case "member":
      return <MemberPage key={`${site}/${route.id}`} id={route.id} />;
    case "articles":
      return <ArticlesPage key={site} q={route.q} />;
    case "rules":
      return <RulesPage key={`${site}/${route.article ?? ""}`} article={route.article} />;
    case "notices":
      return route.id === null ? <NoticesPage key={site} /> : <NoticePage key={`${site}/${route.id}`} id={route.id} />;
    case "texts":
      return <TextsPage key={site} />;
    case "account":
      return <AccountPage />;
    case "search":
      return <SearchPage key={site} q={route.q} kind={route.kind} status={route.status} />;
    case "audit":
      return <AuditPage key={site} />;
    case "classifiers":
      return <ClassifiersPage key={site} />;
    case "exports":
      return <ExportsPage key={site} />;
    case "imports":
      return <ImportsPage key={site} />;
    case "api-keys":
      return <ApiKeysPage key={site} />;
    case "webhooks":
      return route.id === null ? <WebhooksPage key={site} /> : <WebhookLog key={`${site}/${route.id}`} id={route.id} />;
    case "figures":
      return <FiguresPage key={site} range={route.range} />;
    default:
      return <Nothing alone title={t("console.not_found")} text={t("console.not_found_text")} />;
  }
}

/** Said to screen readers only: on the screen the marked place in the navigation says it. */
const titleOf = (route: Route): string => t(route.page === "queue" ? `console.queue.${route.queue}` : "console.comment");

interface SignedInProps {
  session: Session;
  api: Api;
  outbox: Outbox;
  /** How many decisions are kept until the server answers. */
  unsent: number;
  onSignedOut: (ended: boolean) => void;
}

function SignedIn({ session, api, outbox, unsent, onSignedOut }: SignedInProps): JSX.Element {
  const route = useRoute();
  const voice = useVoice();
  const [help, setHelp] = useState(false);
  const [keys, setKeys] = useState(session.keys);
  const named = "site" in route ? session.sites.find((site) => site.key === route.site) : undefined;
  const site = named ?? session.sites[0];
  const claims = useMemo(createBoard, []);
  const { counts, setCounts, line } = useCounts(api, site?.key ?? null, claims, () => onSignedOut(true));
  const reasons = useReasons(api, site?.key ?? null);
  useStrays(outbox, session.user.id, site?.key ?? null, line, voice.say);
  const [proof, setProof] = useState<{ second: boolean; settle: (given: boolean) => void } | null>(null);
  const astray = "site" in route && named === undefined;

  useEffect(() => {
    if (route.page === "start" && site !== undefined) navigate({ page: "queue", site: site.key, queue: "waiting", id: null }, "replace");
  }, [route.page, site?.key]);

  useEffect(() => {
    api.askWith((second) => new Promise((settle) => setProof({ second, settle })));
    // Whether the session has ended is found out by whatever is asked next.
    return attend(() => void api.session().catch(() => undefined));
  }, [api]);
  const settle = (given: boolean): void => {
    proof?.settle(given);
    setProof(null);
  };

  const signOut = async (): Promise<void> => {
    if (unsent > 0) return voice.say({ tone: "bad", text: many("console.unsent", unsent) });
    try {
      await Promise.all([...claims.inHand].map((release) => release()));
      await api.signOut();
      onSignedOut(false);
    } catch (error) {
      voice.say({ tone: "bad", text: failureText(error) });
    }
  };

  if (site === undefined) return <Nothing alone title={t("console.no_site")} text={t("console.no_site_text")} />;
  const desk: Desk = { api, session, site, counts, reasons, keys, setKeys, claims, outbox, setCounts, signedOut: () => onSignedOut(false), say: voice.say, murmur: voice.murmur };
  return (
    <DeskContext.Provider value={desk}>
      <Shell route={route} line={line} unsent={unsent} onHelp={() => setHelp(true)} onSignOut={() => void signOut()}>
        {(route.page === "queue" || route.page === "comment") && !astray && <h1 class="unseen">{titleOf(route)}</h1>}
        {astray ? <Nothing alone title={t("console.not_found")} text={t("console.not_found_text")} /> : <Page route={route} site={site.key} />}
      </Shell>
      {help && <HelpDialog onClose={() => setHelp(false)} />}
      {proof !== null && (
        <ProofDialog
          title={t("console.account.proof")} text={t("console.account.proof_text")} second={proof.second}
          give={async (password, code) => void (await api.prove(password, code), settle(true))} onClose={() => settle(false)}
        />
      )}
      <Toasts voice={voice} />
    </DeskContext.Provider>
  );
}

type State = { at: "asking" } | { at: "lost"; why: string } | { at: "door"; ended: boolean } | { at: "desk"; session: Session };

export function Console(): JSX.Element {
  const [state, setState] = useState<State>({ at: "asking" });
  const signedOut = useCallback((ended: boolean) => setState({ at: "door", ended }), []);
  const api = useMemo(() => createApi(() => signedOut(true)), [signedOut]);
  const outbox = useMemo(() => createOutbox(api.decide), [api]);
  const unsent = useOutbox(outbox);
  const enter = (session: Session): void => setState({ at: "desk", session });

  const ask = async (): Promise<void> => {
    try {
      enter(await api.session());
    } catch (error) {
      const out = error instanceof ApiError && error.status === 401;
      setState(out ? { at: "door", ended: false } : { at: "lost", why: failureText(error) });
    }
  };
  useEffect(() => void ask(), [api]);

  switch (state.at) {
    case "asking":
      return <Loading />;
    case "lost":
      return <Failed text={state.why} onRetry={() => void ask()} />;
    case "door":
      return <SignIn api={api} ended={state.ended} onSession={enter} />;
    case "desk":
      if (state.session.second_factor === "needed") return <MustEnrol api={api} onDone={enter} />;
      return <SignedIn session={state.session} api={api} outbox={outbox} unsent={unsent} onSignedOut={signedOut} />;
  }
}
