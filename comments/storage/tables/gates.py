"""Which gates led to subscriptions: numbers of a day and nothing of anybody."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, metadata

conversions = sa.Table(
    "conversions",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # days since 1970, UTC
    sa.Column("gate", sa.Text, primary_key=True),  # nobody | registered | lapsed
    sa.Column("article_id", Id, primary_key=True, autoincrement=False),  # 0: nobody knows which
    sa.Column("number", sa.Integer, nullable=False),
)
