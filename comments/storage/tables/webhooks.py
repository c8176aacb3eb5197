"""What publishers' servers are told: webhooks, messages, and how delivering them went. Kept for 14 days."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, partial, to

webhooks = sa.Table(
    "webhooks",
    metadata,
    key(),
    to("sites"),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("events", sa.Text, nullable=False),  # JSON list of types; none: all
    sa.Column("secrets", sa.Text, nullable=False),  # sealed JSON list of {secret, until}, the newest first
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("off_reason", sa.Text),  # hand | gone | failing, while it is switched off
    sa.Column("failing_since", Micros),  # the first failure since a message was last taken
    sa.Column("resting_until", Micros, nullable=False, server_default="0"),  # as the receiver asked
    sa.Column("delivered_at", Micros),  # when a message was last taken
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("deleted_at", Micros),  # nobody sees it any more; the row goes with the last of its log
    sa.Index("ix_webhooks_site_id", "site_id"),
)

webhook_messages = sa.Table(  # written in the transaction that tells of it, the same bytes at every attempt
    "webhook_messages",
    metadata,
    key(),
    to("sites"),
    sa.Column("uid", sa.Text, nullable=False, unique=True),  # msg_…, the same at every attempt
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("comment_id", Id),  # which comment it is about; no key: imports and erasure need not ask here
    to("members", nullable=True),  # who stands in it; none once they are erased
    sa.Column("payload", sa.Text),  # none: the comment was erased before everybody had it
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_webhook_messages_created_at", "created_at"),
)

webhook_deliveries = sa.Table(  # one for each message and webhook: what waits, and the log
    "webhook_deliveries",
    metadata,
    key(),
    to("webhook_messages", name="message_id"),
    to("webhooks"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("comment_id", Id),  # messages of one comment go one after the other
    sa.Column("state", sa.Text, nullable=False),  # waiting | delivered | failed | dropped
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # since it began, or was begun anew
    sa.Column("next_at", Micros, nullable=False),  # while it waits; ahead of who has it in hand: until when
    sa.Column("started_at", Micros, nullable=False),  # when it began, or was begun anew
    sa.Column("status", sa.Integer),  # of the last answer
    sa.Column("error", sa.Text),  # why there was none, or what ended it
    sa.Column("ended_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_webhook_deliveries_message_id", "message_id"),
    sa.Index("ix_webhook_deliveries_webhook_id", "webhook_id", "id"),
    sa.Index("ix_webhook_deliveries_state", "webhook_id", "state", "id"),
    sa.Index("ix_webhook_deliveries_type", "webhook_id", "type", "id"),
)

partial(
    "ix_webhook_deliveries_next_at",
    webhook_deliveries.c.webhook_id,
    webhook_deliveries.c.next_at,
    webhook_deliveries.c.id,
    where="state = 'waiting'",
)

partial("ix_webhook_deliveries_started_at", webhook_deliveries.c.started_at, where="state = 'waiting'")

partial(
    "ix_webhook_deliveries_tests", webhook_deliveries.c.next_at, where="state = 'waiting' AND type = 'webhook.test'"
)

partial(
    "ix_webhook_deliveries_comment_id",
    webhook_deliveries.c.comment_id,
    webhook_deliveries.c.webhook_id,
    webhook_deliveries.c.id,
    where="state = 'waiting'",
)

partial("ix_webhook_messages_member_id", webhook_messages.c.member_id, where="member_id IS NOT NULL")

partial("ix_webhook_messages_comment_id", webhook_messages.c.comment_id, where="comment_id IS NOT NULL")

webhook_attempts = sa.Table(  # what came of each attempt
    "webhook_attempts",
    metadata,
    key(),
    to("webhook_deliveries", name="delivery_id"),
    sa.Column("status", sa.Integer),  # none: no answer
    sa.Column("took", sa.Integer, nullable=False),  # ms
    sa.Column("excerpt", sa.Text),  # the beginning of the answer
    sa.Column("error", sa.Text),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_webhook_attempts_delivery_id", "delivery_id", "id"),
)
