"""rejected comments of a member

What the page of a member lists of them.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REJECTED = "status = 'rejected'"


def upgrade() -> None:
    op.create_index(
        "ix_comments_rejected_of_member",
        "comments",
        ["member_id", "created_at", "id"],
        sqlite_where=sa.text(REJECTED),
        postgresql_where=sa.text(REJECTED),
    )


def downgrade() -> None:
    op.drop_index("ix_comments_rejected_of_member", table_name="comments")
