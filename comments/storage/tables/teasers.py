"""What pages around the threads show of them: recent comments for feeds, the most discussed articles, a site's picks.

All of it is derived: the worker makes `recent` and `discussed` (jobs/teasers.py), whoever picks writes `site_picks`.
What the public may see is asked of the comments themselves when it is read.
"""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, metadata, to

recent = sa.Table(  # comments of the last months, whatever their status, in the order in which they came
    "recent",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    to("sites"),
    to("articles"),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_recent_article_id", "article_id", "comment_id"),
    sa.Index("ix_recent_site_id", "site_id", "comment_id"),
    sa.Index("ix_recent_created_at", "created_at"),
)

discussed = sa.Table(  # the articles that were most talked about in a span
    "discussed",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    sa.Column("span", sa.Text, primary_key=True),  # day | week
    sa.Column("article_id", Id, sa.ForeignKey("articles.id"), primary_key=True, autoincrement=False),
    sa.Column("comments", sa.Integer, nullable=False),
    sa.Column("readers", sa.Integer, nullable=False),  # who wrote them
    sa.Column("counted_at", Micros, nullable=False),
)

site_picks = sa.Table(  # the newsroom's picks of a whole site
    "site_picks",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    to("sites"),
    sa.Column("picked_at", Micros, nullable=False),
    sa.Index("ix_site_picks_site_id", "site_id", "picked_at", "comment_id"),
)
