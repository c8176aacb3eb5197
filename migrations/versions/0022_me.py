"""visits of one's own page, names that one had

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("member_id", ID, sa.ForeignKey("members.id", name="fk_visits_member_id"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("seen_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.UniqueConstraint("digest", name="uq_visits_digest"),
    )
    op.create_index("ix_visits_member_id", "visits", ["member_id"])
    op.create_index("ix_visits_seen_at", "visits", ["seen_at"])
    op.create_table(
        "former_names",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("member_id", ID, sa.ForeignKey("members.id", name="fk_former_names_member_id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("own_name", sa.Boolean(), nullable=False),
        sa.Column("until", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_former_names"),
    )
    op.create_index("ix_former_names_member_id", "former_names", ["member_id", "id"])


def downgrade() -> None:
    op.drop_table("former_names")
    op.drop_table("visits")
