"""moving in: addresses by which old authors claim what they wrote; files that are imported in the console

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = ("read", "imported", "already", "refused", "changed")


def upgrade() -> None:
    op.create_table(
        "old_addresses",
        sa.Column(
            "member_id",
            ID,
            sa.ForeignKey("members.id", name="fk_old_addresses_member_id"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_old_addresses_site_id"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column(
            "claimed_by", ID, sa.ForeignKey("members.id", name="fk_old_addresses_claimed_by"), nullable=True
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_old_addresses"),
    )
    op.create_index("ix_old_addresses_site_id", "old_addresses", ["site_id", "digest"])
    op.create_index("ix_old_addresses_claimed_by", "old_addresses", ["claimed_by"])
    op.create_table(
        "uploads",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_uploads_site_id"), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_uploads_user_id"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="uploading"),
        sa.Column("run", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("dry_run", sa.Boolean(), nullable=False, server_default=sa.false()),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in COUNTED),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("beat_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_site_id", "uploads", ["site_id", "id"])
    op.create_index("ix_uploads_created_at", "uploads", ["created_at"])
    op.create_table(
        "upload_lines",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("upload_id", ID, sa.ForeignKey("uploads.id", name="fk_upload_lines_upload_id"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upload_lines"),
    )
    op.create_index("ix_upload_lines_upload_id", "upload_lines", ["upload_id", "id"])


def downgrade() -> None:
    op.drop_table("upload_lines")
    op.drop_table("uploads")
    op.drop_table("old_addresses")
