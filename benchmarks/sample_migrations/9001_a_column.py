"""a column that every row has at once, and one that is filled in chunks

Revision: 9001. Not ours: benchmarks/migrations.py measures it.
"""

import sqlalchemy as sa
from alembic import op

from comments.storage.version import newest_migration

revision = "9001"
down_revision = newest_migration()
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("sample_kind", sa.Text(), nullable=False, server_default="comment"))
    op.add_column("comments", sa.Column("sample", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE comments ADD CONSTRAINT ck_sample CHECK (sample >= 0) NOT VALID")
