"""moderation

Rule sets, decisions, appeals, warnings, opinions, trials, figures. What sites had set of their rules becomes their
first rule set; the old fields stay in their settings, where the version before goes on reading them.

A waiting comment with visible replies is a stub from now on, as a removed one is: `shown` says so.

Revision: 0004, after 0003
"""

import json

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RULES = {  # what was a setting and is a rule now
    "pace_seconds",
    "repeat_hours",
    "banned_words",
    "max_links",
    "newcomer_comments",
    "trusted_comments",
    "premoderate",
}
BEFORE = "status = 'published' OR (status <> 'waiting' AND visible_children > 0)"
AFTER = "status = 'published' OR visible_children > 0"
BY_SHOWN = {  # name: columns and condition
    "ix_comments_roots_by_time": (["article_id", "created_at", "id"], "depth = 0 AND shown"),
    "ix_comments_roots_by_score": (
        ["article_id", sa.text("recommends DESC"), sa.text("id DESC")],
        "depth = 0 AND shown",
    ),
    "ix_comments_shown_replies": (["root_id", "created_at", "id"], "depth > 0 AND shown"),
    "ix_comments_shown_children": (["parent_id", "created_at", "id"], "depth > 0 AND shown"),
}


def show(condition: str) -> None:
    """Make the generated column anew, with the indexes that speak of it."""
    for name in BY_SHOWN:
        op.drop_index(name, table_name="comments")
    op.drop_column("comments", "shown")
    persisted = True if op.get_bind().dialect.name == "postgresql" else None  # SQLite adds virtual ones alone
    column = sa.Column("shown", sa.Boolean(), sa.Computed(condition, persisted=persisted), nullable=True)
    op.add_column("comments", column)
    for name, (columns, where) in BY_SHOWN.items():
        op.create_index(name, "comments", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def take_over_rules() -> None:
    """A first rule set for each site that had set any of its rules."""
    conn = op.get_bind()
    for site, settings, created in conn.execute(sa.text("SELECT id, settings, created_at FROM sites")).all():
        rules = {name: value for name, value in json.loads(settings).items() if name in RULES}
        if not rules:
            continue
        row = {"site": site, "rules": json.dumps(rules), "created": created}
        insert = "INSERT INTO rule_sets (site_id, number, rules, created_at) VALUES (:site, 1, :rules, :created)"
        made = conn.execute(sa.text(f"{insert} RETURNING id"), row).scalar_one()
        conn.execute(sa.text("UPDATE sites SET rules_id = :made WHERE id = :site"), {"made": made, "site": site})


def upgrade() -> None:
    op.create_table(
        "salts",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_salts")),
    )
    op.create_table(
        "bans",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bans_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
    )
    op.create_index("ix_bans_issuer", "bans", ["issuer", "sub"], unique=False)
    op.create_table(
        "classifiers",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_classifiers_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classifiers")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_classifiers_site_id_name")),
    )
    op.create_table(
        "figures",
        sa.Column("site_id", ID, autoincrement=False, nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_figures_site_id")),
        sa.PrimaryKeyConstraint("site_id", "hour", "name", "key", name=op.f("pk_figures")),
    )
    op.create_table(
        "rule_sets",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_rule_sets_article_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rule_sets_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rule_sets_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_sets")),
    )
    op.create_index("ix_rule_sets_site_id", "rule_sets", ["site_id", "article_id", "number"], unique=False)
    op.create_table(
        "trials",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_trials_article_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_trials_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_trials_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    op.create_index("ix_trials_created_at", "trials", ["created_at"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("waited", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("overturned_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_decisions_comment_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_decisions_member_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_decisions_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_decisions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_comment_id", "decisions", ["comment_id", "id"], unique=False)
    op.create_index("ix_decisions_site_id", "decisions", ["site_id", "created_at", "id"], unique=False)
    op.create_table(
        "deferrals",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("second_opinion", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_deferrals_comment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_deferrals_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deferrals_user_id")),
        sa.PrimaryKeyConstraint("comment_id", "user_id", name=op.f("pk_deferrals")),
    )
    op.create_index("ix_deferrals_until", "deferrals", ["until"], unique=False)
    op.create_table(
        "opinions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("comment_version", sa.Integer(), nullable=False),
        sa.Column("classifier", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("scores", sa.Text(), server_default="{}", nullable=False),
        sa.Column("thresholds", sa.Text(), server_default="{}", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("took", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_opinions_comment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_opinions_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
    )
    op.create_index("ix_opinions_comment_id", "opinions", ["comment_id", "id"], unique=False)
    op.create_table(
        "warnings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_warnings_comment_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_warnings_member_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_warnings_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_warnings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warnings")),
    )
    op.create_index("ix_warnings_member_id", "warnings", ["member_id", "id"], unique=False)
    op.create_table(
        "appeals",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("decision_id", ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_appeals_comment_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_appeals_member_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_appeals_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_appeals_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_appeals_comment_id")),
    )
    op.create_index(
        "ix_appeals_open",
        "appeals",
        ["site_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.add_column("articles", sa.Column("section", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("rules_id", ID, nullable=True))
    op.add_column("comments", sa.Column("report_weight", sa.Integer(), server_default="0", nullable=False))
    op.add_column("comments", sa.Column("risk", sa.Integer(), server_default="0", nullable=False))
    op.add_column("comments", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("comments", sa.Column("simhash", sa.BigInteger(), nullable=True))
    op.add_column("comments", sa.Column("picked_at", sa.BigInteger(), nullable=True))
    op.add_column("comments", sa.Column("locked_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_comments_new_by_risk",
        "comments",
        ["site_id", sa.text("risk DESC"), sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
        sqlite_where=sa.text("status = 'published' AND looked_at IS NULL"),
        postgresql_where=sa.text("status = 'published' AND looked_at IS NULL"),
    )
    op.create_index("ix_comments_created_at", "comments", ["created_at", "site_id"], unique=False)
    op.create_index(
        "ix_comments_reported_by_risk",
        "comments",
        ["site_id", sa.text("risk DESC"), sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
        sqlite_where=sa.text("open_reports > 0"),
        postgresql_where=sa.text("open_reports > 0"),
    )
    op.create_index(
        "ix_comments_waiting_by_risk",
        "comments",
        ["site_id", sa.text("risk DESC"), sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.add_column("findings", sa.Column("rule", sa.Text(), nullable=True))
    op.add_column("members", sa.Column("premoderated_reason", sa.Text(), nullable=True))
    op.add_column("members", sa.Column("unseen_warnings", sa.Integer(), server_default="0", nullable=False))
    op.add_column("members", sa.Column("reports_upheld", sa.Integer(), server_default="0", nullable=False))
    op.add_column("members", sa.Column("reports_rejected", sa.Integer(), server_default="0", nullable=False))
    op.add_column("reports", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("reports", sa.Column("weight", sa.Integer(), server_default="100", nullable=False))
    op.add_column("reports", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("sites", sa.Column("rules_id", ID, nullable=True))
    op.add_column("users", sa.Column("sections", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("preferences", sa.Text(), server_default="{}", nullable=False))
    show(AFTER)
    take_over_rules()


def downgrade() -> None:
    show(BEFORE)
    op.drop_column("users", "preferences")
    op.drop_column("users", "sections")
    op.drop_column("sites", "rules_id")
    op.drop_column("reports", "source")
    op.drop_column("reports", "weight")
    op.drop_column("reports", "outcome")
    op.drop_column("members", "reports_rejected")
    op.drop_column("members", "reports_upheld")
    op.drop_column("members", "unseen_warnings")
    op.drop_column("members", "premoderated_reason")
    op.drop_column("findings", "rule")
    op.drop_index(
        "ix_comments_waiting_by_risk",
        table_name="comments",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index(
        "ix_comments_reported_by_risk",
        table_name="comments",
        sqlite_where=sa.text("open_reports > 0"),
        postgresql_where=sa.text("open_reports > 0"),
    )
    op.drop_index("ix_comments_created_at", table_name="comments")
    op.drop_index(
        "ix_comments_new_by_risk",
        table_name="comments",
        sqlite_where=sa.text("status = 'published' AND looked_at IS NULL"),
        postgresql_where=sa.text("status = 'published' AND looked_at IS NULL"),
    )
    op.drop_column("comments", "locked_at")
    op.drop_column("comments", "picked_at")
    op.drop_column("comments", "simhash")
    op.drop_column("comments", "language")
    op.drop_column("comments", "risk")
    op.drop_column("comments", "report_weight")
    op.drop_column("articles", "rules_id")
    op.drop_column("articles", "section")
    op.drop_index(
        "ix_appeals_open",
        table_name="appeals",
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_table("appeals")
    op.drop_index("ix_warnings_member_id", table_name="warnings")
    op.drop_table("warnings")
    op.drop_index("ix_opinions_comment_id", table_name="opinions")
    op.drop_table("opinions")
    op.drop_index("ix_deferrals_until", table_name="deferrals")
    op.drop_table("deferrals")
    op.drop_index("ix_decisions_site_id", table_name="decisions")
    op.drop_index("ix_decisions_comment_id", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("ix_trials_created_at", table_name="trials")
    op.drop_table("trials")
    op.drop_index("ix_rule_sets_site_id", table_name="rule_sets")
    op.drop_table("rule_sets")
    op.drop_table("figures")
    op.drop_table("classifiers")
    op.drop_index("ix_bans_issuer", table_name="bans")
    op.drop_table("bans")
    op.drop_table("salts")
