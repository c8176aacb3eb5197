"""Accounts of the console, what moderators decide, and what is written down about it."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, partial, to

users = sa.Table(  # moderators and administrators: local accounts of the console
    "users",
    metadata,
    key(),
    sa.Column("email", sa.Text, nullable=False, unique=True),  # lower case
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("sites", sa.Text),  # JSON list of site ids; none = all
    sa.Column("sections", sa.Text),  # JSON list of sections of those sites; none = all
    sa.Column("preferences", sa.Text, nullable=False, server_default="{}"),  # JSON of the console: keys and the like
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("totp_secret", sa.Text),  # sealed; none: the password alone signs in
    sa.Column("totp_step", Id, nullable=False, server_default="0"),  # of the last code taken: none counts twice
    sa.Column("recovery_codes", sa.Text, nullable=False, server_default="[]"),  # JSON list of hashes, each good once
    sa.Column("disabled_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
)

console_sessions = sa.Table(  # who is signed in to the console, by browser; no row: signed out
    "console_sessions",
    metadata,
    key(),
    to("users"),
    sa.Column("digest", sa.Text, nullable=False, unique=True),  # SHA-256 of what the cookie holds
    sa.Column("agent", sa.Text, nullable=False),  # browser and system in two words, for the list of one's sessions
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("seen_at", Micros, nullable=False),  # to the minute
    sa.Column("proved_at", Micros, nullable=False),  # when the password was last given
    sa.Index("ix_console_sessions_user_id", "user_id"),
    sa.Index("ix_console_sessions_seen_at", "seen_at"),
)

audit = sa.Table(  # append-only: triggers of the migration refuse UPDATE and DELETE
    "audit",
    metadata,
    key(),
    to("sites", nullable=True),
    to("users", nullable=True),  # none: the command line or the service itself
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
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    to("sites"),
    to("users"),
    sa.Column("until", Micros, nullable=False),
    sa.Index("ix_claims_until", "until"),
)

deferrals = sa.Table(  # what a moderator put aside: it leaves their own queues until then, their colleagues see it
    "deferrals",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    sa.Column("user_id", Id, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
    to("sites"),
    sa.Column("until", Micros, nullable=False),
    sa.Column("second_opinion", sa.Boolean, nullable=False, server_default=sa.false()),  # asked of a colleague
    sa.Column("note", sa.Text),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_deferrals_until", "until"),
)

decisions = sa.Table(  # what moderators decided about comments: to undo, to appeal against, and for the figures
    "decisions",
    metadata,
    key(),
    to("sites"),
    to("comments"),
    to("members", nullable=True),  # whose comment it was
    to("users", nullable=True),  # none: the service itself (a ban's bulk part, a machine)
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

partial("ix_decisions_undone_at", decisions.c.undone_at, where="undone_at IS NOT NULL")

partial("ix_decisions_overturned_at", decisions.c.overturned_at, where="overturned_at IS NOT NULL")

partial("ix_decisions_overturned", decisions.c.member_id, where="overturned_at IS NOT NULL")

appeals = sa.Table(  # one for a comment: its author asks that another person looks
    "appeals",
    metadata,
    key(),
    to("sites"),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), nullable=False, unique=True),
    to("members"),
    to("decisions", nullable=True),  # against which; none: a machine held it
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("decided_at", Micros),
    sa.Column("outcome", sa.Text),  # upheld (the decision stands) | overturned
    to("users", nullable=True),  # who decided the appeal
    sa.Column("note", sa.Text),  # to the author
    sa.Index("ix_appeals_member_id", "member_id", "id"),
)
sa.Index("ix_appeals_created_at", appeals.c.created_at)

partial("ix_appeals_decided_at", appeals.c.decided_at, where="decided_at IS NOT NULL")

partial("ix_appeals_open", appeals.c.site_id, appeals.c.created_at, appeals.c.id, where="decided_at IS NULL")

warnings = sa.Table(  # what a member is told before they write again
    "warnings",
    metadata,
    key(),
    to("sites"),
    to("members"),
    to("comments", nullable=True),  # on account of which
    to("users", nullable=True),
    sa.Column("reason", sa.Text, nullable=False),  # one of the site's reject_reasons
    sa.Column("text", sa.Text),  # the moderator's own words
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("seen_at", Micros),
    sa.Index("ix_warnings_member_id", "member_id", "id"),
)

bans = sa.Table(  # on all sites with this issuer, also those where the person has not been yet
    "bans",
    metadata,
    key(),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("sub", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    to("users", nullable=True),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("lifted_at", Micros),
    sa.Index("ix_bans_issuer", "issuer", "sub"),
)

trials = sa.Table(  # a changed rule set, replayed over the last comments by the worker
    "trials",
    metadata,
    key(),
    to("sites"),
    to("articles", nullable=True),
    to("users", nullable=True),
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
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    sa.Column("hour", Micros, primary_key=True, autoincrement=False),  # its beginning
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)
