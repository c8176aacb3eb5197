"""the first tables

Revision: 0001, after
"""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("parked_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_jobs_kind_key")),
    )
    op.create_index(
        "ix_jobs_run_at",
        "jobs",
        ["run_at"],
        unique=False,
        sqlite_where=sa.text("parked_at IS NULL"),
        postgresql_where=sa.text("parked_at IS NULL"),
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("key", name=op.f("uq_sites_key")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("sites", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), server_default="open", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reactions_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_articles_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_articles_site_id_key")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_audit_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_site_id", "audit", ["site_id", "id"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject_type", "subject_id", "id"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_imports_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("site_id", "digest", name=op.f("uq_imports_site_id_digest")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("own_name", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("avatar", sa.Text(), nullable=True),
        sa.Column("badges", sa.Text(), server_default="[]", nullable=False),
        sa.Column("state", sa.Text(), server_default="registered", nullable=False),
        sa.Column("state_until", sa.BigInteger(), nullable=True),
        sa.Column("entitled_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("banned_at", sa.BigInteger(), nullable=True),
        sa.Column("suspended_until", sa.BigInteger(), nullable=True),
        sa.Column("restriction_reason", sa.Text(), nullable=True),
        sa.Column("premoderated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("published", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_comment_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_members_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("site_id", "sub", name=op.f("uq_members_site_id_sub")),
    )
    op.create_index("ix_members_site_id_name_key", "members", ["site_id", "name_key"], unique=False)
    op.create_table(
        "site_keys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kid", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_keys_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_keys")),
    )
    op.create_index("ix_site_keys_site_id", "site_keys", ["site_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("root_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("reply_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("visible_children", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recommends", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reactions", sa.Text(), server_default="{}", nullable=False),
        sa.Column("open_reports", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("request_hash", sa.Text(), nullable=True),
        sa.Column("archive_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_comments_article_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_comments_member_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_comments_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("member_id", "idempotency_key", name=op.f("uq_comments_member_id_idempotency_key")),
        sa.UniqueConstraint("site_id", "archive_key", name=op.f("uq_comments_site_id_archive_key")),
    )
    op.create_index("ix_comments_by_member", "comments", ["member_id", "created_at"], unique=False)
    op.create_index(
        "ix_comments_new",
        "comments",
        ["site_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'published' AND looked_at IS NULL"),
        postgresql_where=sa.text("status = 'published' AND looked_at IS NULL"),
    )
    op.create_index(
        "ix_comments_own_hidden",
        "comments",
        ["article_id", "member_id"],
        unique=False,
        sqlite_where=sa.text("status IN ('waiting', 'rejected')"),
        postgresql_where=sa.text("status IN ('waiting', 'rejected')"),
    )
    op.create_index("ix_comments_parent", "comments", ["parent_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_comments_replies",
        "comments",
        ["root_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("depth > 0"),
        postgresql_where=sa.text("depth > 0"),
    )
    op.create_index(
        "ix_comments_reported",
        "comments",
        ["site_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("open_reports > 0"),
        postgresql_where=sa.text("open_reports > 0"),
    )
    op.create_index(
        "ix_comments_roots_by_score",
        "comments",
        ["article_id", sa.literal_column("recommends DESC"), sa.literal_column("id DESC")],
        unique=False,
        sqlite_where=sa.text("depth = 0"),
        postgresql_where=sa.text("depth = 0"),
    )
    op.create_index(
        "ix_comments_roots_by_time",
        "comments",
        ["article_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("depth = 0"),
        postgresql_where=sa.text("depth = 0"),
    )
    op.create_index(
        "ix_comments_waiting",
        "comments",
        ["site_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "mutes",
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("muted_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_mutes_member_id")),
        sa.ForeignKeyConstraint(["muted_id"], ["members.id"], name=op.f("fk_mutes_muted_id")),
        sa.PrimaryKeyConstraint("member_id", "muted_id", name=op.f("pk_mutes")),
    )
    op.create_table(
        "edits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_edits_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
    )
    op.create_index("ix_edits_comment_id", "edits", ["comment_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("superseded_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_findings_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_comment_id", "findings", ["comment_id"], unique=False)
    op.create_table(
        "gathered",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_gathered_article_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_gathered_comment_id")),
        sa.PrimaryKeyConstraint("article_id", "comment_id", name=op.f("pk_gathered")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_journal_article_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_journal_comment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_journal_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_article_id_seq", "journal", ["article_id", "seq"], unique=False)
    op.create_index("ix_journal_created_at", "journal", ["created_at"], unique=False)
    op.create_table(
        "reactions",
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_reactions_article_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_reactions_comment_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_reactions_member_id")),
        sa.PrimaryKeyConstraint("comment_id", "member_id", "kind", name=op.f("pk_reactions")),
    )
    op.create_index("ix_reactions_member_id_article_id", "reactions", ["member_id", "article_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_reports_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("comment_id", "member_id", name=op.f("uq_reports_comment_id_member_id")),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("reports")
    op.drop_index("ix_reactions_member_id_article_id", table_name="reactions")
    op.drop_table("reactions")
    op.drop_index("ix_journal_created_at", table_name="journal")
    op.drop_index("ix_journal_article_id_seq", table_name="journal")
    op.drop_table("journal")
    op.drop_table("gathered")
    op.drop_index("ix_findings_comment_id", table_name="findings")
    op.drop_table("findings")
    op.drop_index("ix_edits_comment_id", table_name="edits")
    op.drop_table("edits")
    op.drop_table("mutes")
    op.drop_index(
        "ix_comments_waiting",
        table_name="comments",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index(
        "ix_comments_roots_by_time",
        table_name="comments",
        sqlite_where=sa.text("depth = 0"),
        postgresql_where=sa.text("depth = 0"),
    )
    op.drop_index(
        "ix_comments_roots_by_score",
        table_name="comments",
        sqlite_where=sa.text("depth = 0"),
        postgresql_where=sa.text("depth = 0"),
    )
    op.drop_index(
        "ix_comments_reported",
        table_name="comments",
        sqlite_where=sa.text("open_reports > 0"),
        postgresql_where=sa.text("open_reports > 0"),
    )
    op.drop_index(
        "ix_comments_replies",
        table_name="comments",
        sqlite_where=sa.text("depth > 0"),
        postgresql_where=sa.text("depth > 0"),
    )
    op.drop_index("ix_comments_parent", table_name="comments")
    op.drop_index(
        "ix_comments_own_hidden",
        table_name="comments",
        sqlite_where=sa.text("status IN ('waiting', 'rejected')"),
        postgresql_where=sa.text("status IN ('waiting', 'rejected')"),
    )
    op.drop_index(
        "ix_comments_new",
        table_name="comments",
        sqlite_where=sa.text("status = 'published' AND looked_at IS NULL"),
        postgresql_where=sa.text("status = 'published' AND looked_at IS NULL"),
    )
    op.drop_index("ix_comments_by_member", table_name="comments")
    op.drop_table("comments")
    op.drop_index("ix_site_keys_site_id", table_name="site_keys")
    op.drop_table("site_keys")
    op.drop_index("ix_members_site_id_name_key", table_name="members")
    op.drop_table("members")
    op.drop_table("imports")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_audit_site_id", table_name="audit")
    op.drop_table("audit")
    op.drop_table("articles")
    op.drop_table("users")
    op.drop_table("sites")
    op.drop_index(
        "ix_jobs_run_at",
        table_name="jobs",
        sqlite_where=sa.text("parked_at IS NULL"),
        postgresql_where=sa.text("parked_at IS NULL"),
    )
    op.drop_table("jobs")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")
