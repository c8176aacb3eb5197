"""a constraint that is found to hold

Revision: 9003, after 9002. Not ours: benchmarks/migrations.py measures it.
"""

from alembic import op

revision = "9003"
down_revision = "9002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE comments VALIDATE CONSTRAINT ck_sample")  # reads all rows, and lets others write
