"""appeals are found by their author

Revision: 0008, after 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_appeals_member_id", "appeals", ["member_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_appeals_member_id", "appeals")
