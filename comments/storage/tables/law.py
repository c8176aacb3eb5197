"""Legal notices, the statements of reasons that restrictions leave behind, and complaints about either."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, partial, to

flaggers = sa.Table(  # organisations whose notices come first (DSA, Article 22)
    "flaggers",
    metadata,
    key(),
    to("sites"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),  # lower case
    sa.Column("area", sa.Text),  # of expertise, as the coordinator's award names it
    sa.Column("digest", sa.Text, nullable=False, unique=True),  # SHA-256 of the key that proves who they are
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("removed_at", Micros),
    sa.Index("ix_flaggers_site_id", "site_id", "id"),
)

notices = sa.Table(  # somebody says that comments are illegal (DSA, Article 16)
    "notices",
    metadata,
    key(),
    to("sites"),
    sa.Column("reference", sa.Text, nullable=False, unique=True),  # what both sides call it
    sa.Column("about", sa.Text, nullable=False),  # core.law.categories.ABOUT
    sa.Column("text", sa.Text, nullable=False),  # why it is illegal
    sa.Column("urls", sa.Text, nullable=False),  # JSON list, as they were given
    sa.Column("details", sa.Text, nullable=False, server_default="{}"),  # JSON: what section 5 asks for besides
    sa.Column("name", sa.Text),
    sa.Column("email", sa.Text),
    sa.Column("language", sa.Text, nullable=False),  # in which they are answered
    to("flaggers", nullable=True),
    sa.Column("rank", sa.Integer, nullable=False),  # 0: of a trusted flagger, 1: of anybody
    sa.Column("due_at", Micros),  # by the clock of section 5
    sa.Column("author_told_at", Micros),  # when the author was told, as section 5 has it
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("escalated_at", Micros),
    sa.Column("escalation", sa.Text),  # what the moderator wrote to administrators
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("decided_at", Micros),
    sa.Column("outcome", sa.Text),  # no_action | restricted
    sa.Column("answer", sa.Text),  # to whoever notified: why
    to("users", nullable=True),  # who decided
    sa.Index("ix_notices_site_id", "site_id", "created_at", "id"),
)
partial(
    "ix_notices_open", notices.c.site_id, notices.c.rank, notices.c.created_at, notices.c.id, where="decided_at IS NULL"
)
partial("ix_notices_decided", notices.c.site_id, notices.c.decided_at, notices.c.id, where="decided_at IS NOT NULL")
partial("ix_notices_flagger_id", notices.c.flagger_id, notices.c.id, where="flagger_id IS NOT NULL")

notice_comments = sa.Table(  # which comments a notice is about, as far as its addresses are ours
    "notice_comments",
    metadata,
    sa.Column("notice_id", Id, sa.ForeignKey("notices.id"), primary_key=True, autoincrement=False),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    to("sites"),
    sa.Index("ix_notice_comments_comment_id", "comment_id"),
)

statements = sa.Table(  # why somebody's comment or account was restricted (DSA, Article 17)
    "statements",
    metadata,
    key(),
    to("sites"),
    sa.Column("puid", sa.Text, nullable=False, unique=True),  # what the Transparency Database knows it by
    sa.Column("measure", sa.Text, nullable=False),  # remove | hide | suspend | ban | premoderate | warn
    to("comments", nullable=True),
    to("members", nullable=True),
    to("notices", nullable=True),  # that led to it
    to("users", nullable=True),  # none: no person decided
    sa.Column("reason", sa.Text),  # the site's, or a machine's
    sa.Column("ground", sa.Text, nullable=False),  # terms | law
    sa.Column("law", sa.Text),  # the provision
    sa.Column("why", sa.Text),  # in the decider's words
    sa.Column("about", sa.Text),  # the notice's category
    sa.Column("source", sa.Text, nullable=False),  # own | reports | notice | flagger
    sa.Column("automated_detection", sa.Boolean, nullable=False),
    sa.Column("automated_decision", sa.Text, nullable=False),  # no | partly | fully
    sa.Column("language", sa.Text),  # of the comment
    sa.Column("content_at", Micros),  # when the comment was written
    sa.Column("until", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("ended_at", Micros),
    sa.Column("ended_by", sa.Text),  # undone | lifted | overturned
    sa.Index("ix_statements_site_id", "site_id", "created_at", "id"),
)
partial("ix_statements_comment_id", statements.c.comment_id, statements.c.id, where="comment_id IS NOT NULL")
partial("ix_statements_member_id", statements.c.member_id, statements.c.id, where="member_id IS NOT NULL")
partial(
    "ix_statements_account", statements.c.member_id, statements.c.ended_at,
    where="comment_id IS NULL AND member_id IS NOT NULL",
)  # fmt: skip

complaints = sa.Table(  # against a statement, or against a notice's “no action” (DSA, Article 20); one for each
    "complaints",
    metadata,
    key(),
    to("sites"),
    sa.Column("statement_id", Id, sa.ForeignKey("statements.id"), unique=True),
    sa.Column("notice_id", Id, sa.ForeignKey("notices.id"), unique=True),
    to("members", nullable=True),
    to("users", nullable=True, name="against_id"),  # who had decided
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("decided_at", Micros),
    sa.Column("outcome", sa.Text),  # upheld (the decision stands) | overturned
    to("users", nullable=True),
    sa.Column("note", sa.Text),  # to whoever complained
    sa.Index("ix_complaints_site_id", "site_id", "created_at", "id"),
)
partial(
    "ix_complaints_open", complaints.c.site_id, complaints.c.created_at, complaints.c.id, where="decided_at IS NULL"
)
partial("ix_complaints_member_id", complaints.c.member_id, where="member_id IS NOT NULL")
partial("ix_complaints_decided", complaints.c.site_id, complaints.c.decided_at, complaints.c.id,
        where="decided_at IS NOT NULL")  # fmt: skip
