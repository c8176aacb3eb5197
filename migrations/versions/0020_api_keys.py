"""keys of the publishers' API

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_api_keys_site_id"), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_api_keys_user_id"), nullable=False),
        sa.Column("made_by", ID, sa.ForeignKey("users.id", name="fk_api_keys_made_by"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("expires_at", MICROS, nullable=True),
        sa.Column("used_at", MICROS, nullable=True),
        sa.Column("revoked_at", MICROS, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_index("ix_api_keys_site_id", "api_keys", ["site_id", "id"])


def downgrade() -> None:
    op.drop_table("api_keys")
