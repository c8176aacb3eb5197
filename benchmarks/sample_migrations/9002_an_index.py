"""an index of a table that is in use

Revision: 9002, after 9001. Not ours: benchmarks/migrations.py measures it.
"""

import sqlalchemy as sa
from alembic import op

revision = "9002"
down_revision = "9001"
branch_labels = None
depends_on = None

INDEX = "ix_comments_sample"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        if op.get_bind().dialect.name == "postgresql":
            op.execute("SET lock_timeout = 0")  # it waits for others, and nobody waits for it
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")  # what a try that was broken off has left
        op.create_index(INDEX, "comments", ["sample_kind", sa.text("created_at DESC")], postgresql_concurrently=True)
