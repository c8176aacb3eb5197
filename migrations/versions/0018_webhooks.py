"""webhooks and what was delivered

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()
WAITING = "state = 'waiting'"
A_TEST = "state = 'waiting' AND type = 'webhook.test'"
OF_A_COMMENT = "comment_id IS NOT NULL"


def to(table: str, target: str, column: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(column, ID, sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{column}"), nullable=nullable)


def partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        to("webhooks", "sites", "site_id"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("off_reason", sa.Text(), nullable=True),
        sa.Column("failing_since", MICROS, nullable=True),
        sa.Column("resting_until", MICROS, nullable=False, server_default="0"),
        sa.Column("delivered_at", MICROS, nullable=True),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("deleted_at", MICROS, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_site_id", "webhooks", ["site_id"])
    op.create_table(
        "webhook_messages",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        to("webhook_messages", "sites", "site_id"),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("comment_id", ID, nullable=True),
        to("webhook_messages", "members", "member_id", nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_messages"),
        sa.UniqueConstraint("uid", name="uq_webhook_messages_uid"),
    )
    op.create_index("ix_webhook_messages_created_at", "webhook_messages", ["created_at"])
    partial("ix_webhook_messages_member_id", "webhook_messages", ["member_id"], "member_id IS NOT NULL")
    partial("ix_webhook_messages_comment_id", "webhook_messages", ["comment_id"], OF_A_COMMENT)
    _deliveries()


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        to("webhook_deliveries", "webhook_messages", "message_id"),
        to("webhook_deliveries", "webhooks", "webhook_id"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("comment_id", ID, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", MICROS, nullable=False),
        sa.Column("started_at", MICROS, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("ended_at", MICROS, nullable=True),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_message_id", "webhook_deliveries", ["message_id"])
    op.create_index("ix_webhook_deliveries_webhook_id", "webhook_deliveries", ["webhook_id", "id"])
    op.create_index("ix_webhook_deliveries_state", "webhook_deliveries", ["webhook_id", "state", "id"])
    op.create_index("ix_webhook_deliveries_type", "webhook_deliveries", ["webhook_id", "type", "id"])
    partial("ix_webhook_deliveries_next_at", "webhook_deliveries", ["webhook_id", "next_at", "id"], WAITING)
    partial("ix_webhook_deliveries_started_at", "webhook_deliveries", ["started_at"], WAITING)
    partial("ix_webhook_deliveries_tests", "webhook_deliveries", ["next_at"], A_TEST)
    partial("ix_webhook_deliveries_comment_id", "webhook_deliveries", ["comment_id", "webhook_id", "id"], WAITING)
    op.create_table(
        "webhook_attempts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        to("webhook_attempts", "webhook_deliveries", "delivery_id"),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("took", sa.Integer(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_attempts"),
    )
    op.create_index("ix_webhook_attempts_delivery_id", "webhook_attempts", ["delivery_id", "id"])


def downgrade() -> None:
    for table in ("webhook_attempts", "webhook_deliveries", "webhook_messages", "webhooks"):
        op.drop_table(table)
