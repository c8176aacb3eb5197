"""Comments with the indexes of every way in which they are read, what was found in them, and the journal."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, partial, to

comments = sa.Table(
    "comments",
    metadata,
    key(),
    to("sites"),
    to("articles"),
    to("members", nullable=True),  # none when the author was erased
    to("comments", nullable=True, name="parent_id"),
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
    sa.Column("question", sa.Boolean, nullable=False, server_default=sa.false()),  # put to the article's author
    sa.Column("answer_id", Id),  # of a question: the author's answer
    sa.Column("by_author", sa.Boolean, nullable=False, server_default=sa.false()),  # the article's author wrote it
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("request_hash", sa.Text),
    sa.Column("archive_key", sa.Text),  # identity in the archive that it was imported from
    sa.UniqueConstraint("member_id", "idempotency_key"),
    sa.UniqueConstraint("site_id", "archive_key"),
)

_c = comments.c

# What the public reads: however much of a thread it does not see, a page does not walk over it.
partial("ix_comments_roots_by_time", _c.article_id, _c.created_at, _c.id, where="depth = 0 AND shown")

partial("ix_comments_roots_by_score", _c.article_id, _c.recommends.desc(), _c.id.desc(), where="depth = 0 AND shown")

partial("ix_comments_roots_by_replies", _c.article_id, _c.reply_count.desc(), _c.id.desc(), where="depth = 0 AND shown")

partial("ix_comments_picked", _c.article_id, _c.picked_at.desc(), _c.id.desc(), where="picked_at IS NOT NULL")

partial("ix_comments_questions", _c.article_id, _c.created_at.desc(), _c.id.desc(), where="question")

partial("ix_comments_by_author", _c.article_id, _c.created_at.desc(), _c.id.desc(), where="by_author")

partial("ix_comments_answers", _c.parent_id, _c.created_at, _c.id, where="by_author")  # to one question

partial("ix_comments_shown_replies", _c.root_id, _c.created_at, _c.id, where="depth > 0 AND shown")

partial("ix_comments_shown_children", _c.parent_id, _c.created_at, _c.id, where="depth > 0 AND shown")

# What moderators read
partial("ix_comments_replies", _c.root_id, _c.created_at, _c.id, where="depth > 0")
sa.Index("ix_comments_parent", _c.parent_id, _c.created_at, _c.id)

partial("ix_comments_waiting", _c.site_id, _c.created_at, _c.id, where="status = 'waiting'")

partial("ix_comments_waiting_in_article", _c.article_id, _c.created_at, _c.id, where="status = 'waiting'")

partial("ix_comments_reported", _c.site_id, _c.created_at, _c.id, where="open_reports > 0")

partial("ix_comments_new", _c.site_id, _c.created_at, _c.id, where="status = 'published' AND looked_at IS NULL")

_BY_RISK = (_c.site_id, _c.risk.desc(), _c.created_at.desc(), _c.id.desc())

partial("ix_comments_waiting_by_risk", *_BY_RISK, where="status = 'waiting'")

partial("ix_comments_reported_by_risk", *_BY_RISK, where="open_reports > 0")

partial("ix_comments_new_by_risk", *_BY_RISK, where="status = 'published' AND looked_at IS NULL")
sa.Index("ix_comments_created_at", _c.created_at, _c.site_id)  # the last ones and those of an hour: trials, figures

partial("ix_comments_people", _c.article_id, _c.member_id, where="status = 'published'")  # who is in a thread

# What is somebody's own
sa.Index("ix_comments_by_member", _c.member_id, _c.created_at, _c.id)

partial("ix_comments_waiting_of_member", _c.member_id, _c.created_at, _c.id, where="status = 'waiting'")

partial("ix_comments_withdrawn_of_member", _c.member_id, _c.created_at, _c.id, where="status = 'withdrawn'")

partial("ix_comments_rejected_of_member", _c.member_id, _c.created_at, _c.id, where="status = 'rejected'")

partial(
    "ix_comments_own_hidden",
    _c.article_id,
    _c.member_id,
    _c.created_at,
    _c.id,
    where="status IN ('waiting', 'rejected')",
)

edits = sa.Table(
    "edits",
    metadata,
    key(),
    to("comments"),
    sa.Column("source", sa.Text, nullable=False),  # what stood before the edit
    sa.Column("edited_at", Micros, nullable=False),
    sa.Index("ix_edits_comment_id", "comment_id"),
)

findings = sa.Table(
    "findings",
    metadata,
    key(),
    to("comments"),
    sa.Column("rule", sa.Text),  # the finding's own, for queues and figures; none before this was written down
    sa.Column("finding", sa.Text, nullable=False),  # JSON {rule, kind, reason, spans, params}
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("superseded_at", Micros),  # an edit or a decision put others in its place
    sa.Index("ix_findings_comment_id", "comment_id"),
)

gathered = sa.Table(  # comments whose reactions changed and have not taken a seq yet
    "gathered",
    metadata,
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
)

journal = sa.Table(  # statuses and ids, never text; kept for 7 days
    "journal",
    metadata,
    key(),
    to("sites"),
    to("articles"),
    to("comments", nullable=True),
    sa.Column("seq", sa.BigInteger),  # none: nothing that the public sees
    sa.Column("kind", sa.Text, nullable=False),  # comment | article | reset | own
    sa.Column("before", sa.Text, nullable=False),  # how the public saw it before: full | stub | absent
    sa.Column("member_id", Id),  # whose "mine" changed
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_journal_article_id_seq", "article_id", "seq"),
    sa.Index("ix_journal_created_at", "created_at"),
)
