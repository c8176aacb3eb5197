"""classifiers say that they do not answer, and what came of a try

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("classifiers", sa.Column("trouble", sa.Text(), nullable=True))
    op.add_column("classifiers", sa.Column("last_test", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("classifiers", "last_test")
    op.drop_column("classifiers", "trouble")
