"""what the public sees

Indexes for pages that do not walk over hidden comments, for authors with thousands of comments, and for what is due.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


SHOWN = "status = 'published' OR (status <> 'waiting' AND visible_children > 0)"
ROOTS, REPLIES = "depth = 0", "depth > 0"
BY_TIME = ["article_id", "created_at", "id"]
BY_SCORE = ["article_id", sa.text("recommends DESC"), sa.text("id DESC")]
HIDDEN = "status IN ('waiting', 'rejected')"

CHANGED = {  # name: (columns and condition before, columns and condition after)
    "ix_comments_roots_by_time": ((BY_TIME, ROOTS), (BY_TIME, f"{ROOTS} AND shown")),
    "ix_comments_roots_by_score": ((BY_SCORE, ROOTS), (BY_SCORE, f"{ROOTS} AND shown")),
    "ix_comments_by_member": ((["member_id", "created_at"], None), (["member_id", "created_at", "id"], None)),
    "ix_comments_own_hidden": (
        (["article_id", "member_id"], HIDDEN),
        (["article_id", "member_id", "created_at", "id"], HIDDEN),
    ),
}
NEW = {
    "ix_comments_shown_replies": (["root_id", "created_at", "id"], f"{REPLIES} AND shown"),
    "ix_comments_shown_children": (["parent_id", "created_at", "id"], f"{REPLIES} AND shown"),
    "ix_comments_waiting_in_article": (BY_TIME, "status = 'waiting'"),
    "ix_comments_waiting_of_member": (["member_id", "created_at", "id"], "status = 'waiting'"),
    "ix_comments_withdrawn_of_member": (["member_id", "created_at", "id"], "status = 'withdrawn'"),
}


def create(name: str, columns: list, condition: str | None) -> None:
    where = None if condition is None else sa.text(condition)
    op.create_index(name, "comments", columns, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    # articles before comments, as those who post: in the other order each would wait for the other
    op.create_index("ix_articles_site_id", "articles", ["site_id", "id"])
    persisted = True if op.get_bind().dialect.name == "postgresql" else None  # SQLite adds virtual ones alone
    op.add_column("comments", sa.Column("shown", sa.Boolean(), sa.Computed(SHOWN, persisted=persisted), nullable=True))
    for name, (_, after) in CHANGED.items():
        op.drop_index(name, table_name="comments")
        create(name, *after)
    for name, index in NEW.items():
        create(name, *index)


def downgrade() -> None:
    op.drop_index("ix_articles_site_id", table_name="articles")
    for name in NEW:
        op.drop_index(name, table_name="comments")
    for name, (before, _) in CHANGED.items():
        op.drop_index(name, table_name="comments")
        create(name, *before)
    op.drop_column("comments", "shown")
