"""People known to us: what they are, what they did to comments of others, what they are told."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, partial, to

members = sa.Table(
    "members",
    metadata,
    key(),
    to("sites"),
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
    sa.Column("notified_until", Id, nullable=False, server_default="0"),  # the last notification that they have seen
    sa.Column("published", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reports_upheld", sa.Integer, nullable=False, server_default="0"),  # of reports that they made
    sa.Column("reports_rejected", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_comment_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "sub"),
    sa.Index("ix_members_site_id_name_key", "site_id", "name_key", postgresql_ops={"name_key": "text_pattern_ops"}),
)

reactions = sa.Table(
    "reactions",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("member_id", Id, sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_reactions_member_id_article_id", "member_id", "article_id"),
)

reports = sa.Table(
    "reports",
    metadata,
    key(),
    to("comments"),
    to("members"),
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

partial("ix_reports_source", reports.c.created_at, where="source IS NOT NULL")

mutes = sa.Table(
    "mutes",
    metadata,
    sa.Column("member_id", Id, sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("muted_id", Id, sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("created_at", Micros, nullable=False),
)

notifications = sa.Table(  # what a member is told of, once each
    "notifications",
    metadata,
    key(),
    to("members"),
    sa.Column("kind", sa.Text, nullable=False),  # core.notifications
    to("comments"),  # the reply, or one's own comment that something happened to
    to("articles"),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("comment_id", "member_id", "kind"),
    sa.Index("ix_notifications_member_id", "member_id", "id"),
)

follows = sa.Table(  # threads and comments that a member is told about; what is new in them is counted when they ask
    "follows",
    metadata,
    key(),
    to("members"),
    to("articles"),
    to("comments", nullable=True),  # none: the whole thread
    sa.Column("seen", sa.Integer, nullable=False, server_default="0"),  # comments or replies there when last looked at
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_follows_member_id", "member_id", "article_id", "comment_id"),
)
sa.Index(
    "uq_follows_thread",
    follows.c.member_id,
    follows.c.article_id,
    unique=True,
    sqlite_where=sa.text("comment_id IS NULL"),
    postgresql_where=sa.text("comment_id IS NULL"),
)
sa.Index(
    "uq_follows_comment",
    follows.c.member_id,
    follows.c.comment_id,
    unique=True,
    sqlite_where=sa.text("comment_id IS NOT NULL"),
    postgresql_where=sa.text("comment_id IS NOT NULL"),
)

used_tokens = sa.Table(  # publishers' tokens that were exchanged, on sites where each counts once
    "used_tokens",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    sa.Column("jti", sa.Text, primary_key=True),
    sa.Column("expires_at", Micros, nullable=False),  # of the token: it would be refused from then on anyway
    sa.Index("ix_used_tokens_expires_at", "expires_at"),
)
