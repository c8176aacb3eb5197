"""addresses, what is sent, digests

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()
PARTIAL = (  # indexes of what is sent: name, columns, where
    ("ix_mails_run_at", ["run_at"], "state IN ('waiting', 'taken', 'sending')"),
    ("ix_mails_held", ["site_id", "member_id"], "state = 'held'"),
    ("ix_mails_sent_at", ["member_id", "sent_at"], "sent_at IS NOT NULL"),
    ("ix_mails_address", ["address", "created_at"], "address IS NOT NULL"),
    ("ix_mails_addressed", ["created_at"], "address IS NOT NULL"),
    ("ix_mails_letters", ["site_id", "created_at"], "kind = 'letter'"),
    ("ix_mails_digest_id", ["digest_id"], "digest_id IS NOT NULL"),
    ("ix_mails_uncertain", ["sent_at"], "state = 'uncertain'"),
)


def to(table: str, target: str, *, nullable: bool = False, ondelete: str | None = None) -> sa.Column[int]:
    name = f"{target[:-1]}_id"
    key = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{name}", ondelete=ondelete)
    return sa.Column(name, ID, key, nullable=nullable, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        to("mailboxes", "members"),
        sa.Column("address", sa.Text),
        sa.Column("vouched", sa.Text),
        sa.Column("pending", sa.Text),
        sa.Column("pending_at", MICROS),
        sa.Column("language", sa.Text),
        *(sa.Column(name, sa.Text) for name in ("replies", "mentions", "follows", "decisions", "appeals")),
        sa.Column("failed_at", MICROS),
        sa.Column("failure", sa.Text),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_mailboxes"),
    )
    op.create_table(
        "mails",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        to("mails", "sites"),
        to("mails", "members", nullable=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("notification_id", ID),
        sa.Column("follow_id", ID),
        *(sa.Column(name, sa.Text) for name in ("template", "params", "address", "language", "key")),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("why", sa.Text),
        sa.Column("digest_id", ID),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("run_at", MICROS, nullable=False),
        sa.Column("sent_at", MICROS),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("site_id", "key", name="uq_mails_site_id_key"),
        sa.UniqueConstraint("notification_id", "created_at", name="uq_mails_notification_id_created_at"),
    )
    for name, columns, where in PARTIAL:
        op.create_index(name, "mails", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_mails_member_id", "mails", ["member_id", "id"])
    op.create_table(
        "mail_follows",
        to("mail_follows", "follows", ondelete="CASCADE"),
        to("mail_follows", "sites"),
        to("mail_follows", "members"),
        to("mail_follows", "articles"),
        sa.PrimaryKeyConstraint("follow_id", name="pk_mail_follows"),
    )
    op.create_index("ix_mail_follows_article_id", "mail_follows", ["article_id", "follow_id"])
    op.create_index("ix_mail_follows_site_id", "mail_follows", ["site_id", "member_id"])
    op.create_index("ix_mail_follows_member_id", "mail_follows", ["member_id"])
    op.create_table(
        "mail_days",
        to("mail_days", "sites"),
        sa.Column("day", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("site_id", name="pk_mail_days"),
    )
    op.create_table(
        "mail_stops",
        to("mail_stops", "sites"),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "digest", name="pk_mail_stops"),
    )


def downgrade() -> None:
    for name in ("mail_stops", "mail_days", "mail_follows", "mails", "mailboxes"):
        op.drop_table(name)
