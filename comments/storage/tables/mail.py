"""Notifications by e-mail: where a member's go and which they want, what is to be sent, and who wants none."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, partial, to

mailboxes = sa.Table(  # of members whose address we know
    "mailboxes",
    metadata,
    sa.Column("member_id", Id, sa.ForeignKey("members.id"), primary_key=True, autoincrement=False),
    sa.Column("address", sa.Text),  # where mail goes: confirmed by the publisher or by a mailed link
    sa.Column("vouched", sa.Text),  # what the publisher's token said last
    sa.Column("pending", sa.Text),  # what the member typed and has not confirmed
    sa.Column("pending_at", Micros),
    sa.Column("language", sa.Text),  # none: the site's
    sa.Column("replies", sa.Text),  # off | at_once | daily, each; none: not chosen
    sa.Column("mentions", sa.Text),
    sa.Column("follows", sa.Text),
    sa.Column("decisions", sa.Text),
    sa.Column("appeals", sa.Text),
    sa.Column("failed_at", Micros),  # the address was refused for good
    sa.Column("failure", sa.Text),
    sa.Column("created_at", Micros, nullable=False),
)

mails = sa.Table(  # what is to be sent and what became of it; core/mail.py has the states
    "mails",
    metadata,
    key(),
    to("sites"),
    to("members", nullable=True),  # none: a letter to an address
    sa.Column("kind", sa.Text, nullable=False),  # a choice of the mailbox, digest or letter
    sa.Column("notification_id", Id),  # no key: what is told may be taken back
    sa.Column("follow_id", Id),  # of what is followed; no key: it may be let go
    sa.Column("template", sa.Text),  # of a letter; with it params (JSON), address and language, until it is sent
    sa.Column("params", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("key", sa.Text),  # planned once only
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("why", sa.Text),  # it was dropped, failed or is uncertain; no personal data
    sa.Column("digest_id", Id),  # what it went into
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("run_at", Micros, nullable=False),  # when it is due; in a worker's hands: when that is over
    sa.Column("sent_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "key"),
    sa.UniqueConstraint("notification_id", "created_at"),
)
partial("ix_mails_run_at", mails.c.run_at, where="state IN ('waiting', 'taken', 'sending')")
partial("ix_mails_held", mails.c.site_id, mails.c.member_id, where="state = 'held'")
partial("ix_mails_sent_at", mails.c.member_id, mails.c.sent_at, where="sent_at IS NOT NULL")
partial("ix_mails_address", mails.c.address, mails.c.created_at, where="address IS NOT NULL")
partial("ix_mails_addressed", mails.c.created_at, where="address IS NOT NULL")
partial("ix_mails_letters", mails.c.site_id, mails.c.created_at, where="kind = 'letter'")
partial("ix_mails_digest_id", mails.c.digest_id, where="digest_id IS NOT NULL")
partial("ix_mails_uncertain", mails.c.sent_at, where="state = 'uncertain'")
sa.Index("ix_mails_member_id", mails.c.member_id, mails.c.id)

mail_follows = sa.Table(  # what members follow who want mail of it
    "mail_follows",
    metadata,
    sa.Column("follow_id", Id, sa.ForeignKey("follows.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    to("sites"),
    to("members"),
    to("articles"),
    sa.Index("ix_mail_follows_article_id", "article_id", "follow_id"),
    sa.Index("ix_mail_follows_site_id", "site_id", "member_id"),
    sa.Index("ix_mail_follows_member_id", "member_id"),
)

mail_days = sa.Table(  # on which day, by its own clock, a site last sent digests
    "mail_days",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    sa.Column("day", sa.Text, nullable=False),  # 2026-03-02
)

mail_stops = sa.Table(  # addresses that want no letter from a site, as digests keyed with the operator's secret
    "mail_stops",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("created_at", Micros, nullable=False),
)
