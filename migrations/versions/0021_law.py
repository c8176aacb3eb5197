"""notices, statements of reasons, redress

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op


revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()


def key(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return (
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def to(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    there = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{column}")
    return sa.Column(column, ID, there, nullable=nullable)


def partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "flaggers",
        *key("flaggers"),
        to("flaggers", "site_id", "sites"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("area", sa.Text),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("removed_at", MICROS),
        sa.UniqueConstraint("digest", name="uq_flaggers_digest"),
    )
    op.create_index("ix_flaggers_site_id", "flaggers", ["site_id", "id"])
    op.create_table(
        "notices",
        *key("notices"),
        to("notices", "site_id", "sites"),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("urls", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False, server_default="{}"),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        to("notices", "flagger_id", "flaggers", nullable=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("due_at", MICROS),
        sa.Column("author_told_at", MICROS),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("escalated_at", MICROS),
        sa.Column("escalation", sa.Text),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("decided_at", MICROS),
        sa.Column("outcome", sa.Text),
        sa.Column("answer", sa.Text),
        to("notices", "user_id", "users", nullable=True),
        sa.UniqueConstraint("reference", name="uq_notices_reference"),
    )
    op.create_index("ix_notices_site_id", "notices", ["site_id", "created_at", "id"])
    partial("ix_notices_open", "notices", ["site_id", "rank", "created_at", "id"], "decided_at IS NULL")
    partial("ix_notices_decided", "notices", ["site_id", "decided_at", "id"], "decided_at IS NOT NULL")
    partial("ix_notices_flagger_id", "notices", ["flagger_id", "id"], "flagger_id IS NOT NULL")
    op.create_table(
        "notice_comments",
        to("notice_comments", "notice_id", "notices"),
        to("notice_comments", "comment_id", "comments"),
        to("notice_comments", "site_id", "sites"),
        sa.PrimaryKeyConstraint("notice_id", "comment_id", name="pk_notice_comments"),
    )
    op.create_index("ix_notice_comments_comment_id", "notice_comments", ["comment_id"])
    op.create_table(
        "statements",
        *key("statements"),
        to("statements", "site_id", "sites"),
        sa.Column("puid", sa.Text, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        to("statements", "comment_id", "comments", nullable=True),
        to("statements", "member_id", "members", nullable=True),
        to("statements", "notice_id", "notices", nullable=True),
        to("statements", "user_id", "users", nullable=True),
        sa.Column("reason", sa.Text),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("law", sa.Text),
        sa.Column("why", sa.Text),
        sa.Column("about", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("automated_detection", sa.Boolean, nullable=False),
        sa.Column("automated_decision", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("content_at", MICROS),
        sa.Column("until", MICROS),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("ended_at", MICROS),
        sa.Column("ended_by", sa.Text),
        sa.UniqueConstraint("puid", name="uq_statements_puid"),
    )
    op.create_index("ix_statements_site_id", "statements", ["site_id", "created_at", "id"])
    partial("ix_statements_comment_id", "statements", ["comment_id", "id"], "comment_id IS NOT NULL")
    partial("ix_statements_member_id", "statements", ["member_id", "id"], "member_id IS NOT NULL")
    partial("ix_statements_account", "statements", ["member_id", "ended_at"], "comment_id IS NULL AND member_id IS NOT NULL")
    op.create_table(
        "complaints",
        *key("complaints"),
        to("complaints", "site_id", "sites"),
        to("complaints", "statement_id", "statements", nullable=True),
        to("complaints", "notice_id", "notices", nullable=True),
        to("complaints", "member_id", "members", nullable=True),
        to("complaints", "against_id", "users", nullable=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("decided_at", MICROS),
        sa.Column("outcome", sa.Text),
        to("complaints", "user_id", "users", nullable=True),
        sa.Column("note", sa.Text),
        sa.UniqueConstraint("statement_id", name="uq_complaints_statement_id"),
        sa.UniqueConstraint("notice_id", name="uq_complaints_notice_id"),
    )
    op.create_index("ix_complaints_site_id", "complaints", ["site_id", "created_at", "id"])
    partial("ix_complaints_open", "complaints", ["site_id", "created_at", "id"], "decided_at IS NULL")
    partial("ix_complaints_member_id", "complaints", ["member_id"], "member_id IS NOT NULL")
    partial("ix_complaints_decided", "complaints", ["site_id", "decided_at", "id"], "decided_at IS NOT NULL")


def downgrade() -> None:
    for table in ("complaints", "statements", "notice_comments", "notices", "flaggers"):
        op.drop_table(table)
