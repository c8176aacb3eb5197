"""answers to a question

An index of what the article's author replied to each comment: where one answer goes, the next is found without reading
the replies of others.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_comments_answers"
WHERE = sa.text("by_author")


def upgrade() -> None:
    op.create_index(
        INDEX, "comments", ["parent_id", "created_at", "id"], sqlite_where=WHERE, postgresql_where=WHERE
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="comments")
