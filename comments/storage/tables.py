"""The tables, as SQLAlchemy Core on Flask-SQLAlchemy's metadata; migrations/ makes them, a test compares the two.

Ids are 64-bit integers, times integer microseconds UTC, JSON columns text. Words as in docs/architecture.md.
"""

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import DDLCompiler


class Base(DeclarativeBase):
    """A plain declarative base: Flask-SQLAlchemy's metadata hangs on it."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER
Micros = sa.BigInteger()
_m = Base.metadata


@compiles(sa.Computed, "sqlite")
def _virtual(computed: sa.Computed, compiler: DDLCompiler, **_: object) -> str:
    """SQLite adds no stored column to a table that is there; in an index both are the same."""
    return f"GENERATED ALWAYS AS ({compiler.sql_compiler.process(computed.sqltext, literal_binds=True)})"


def _key() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def _to(target: str, *, nullable: bool = False, name: str | None = None) -> sa.Column[int]:
    return sa.Column(name or f"{target[:-1]}_id", Id, sa.ForeignKey(f"{target}.id"), nullable=nullable)


sites = sa.Table(
    "sites",
    _m,
    _key(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("origins", sa.Text, nullable=False),  # JSON list of scheme://host[:port]
    sa.Column("products", sa.Text, nullable=False),  # JSON list
    sa.Column("settings", sa.Text, nullable=False),  # JSON of core.site.SiteSettings
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("rules_id", Id),  # the rule set that counts; none = the defaults. No key: the two would need each other
    sa.Column("created_at", Micros, nullable=False),
)

rule_sets = sa.Table(  # versions of rules: nobody changes a row, what counts is what sites and articles name
    "rule_sets",
    _m,
    _key(),
    _to("sites"),
    _to("articles", nullable=True),  # none: the site's rules; else what the article has otherwise
    sa.Column("number", sa.Integer, nullable=False),  # counts the versions of this site or article
    sa.Column("rules", sa.Text, nullable=False),  # JSON of core.moderation.ruleset.RuleSet, or of overrides
    sa.Column("reason", sa.Text),  # why it was changed
    _to("users", nullable=True),  # none: the command line
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_rule_sets_site_id", "site_id", "article_id", "number"),
)

site_keys = sa.Table(
    "site_keys",
    _m,
    _key(),
    _to("sites"),
    sa.Column("kid", sa.Text),  # None: any token without or with an unknown kid may try it
    sa.Column("kind", sa.Text, nullable=False),  # secret | jwks | pem
    sa.Column("value", sa.Text, nullable=False),  # the secret, the JWKS URL or the PEM
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("revoked_at", Micros),
    sa.Index("ix_site_keys_site_id", "site_id"),
)

articles = sa.Table(
    "articles",
    _m,
    _key(),
    _to("sites"),
    sa.Column("key", sa.Text, nullable=False),  # the publisher's own id
    sa.Column("url", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("mode", sa.Text, nullable=False, server_default="open"),
    sa.Column("section", sa.Text),
    sa.Column("rules_id", Id),  # the rule set with what it has otherwise
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),  # published comments
    sa.Column("reactions_at", Micros, nullable=False, server_default="0"),  # when reactions last took a seq
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "key"),
    sa.Index("ix_articles_site_id", "site_id", "id"),
)

members = sa.Table(
    "members",
    _m,
    _key(),
    _to("sites"),
    sa.Column("sub", sa.Text, nullable=False),  # opaque; identity is site + sub
    sa.Column("name", sa.Text),
    sa.Column("name_key", sa.Text),  # the name folded for comparison
    sa.Column(
        "own_name", sa.Boolean, nullable=False, server_default=sa.false()
    ),  # chosen here, the token's does not replace it
    sa.Column("avatar", sa.Text),
    sa.Column("badges", sa.Text, nullable=False, server_default="[]"),  # JSON list
    sa.Column("state", sa.Text, nullable=False, server_default="registered"),
    sa.Column("state_until", Micros),
    sa.Column("entitled_at", Micros, nullable=False, server_default="0"),  # when the publisher last said so by itself
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),  # raising it ends all tokens
    sa.Column("banned_at", Micros),
    sa.Column("suspended_until", Micros),
    sa.Column("restriction_reason", sa.Text),
    sa.Column("premoderated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("premoderated_reason", sa.Text),
    sa.Column("unseen_warnings", sa.Integer, nullable=False, server_default="0"),
    sa.Column("published", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reports_upheld", sa.Integer, nullable=False, server_default="0"),  # of reports that they made
    sa.Column("reports_rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_comment_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "sub"),
    sa.Index("ix_members_site_id_name_key", "site_id", "name_key"),
)

comments = sa.Table(
    "comments",
    _m,
    _key(),
    _to("sites"),
    _to("articles"),
    _to("members", nullable=True),  # none when the author was erased
    _to("comments", nullable=True, name="parent_id"),
    sa.Column("root_id", Id),  # its own id for a root (set right after the insert, when the id is known)
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("tree", sa.Text, nullable=False),  # JSON
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("text_hash", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("edited_at", Micros),
    sa.Column("looked_at", Micros),  # when a moderator (or an import) last settled it; none = new
    sa.Column("reply_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("visible_children", sa.Integer, nullable=False, server_default="0"),
    # whether the public sees it, as a text or as a stub: what core.policy.PUBLIC says, for the indexes of its pages
    sa.Column(
        "shown",
        sa.Boolean,
        sa.Computed("status = 'published' OR visible_children > 0", persisted=True),
    ),
    sa.Column("recommends", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reactions", sa.Text, nullable=False, server_default="{}"),  # JSON kind -> count
    sa.Column("open_reports", sa.Integer, nullable=False, server_default="0"),
    sa.Column("report_weight", sa.Integer, nullable=False, server_default="0"),  # of the open ones, in hundredths
    sa.Column("risk", sa.Integer, nullable=False, server_default="0"),  # 0–100: what speaks against it
    sa.Column("language", sa.Text),  # as it was recognised; none = too short to say
    sa.Column("simhash", sa.BigInteger),  # near for texts that are nearly the same
    sa.Column("picked_at", Micros),  # the newsroom's choice
    sa.Column("locked_at", Micros),  # of a root: its thread takes no more replies
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("request_hash", sa.Text),
    sa.Column("archive_key", sa.Text),  # identity in the archive that it was imported from
    sa.UniqueConstraint("member_id", "idempotency_key"),
    sa.UniqueConstraint("site_id", "archive_key"),
)


def _partial(name: str, *columns: str | sa.ColumnElement[int], where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


_c = comments.c
# What the public reads: however much of a thread it does not see, a page does not walk over it.
_partial("ix_comments_roots_by_time", _c.article_id, _c.created_at, _c.id, where="depth = 0 AND shown")
_partial("ix_comments_roots_by_score", _c.article_id, _c.recommends.desc(), _c.id.desc(), where="depth = 0 AND shown")
_partial("ix_comments_shown_replies", _c.root_id, _c.created_at, _c.id, where="depth > 0 AND shown")
_partial("ix_comments_shown_children", _c.parent_id, _c.created_at, _c.id, where="depth > 0 AND shown")
# What moderators read
_partial("ix_comments_replies", _c.root_id, _c.created_at, _c.id, where="depth > 0")
sa.Index("ix_comments_parent", _c.parent_id, _c.created_at, _c.id)
_partial("ix_comments_waiting", _c.site_id, _c.created_at, _c.id, where="status = 'waiting'")
_partial("ix_comments_waiting_in_article", _c.article_id, _c.created_at, _c.id, where="status = 'waiting'")
_partial("ix_comments_reported", _c.site_id, _c.created_at, _c.id, where="open_reports > 0")
_partial("ix_comments_new", _c.site_id, _c.created_at, _c.id, where="status = 'published' AND looked_at IS NULL")
_BY_RISK = (_c.site_id, _c.risk.desc(), _c.created_at.desc(), _c.id.desc())
_partial("ix_comments_waiting_by_risk", *_BY_RISK, where="status = 'waiting'")
_partial("ix_comments_reported_by_risk", *_BY_RISK, where="open_reports > 0")
_partial("ix_comments_new_by_risk", *_BY_RISK, where="status = 'published' AND looked_at IS NULL")
sa.Index("ix_comments_created_at", _c.created_at, _c.site_id)  # the last ones and those of an hour: trials, figures
# What is somebody's own
sa.Index("ix_comments_by_member", _c.member_id, _c.created_at, _c.id)
_partial("ix_comments_waiting_of_member", _c.member_id, _c.created_at, _c.id, where="status = 'waiting'")
_partial("ix_comments_withdrawn_of_member", _c.member_id, _c.created_at, _c.id, where="status = 'withdrawn'")
_partial("ix_comments_rejected_of_member", _c.member_id, _c.created_at, _c.id, where="status = 'rejected'")
_partial(
    "ix_comments_own_hidden",
    _c.article_id,
    _c.member_id,
    _c.created_at,
    _c.id,
    where="status IN ('waiting', 'rejected')",
)

edits = sa.Table(
    "edits",
    _m,
    _key(),
    _to("comments"),
    sa.Column("source", sa.Text, nullable=False),  # what stood before the edit
    sa.Column("edited_at", Micros, nullable=False),
    sa.Index("ix_edits_comment_id", "comment_id"),
)

findings = sa.Table(
    "findings",
    _m,
    _key(),
    _to("comments"),
    sa.Column("rule", sa.Text),  # the finding's own, for queues and figures; none before this was written down
    sa.Column("finding", sa.Text, nullable=False),  # JSON {rule, kind, reason, spans, params}
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("superseded_at", Micros),  # an edit or a decision put others in its place
    sa.Index("ix_findings_comment_id", "comment_id"),
)

reactions = sa.Table(
    "reactions",
    _m,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("member_id", Id, sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_reactions_member_id_article_id", "member_id", "article_id"),
)

gathered = sa.Table(  # comments whose reactions changed and have not taken a seq yet
    "gathered",
    _m,
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
)

reports = sa.Table(
    "reports",
    _m,
    _key(),
    _to("comments"),
    _to("members"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("settled_at", Micros),
    sa.Column("outcome", sa.Text),  # upheld | rejected: what the decision that settled it made of it
    sa.Column("weight", sa.Integer, nullable=False, server_default="100"),  # how much it counted, in hundredths
    sa.Column("source", sa.Text),  # the same for reports from one place on one day; forgotten after some days
    sa.Column("author_id", Id),  # whose comment it is: for what is reported of somebody
    sa.UniqueConstraint("comment_id", "member_id"),
    sa.Index("ix_reports_created_at", "created_at"),
    sa.Index("ix_reports_member_id", "member_id", "id"),
    sa.Index("ix_reports_author_id", "author_id", "id"),
)
_partial("ix_reports_source", reports.c.created_at, where="source IS NOT NULL")

mutes = sa.Table(
    "mutes",
    _m,
    sa.Column("member_id", Id, sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("muted_id", Id, sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("created_at", Micros, nullable=False),
)

journal = sa.Table(  # statuses and ids, never text; kept for 7 days
    "journal",
    _m,
    _key(),
    _to("sites"),
    _to("articles"),
    _to("comments", nullable=True),
    sa.Column("seq", sa.BigInteger),  # none: nothing that the public sees
    sa.Column("kind", sa.Text, nullable=False),  # comment | article | reset | own
    sa.Column("before", sa.Text, nullable=False),  # how the public saw it before: full | stub | absent
    sa.Column("member_id", Id),  # whose "mine" changed
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_journal_article_id_seq", "article_id", "seq"),
    sa.Index("ix_journal_created_at", "created_at"),
)

users = sa.Table(  # moderators and administrators: local accounts of the console
    "users",
    _m,
    _key(),
    sa.Column("email", sa.Text, nullable=False, unique=True),  # lower case
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("sites", sa.Text),  # JSON list of site ids; none = all
    sa.Column("sections", sa.Text),  # JSON list of sections of those sites; none = all
    sa.Column("preferences", sa.Text, nullable=False, server_default="{}"),  # JSON of the console: keys and the like
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("disabled_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
)

audit = sa.Table(  # append-only: triggers of the migration refuse UPDATE and DELETE
    "audit",
    _m,
    _key(),
    _to("sites", nullable=True),
    _to("users", nullable=True),  # none: the command line or the service itself
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject_type", sa.Text, nullable=False),  # comment | member | article | site | user
    sa.Column("subject_id", Id, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_audit_site_id", "site_id", "id"),
    sa.Index("ix_audit_subject", "subject_type", "subject_id", "id"),
)

claims = sa.Table(  # which moderator has which comment before them; a row ends by itself
    "claims",
    _m,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    _to("sites"),
    _to("users"),
    sa.Column("until", Micros, nullable=False),
    sa.Index("ix_claims_until", "until"),
)

deferrals = sa.Table(  # what a moderator put aside: it leaves their own queues until then, their colleagues see it
    "deferrals",
    _m,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    sa.Column("user_id", Id, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
    _to("sites"),
    sa.Column("until", Micros, nullable=False),
    sa.Column("second_opinion", sa.Boolean, nullable=False, server_default=sa.false()),  # asked of a colleague
    sa.Column("note", sa.Text),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_deferrals_until", "until"),
)

decisions = sa.Table(  # what moderators decided about comments: to undo, to appeal against, and for the figures
    "decisions",
    _m,
    _key(),
    _to("sites"),
    _to("comments"),
    _to("members", nullable=True),  # whose comment it was
    _to("users", nullable=True),  # none: the service itself (a ban's bulk part, a machine)
    sa.Column("decision", sa.Text, nullable=False),  # approve | reject
    sa.Column("reason", sa.Text),
    sa.Column("note", sa.Text),  # to the author, in the receipt
    sa.Column("before", sa.Text, nullable=False),  # JSON: what an undo puts back
    sa.Column("version", sa.Integer, nullable=False),  # of the comment, after the decision
    sa.Column("waited", sa.BigInteger),  # µs between its coming to the queue and the decision
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("undone_at", Micros),
    sa.Column("overturned_at", Micros),  # on appeal
    sa.Index("ix_decisions_comment_id", "comment_id", "id"),
    sa.Index("ix_decisions_site_id", "site_id", "created_at", "id"),
)
_partial("ix_decisions_undone_at", decisions.c.undone_at, where="undone_at IS NOT NULL")
_partial("ix_decisions_overturned_at", decisions.c.overturned_at, where="overturned_at IS NOT NULL")
_partial("ix_decisions_overturned", decisions.c.member_id, where="overturned_at IS NOT NULL")

appeals = sa.Table(  # one for a comment: its author asks that another person looks
    "appeals",
    _m,
    _key(),
    _to("sites"),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False, unique=True),
    _to("members"),
    _to("decisions", nullable=True),  # against which; none: a machine held it
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("decided_at", Micros),
    sa.Column("outcome", sa.Text),  # upheld (the decision stands) | overturned
    _to("users", nullable=True),  # who decided the appeal
    sa.Column("note", sa.Text),  # to the author
    sa.Index("ix_appeals_member_id", "member_id", "id"),
)
sa.Index("ix_appeals_created_at", appeals.c.created_at)
_partial("ix_appeals_decided_at", appeals.c.decided_at, where="decided_at IS NOT NULL")
_partial("ix_appeals_open", appeals.c.site_id, appeals.c.created_at, appeals.c.id, where="decided_at IS NULL")

warnings = sa.Table(  # what a member is told before they write again
    "warnings",
    _m,
    _key(),
    _to("sites"),
    _to("members"),
    _to("comments", nullable=True),  # on account of which
    _to("users", nullable=True),
    sa.Column("reason", sa.Text, nullable=False),  # one of the site's reject_reasons
    sa.Column("text", sa.Text),  # the moderator's own words
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("seen_at", Micros),
    sa.Index("ix_warnings_member_id", "member_id", "id"),
)

bans = sa.Table(  # on all sites with this issuer, also those where the person has not been yet
    "bans",
    _m,
    _key(),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("sub", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    _to("users", nullable=True),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("lifted_at", Micros),
    sa.Index("ix_bans_issuer", "issuer", "sub"),
)

classifiers = sa.Table(  # outside or local services that are asked for opinions
    "classifiers",
    _m,
    _key(),
    _to("sites"),
    sa.Column("name", sa.Text, nullable=False),  # as the rule set's `opinions` name it
    sa.Column("kind", sa.Text, nullable=False),  # an entry point of the group comments.opinions
    sa.Column("config", sa.Text, nullable=False),  # JSON, without secrets
    sa.Column("secret", sa.Text),  # never shown again
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("trouble", sa.Text),  # JSON {since, error}, while it does not answer
    sa.Column("last_test", sa.Text),  # JSON, of the last sample that it was tried with
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "name"),
)

opinions = sa.Table(  # what a classifier said about one version of a comment
    "opinions",
    _m,
    _key(),
    _to("sites"),
    _to("comments"),
    sa.Column("comment_version", sa.Integer, nullable=False),
    sa.Column("classifier", sa.Text, nullable=False),  # its name at that time
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("model", sa.Text),
    sa.Column("model_version", sa.Text),
    sa.Column("scores", sa.Text, nullable=False, server_default="{}"),  # JSON label -> 0–1
    sa.Column("thresholds", sa.Text, nullable=False, server_default="{}"),  # JSON label -> as they were then
    sa.Column("outcome", sa.Text, nullable=False),  # none | note | hold | failed
    sa.Column("error", sa.Text),
    sa.Column("took", sa.BigInteger),  # µs
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_opinions_comment_id", "comment_id", "id"),
)

trials = sa.Table(  # a changed rule set, replayed over the last comments by the worker
    "trials",
    _m,
    _key(),
    _to("sites"),
    _to("articles", nullable=True),
    _to("users", nullable=True),
    sa.Column("rules", sa.Text, nullable=False),  # JSON, as it would be
    sa.Column("most", sa.Integer, nullable=False),  # over how many comments
    sa.Column("result", sa.Text),  # JSON, once it is there
    sa.Column("error", sa.Text),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("finished_at", Micros),
    sa.Index("ix_trials_created_at", "created_at"),
)

figures = sa.Table(  # a site's hours, counted by the worker: see storage/figures.py for the names
    "figures",
    _m,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    sa.Column("hour", Micros, primary_key=True, autoincrement=False),  # its beginning
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

marks = sa.Table(  # how far the worker is with the figures: times and ids; see jobs/figures.py
    "marks",
    _m,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

salts = sa.Table(  # what a day's addresses are hashed with; forgotten soon, so that nobody finds out whose they were
    "salts",
    _m,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # days since 1970
    sa.Column("salt", sa.Text, nullable=False),
)

jobs = sa.Table(
    "jobs",
    _m,
    _key(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text),  # at most one waiting job of a kind and key
    sa.Column("payload", sa.Text, nullable=False),  # JSON
    sa.Column("run_at", Micros, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", Micros, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    sa.Column("parked_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("kind", "key"),
    sa.Index(
        "ix_jobs_run_at",
        "run_at",
        sqlite_where=sa.text("parked_at IS NULL"),
        postgresql_where=sa.text("parked_at IS NULL"),
    ),
)

imports = sa.Table(  # how far an import came, so that it can be taken up again
    "imports",
    _m,
    _key(),
    _to("sites"),
    sa.Column("digest", sa.Text, nullable=False),  # of the file
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),  # records read and written
    sa.Column("finished_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "digest"),
)
