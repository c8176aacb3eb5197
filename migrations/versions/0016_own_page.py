"""one's own page, exports, erasure, retention

The audit log stays append-only but for one thing: details (before, after, reason, note) may be forgotten.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MICROS = sa.BigInteger()

STAYS = ("id", "site_id", "user_id", "action", "subject_type", "subject_id", "created_at")
MAY_GO = ("before", "after", "reason", "note")


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_exports_site_id"), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_exports_user_id"), nullable=True),
        sa.Column("member_id", ID, sa.ForeignKey("members.id", name="fk_exports_member_id"), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("beat_at", MICROS, nullable=False, server_default="0"),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("finished_at", MICROS, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
    )
    whole = sa.text("member_id IS NULL")
    op.create_index("ix_exports_site_id", "exports", ["site_id", "id"], sqlite_where=whole, postgresql_where=whole)
    op.create_index("ix_exports_member_id", "exports", ["member_id", "id"])
    op.create_index("ix_exports_created_at", "exports", ["created_at"])
    op.create_table(
        "erasures",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, sa.ForeignKey("sites.id", name="fk_erasures_site_id"), nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("sub", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("beat_at", MICROS, nullable=False, server_default="0"),
        sa.Column("created_at", MICROS, nullable=False),
        sa.Column("finished_at", MICROS, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_member_id", "erasures", ["member_id"])
    op.create_index("ix_erasures_site_id", "erasures", ["site_id", "id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute(
            f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit WHEN NOT ({only_forgets('IS')}) "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
        return
    op.execute("DROP TRIGGER audit_no_change ON audit")
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_only_forgets BEFORE UPDATE ON audit FOR EACH ROW "
        f"WHEN (NOT ({only_forgets('IS NOT DISTINCT FROM')})) EXECUTE FUNCTION audit_is_append_only()"
    )


def only_forgets(same: str) -> str:
    """SQL: that a changed row lost details and is otherwise what it was. `same`: how the database compares NULLs."""
    stays = [f"new.{column} {same} old.{column}" for column in STAYS]
    return " AND ".join(stays + [f"(new.{column} IS NULL OR new.{column} {same} old.{column})" for column in MAY_GO])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute(
            "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
    else:
        op.execute("DROP TRIGGER audit_only_forgets ON audit")
        op.execute("DROP TRIGGER audit_no_change ON audit")
        op.execute(
            "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
    op.drop_table("erasures")
    op.drop_table("exports")
