"""recent comments for feeds, teasers, gates that led to subscriptions

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "recent",
        sa.Column("comment_id", ID, sa.ForeignKey("comments.id", name="fk_recent_comment_id"), autoincrement=False),
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_recent_site_id"), nullable=False),
        sa.Column("article_id", ID, sa.ForeignKey("articles.id", name="fk_recent_article_id"), nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_recent"),
    )
    op.create_index("ix_recent_article_id", "recent", ["article_id", "comment_id"])
    op.create_index("ix_recent_site_id", "recent", ["site_id", "comment_id"])
    op.create_index("ix_recent_created_at", "recent", ["created_at"])
    op.create_table(
        "discussed",
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_discussed_site_id"), autoincrement=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("article_id", ID, sa.ForeignKey("articles.id", name="fk_discussed_article_id"), autoincrement=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("counted_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "span", "article_id", name="pk_discussed"),
    )
    op.create_table(
        "site_picks",
        sa.Column("comment_id", ID, sa.ForeignKey("comments.id", name="fk_site_picks_comment_id"), autoincrement=False),
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_site_picks_site_id"), nullable=False),
        sa.Column("picked_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_site_picks"),
    )
    op.create_index("ix_site_picks_site_id", "site_picks", ["site_id", "picked_at", "comment_id"])
    op.create_table(
        "conversions",
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_conversions_site_id"), autoincrement=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "day", "gate", "article_id", name="pk_conversions"),
    )


def downgrade() -> None:
    for table in ("conversions", "site_picks", "discussed", "recent"):
        op.drop_table(table)
