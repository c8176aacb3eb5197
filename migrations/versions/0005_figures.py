"""how far the figures are, and what they are looked up by

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARTIAL = (
    ("ix_decisions_undone_at", "decisions", "undone_at"),
    ("ix_decisions_overturned_at", "decisions", "overturned_at"),
    ("ix_appeals_decided_at", "appeals", "decided_at"),
)


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_index("ix_reports_created_at", "reports", ["created_at"], unique=False)
    op.create_index("ix_appeals_created_at", "appeals", ["created_at"], unique=False)
    for name, table, column in PARTIAL:
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], unique=False, sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    for name, table, _ in reversed(PARTIAL):
        op.drop_index(name, table_name=table)
    op.drop_index("ix_appeals_created_at", table_name="appeals")
    op.drop_index("ix_reports_created_at", table_name="reports")
    op.drop_table("marks")
