"""people

Whose comment a report is about, with the indexes that a member's page reads by; what open reports weigh that were made
before they had a weight.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WITH_SOURCE = "source IS NOT NULL"
OVERTURNED = "overturned_at IS NOT NULL"


def upgrade() -> None:
    op.add_column("reports", sa.Column("author_id", ID, nullable=True))
    op.execute(
        "UPDATE reports SET author_id = (SELECT comments.member_id FROM comments WHERE comments.id = reports.comment_id)"
    )
    op.execute("UPDATE comments SET report_weight = 100 * open_reports WHERE open_reports > 0")
    op.create_index("ix_reports_member_id", "reports", ["member_id", "id"])
    op.create_index("ix_reports_author_id", "reports", ["author_id", "id"])
    op.create_index(
        "ix_reports_source",
        "reports",
        ["created_at"],
        sqlite_where=sa.text(WITH_SOURCE),
        postgresql_where=sa.text(WITH_SOURCE),
    )
    op.create_index(
        "ix_decisions_overturned",
        "decisions",
        ["member_id"],
        sqlite_where=sa.text(OVERTURNED),
        postgresql_where=sa.text(OVERTURNED),
    )


def downgrade() -> None:
    op.drop_index("ix_decisions_overturned", table_name="decisions")
    op.drop_index("ix_reports_source", table_name="reports")
    op.drop_index("ix_reports_author_id", table_name="reports")
    op.drop_index("ix_reports_member_id", table_name="reports")
    op.drop_column("reports", "author_id")
