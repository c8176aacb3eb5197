// A member's page: standing and its parts, what restricts them and what may be done, what was decided, what they wrote
// and reported. The server says what this account may do.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Figures, Restrictions } from "./author-card";
import { BanDialog } from "./ban-dialog";
import { useDesk } from "./desk";
import { Failed, Loading, Nothing } from "./empty";
import { KeyHint, useKeyOf } from "./key-hint";
import { useCommands } from "./keys";
import { Link } from "./link";
import { PersonActions } from "./person-actions";
import { StandingParts, weightName } from "./standing";
import { Time } from "./time";
import type { Author, Laid, MemberComment, MemberProfile, MemberReport, MemberWarning, Status } from "./types";
import { usePages } from "./use-pages";
import { ReasonDialog } from "./warn-dialog";
import { actionName, failureText, number, personName, reasonName, reportReason, stateName, statusName, t } from "./words";

const STATUSES = ["published", "waiting", "rejected", "withdrawn"] as const;

function Part({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Timeline({ profile }: { profile: MemberProfile }): JSX.Element | null {
  if (profile.decisions.length === 0) return null;
  return (
    <Part title={t("console.member.log")}>
      <ol class="decisions">
        {profile.decisions.map((entry, at) => (
          <li key={at}>
            <span>{actionName(entry.action)}{entry.reason !== null && `: ${reasonName(entry.reason)}`}</span>
            {entry.note && <q class="quiet" dir="auto">{entry.note}</q>}
            <small class="quiet"><bdi>{entry.by ?? t("console.by_system")}</bdi> · <Time at={entry.at} /></small>
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Warnings({ warnings }: { warnings: MemberWarning[] }): JSX.Element | null {
  if (warnings.length === 0) return null;
  return (
    <Part title={t("console.member.warnings")}>
      <ol class="decisions">
        {warnings.map((one) => (
          <li key={one.id}>
            <span>{reasonName(one.reason)}</span>
            {one.text && <q class="quiet" dir="auto">{one.text}</q>}
            <small class="quiet">
              <bdi>{one.by ?? t("console.by_system")}</bdi> · <Time at={one.created_at} /> ·{" "}
              {one.seen_at === null ? t("console.member.unread") : <>{t("console.member.read")} <Time at={one.seen_at} /></>}
            </small>
          </li>
        ))}
      </ol>
    </Part>
  );
}

function FormerNames({ names }: { names: MemberProfile["former_names"] }): JSX.Element | null {
  if (names.length === 0) return null;
  return (
    <Part title={t("console.member.former")}>
      <ul class="former-names">
        {names.map(({ name, by, until }) => (
          <li key={until + name}><bdi>{name}</bdi> <small class="quiet">{t(`console.member.former.${by}`)} · {t("console.member.former.until")} <Time at={until} day /></small></li>
        ))}
      </ul>
    </Part>
  );
}

function Reports({ title, reports, site }: { title: string; reports: MemberReport[]; site: string }): JSX.Element | null {
  if (reports.length === 0) return null;
  return (
    <Part title={title}>
      <ul class="reports">
        {reports.map((one) => (
          <li key={one.id}>
            <span class="tag">{reportReason(one.reason)}</span>
            <span class="report-text">
              <Link route={{ page: "comment", site, id: one.comment_id }}>{t("console.subject.comment", { id: one.comment_id })}</Link>
              {one.detail && <q dir="auto">{one.detail}</q>}
              <small class="quiet">
                <bdi>{personName(one.other)}</bdi> · {weightName(one.weight)} · {t(`console.outcome.${one.outcome ?? (one.settled_at === null ? "open" : "none")}`)} · <Time at={one.created_at} />
              </small>
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Comments({ id }: { id: string }): JSX.Element {
  const { api, site } = useDesk();
  const [status, setStatus] = useState<Status | "">("");
  const pages = usePages<MemberComment>(`${id} ${status}`, async (cursor) => {
    const { comments, next_cursor } = await api.memberComments(id, status, cursor);
    return { items: comments, next_cursor };
  });
  return (
    <Part title={t("console.member.comments")}>
      <label class="field member-filter">
        <span>{t("console.field.status")}</span>
        <select value={status} onChange={(event) => setStatus(event.currentTarget.value as Status | "")}>
          <option value="">{t("console.member.all")}</option>
          {STATUSES.map((one) => <option key={one} value={one}>{statusName(one)}</option>)}
        </select>
      </label>
      {pages.items === null && (pages.fault === null ? <Loading /> : <Failed text={pages.fault} onRetry={pages.again} />)}
      {pages.items?.length === 0 && <p class="quiet">{t("console.member.no_comments")}</p>}
      <ul class="member-comments">
        {(pages.items ?? []).map(({ comment, article }) => (
          <li key={comment.id}>
            <Link route={{ page: "comment", site: site.key, id: comment.id }}><span dir="auto">{comment.text ?? ""}</span></Link>
            <small class="quiet">
              <span class={`status status-${comment.status}`}>{statusName(comment.status)}</span> · <bdi>{article.title ?? article.id}</bdi> · <Time at={comment.created_at} />
            </small>
          </li>
        ))}
      </ul>
      {pages.cursor !== null && <button type="button" class="button list-more" disabled={pages.busy} onClick={pages.more}>{t("console.more")}</button>}
    </Part>
  );
}

interface LaidProps {
  profile: MemberProfile;
  onChange: (author: Author) => void;
}

/** Ban here or everywhere, note; warn and pre-moderate are the same as beside a comment. */
function Actions({ profile, onChange }: LaidProps): JSX.Element {
  const { api, say } = useDesk();
  const [dialog, setDialog] = useState<"ban" | "ban_everywhere" | "member_note" | null>(null);
  const { member, can, ban, suspension } = profile;
  const close = (): void => setDialog(null);
  const run = async (act: Promise<Laid | Author>): Promise<void> => {
    const found = await act;
    onChange("author" in found ? found.author : found);
  };
  const lift = (act: () => Promise<Laid | Author>) => (): void => {
    run(act()).catch((error: unknown) => say({ tone: "bad", text: failureText(error) }));
  };
  const restricted = ban !== null || suspension !== null;
  const banKey = useKeyOf("ban");
  useCommands(can.ban && !restricted ? { ban: () => setDialog("ban") } : {});
  return (
    <div class="member-actions">
      <PersonActions author={member} onAuthor={onChange} />
      {can.ban && restricted && !ban?.everywhere && <button type="button" class="button small" onClick={lift(() => api.unban(member.id))}>{t("console.author.lift")}</button>}
      {can.ban && !restricted && <button type="button" class="button small" aria-haspopup="dialog" aria-keyshortcuts={banKey} onClick={() => setDialog("ban")}>{t("console.ban")} <KeyHint of="ban" /></button>}
      {can.ban_everywhere && (ban?.everywhere
        ? <button type="button" class="button small" onClick={lift(() => api.liftBanEverywhere(member.id))}>{t("console.ban_everywhere.lift")}</button>
        : <button type="button" class="button small" aria-haspopup="dialog" onClick={() => setDialog("ban_everywhere")}>{t("console.ban_everywhere")}</button>)}
      {can.note && <button type="button" class="button small" aria-haspopup="dialog" onClick={() => setDialog("member_note")}>{t("console.member_note")}</button>}
      {dialog === "ban" && <BanDialog author={member} onBan={(terms) => run(api.ban(member.id, terms))} onClose={close} />}
      {dialog === "ban_everywhere" && (
        <ReasonDialog group="ban_everywhere" author={member} told={t("gate.banned")} onReason={(reason) => run(api.banEverywhere(member.id, reason))} onClose={close} />
      )}
      {dialog === "member_note" && <ReasonDialog group="member_note" author={member} onReason={(note) => run(api.noteMember(member.id, note))} onClose={close} />}
    </div>
  );
}

function Profile({ profile, onChange }: LaidProps): JSX.Element {
  const { member } = profile;
  return (
    <div class="member">
      <div class="member-side">
        <section class="part">
          <p class="author-name"><span class="tag">{stateName(member.state)}</span></p>
          <Restrictions author={member} />
          {profile.ban?.everywhere && <p class="quiet">{t("console.member.everywhere")}</p>}
          <Figures author={member} />
          <p class="quiet">{t("console.author.since")} <Time at={member.first_seen} day /></p>
          <Actions profile={profile} onChange={onChange} />
        </section>
        <Part title={t("console.member.standing")}>
          <StandingParts standing={member.standing} />
          <p class="quiet">{t("console.member.weight", { weight: weightName(profile.report_weight), upheld: number(profile.reports_upheld), rejected: number(profile.reports_rejected) })}</p>
        </Part>
        <FormerNames names={profile.former_names} />
        <Warnings warnings={profile.warnings} />
        <Timeline profile={profile} />
      </div>
      <div class="member-main">
        <Comments id={member.id} />
        <Reports title={t("console.member.received")} reports={profile.reports_received} site={profile.site} />
        <Reports title={t("console.member.made")} reports={profile.reports_made} site={profile.site} />
      </div>
    </div>
  );
}

export function MemberPage({ id }: { id: string }): JSX.Element {
  const { api, site } = useDesk();
  const [profile, setProfile] = useState<MemberProfile | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const load = async (): Promise<void> => {
    setTrouble(null);
    try {
      setProfile(await api.member(id));
    } catch (error) {
      setTrouble(failureText(error));
    }
  };
  useEffect(() => void load(), [id]);
  const name = profile === null ? "" : personName(profile.member);
  useEffect(() => {
    document.title = `${name || t("console.member")} – ${site.name}`;
  }, [name, site.name]);
  if (trouble !== null) return <Failed text={trouble} onRetry={() => void load()} />;
  if (profile === null) return <Loading />;
  if (profile.site !== site.key) return <Nothing title={t("console.not_found")} text={t("console.not_found_text")} />;
  return (
    <div class="sheet">
      <header class="sheet-head"><h1><bdi>{name}</bdi></h1></header>
      <Profile profile={profile} onChange={(member) => {
        setProfile({ ...profile, member });
        void load();
      }} />
    </div>
  );
}
