"""what readers follow and are told of

Mentions, notifications, follows; questions to an article's author and their answers; when a thread opens and closes;
the indexes of picks, answers and the most replied.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()
INDEXES = (
    ("ix_comments_roots_by_replies", ["article_id", sa.text("reply_count DESC"), sa.text("id DESC")], "depth = 0 AND shown"),
    ("ix_comments_picked", ["article_id", sa.text("picked_at DESC"), sa.text("id DESC")], "picked_at IS NOT NULL"),
    ("ix_comments_questions", ["article_id", sa.text("created_at DESC"), sa.text("id DESC")], "question"),
    ("ix_comments_by_author", ["article_id", sa.text("created_at DESC"), sa.text("id DESC")], "by_author"),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("articles", sa.Column("opens_at", MICROS))
    op.add_column("articles", sa.Column("closes_at", MICROS))
    op.add_column("members", sa.Column("notified_until", ID, nullable=False, server_default="0"))
    op.add_column("comments", sa.Column("question", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("comments", sa.Column("answer_id", ID))
    op.add_column("comments", sa.Column("by_author", sa.Boolean, nullable=False, server_default=sa.false()))
    for name, columns, where in INDEXES:
        op.create_index(name, "comments", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "mentions",
        sa.Column("comment_id", ID, sa.ForeignKey("comments.id", name="fk_mentions_comment_id"), nullable=False),
        sa.Column("member_id", ID, sa.ForeignKey("members.id", name="fk_mentions_member_id"), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "member_id", name="pk_mentions"),
    )
    op.create_table(
        "notifications",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("member_id", ID, sa.ForeignKey("members.id", name="fk_notifications_member_id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("comment_id", ID, sa.ForeignKey("comments.id", name="fk_notifications_comment_id"), nullable=False),
        sa.Column("article_id", ID, sa.ForeignKey("articles.id", name="fk_notifications_article_id"), nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("comment_id", "member_id", "kind", name="uq_notifications_comment_id_member_id_kind"),
    )
    op.create_index("ix_notifications_member_id", "notifications", ["member_id", "id"])
    op.create_table(
        "follows",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("member_id", ID, sa.ForeignKey("members.id", name="fk_follows_member_id"), nullable=False),
        sa.Column("article_id", ID, sa.ForeignKey("articles.id", name="fk_follows_article_id"), nullable=False),
        sa.Column("comment_id", ID, sa.ForeignKey("comments.id", name="fk_follows_comment_id")),
        sa.Column("seen", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_follows"),
    )
    op.create_index("ix_follows_member_id", "follows", ["member_id", "article_id", "comment_id"])
    for name, column, where in (
        ("uq_follows_thread", "article_id", "comment_id IS NULL"),
        ("uq_follows_comment", "comment_id", "comment_id IS NOT NULL"),
    ):
        op.create_index(
            name,
            "follows",
            ["member_id", column],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    op.drop_table("follows")
    op.drop_table("notifications")
    op.drop_table("mentions")
    for name, _, _ in INDEXES:
        op.drop_index(name, table_name="comments")
    for name in ("by_author", "answer_id", "question"):
        op.drop_column("comments", name)
    op.drop_column("members", "notified_until")
    op.drop_column("articles", "closes_at")
    op.drop_column("articles", "opens_at")
