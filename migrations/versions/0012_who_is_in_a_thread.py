"""who is in a thread

For mentions and for completing names: an index of who wrote in a thread, and one of names that answers beginnings
whatever the database's language is. Whom a comment mentions stands in its tree, so the table for it goes.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
WORKS_FROM = "0012"  # the table of mentions goes

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PUBLISHED = "status = 'published'"
NAMES = ("ix_members_site_id_name_key", "members", ["site_id", "name_key"])


def upgrade() -> None:
    op.create_index(
        "ix_comments_people",
        "comments",
        ["article_id", "member_id"],
        sqlite_where=sa.text(PUBLISHED),
        postgresql_where=sa.text(PUBLISHED),
    )
    op.drop_index(NAMES[0], table_name=NAMES[1])
    op.create_index(*NAMES, postgresql_ops={"name_key": "text_pattern_ops"})
    op.drop_table("mentions")


def downgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("comment_id", ID, sa.ForeignKey("comments.id", name="fk_mentions_comment_id"), nullable=False),
        sa.Column("member_id", ID, sa.ForeignKey("members.id", name="fk_mentions_member_id"), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "member_id", name="pk_mentions"),
    )
    op.drop_index(NAMES[0], table_name=NAMES[1])
    op.create_index(*NAMES)
    op.drop_index("ix_comments_people", table_name="comments")
