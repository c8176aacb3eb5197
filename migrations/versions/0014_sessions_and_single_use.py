"""sessions of the console, second factors, tokens that count once

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()


def upgrade() -> None:
    op.add_column("users", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("totp_step", ID, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("recovery_codes", sa.Text(), nullable=False, server_default="[]"))
    op.create_table(
        "console_sessions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_console_sessions_user_id"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("seen_at", MICROS, nullable=False),
        sa.Column("proved_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_console_sessions"),
        sa.UniqueConstraint("digest", name="uq_console_sessions_digest"),
    )
    op.create_index("ix_console_sessions_user_id", "console_sessions", ["user_id"])
    op.create_index("ix_console_sessions_seen_at", "console_sessions", ["seen_at"])
    op.create_table(
        "used_tokens",
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_used_tokens_site_id"), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", MICROS, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "jti", name="pk_used_tokens"),
    )
    op.create_index("ix_used_tokens_expires_at", "used_tokens", ["expires_at"])


def downgrade() -> None:
    op.drop_table("used_tokens")
    op.drop_table("console_sessions")
    op.drop_column("users", "recovery_codes")
    op.drop_column("users", "totp_step")
    op.drop_column("users", "totp_secret")
