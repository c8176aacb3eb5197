"""Members on their own page: who is there, and the names that they had."""

import sqlalchemy as sa

from comments.storage.tables.columns import Micros, key, metadata, to

visits = sa.Table(  # of members at their own page, by browser; no row: nobody is there
    "visits",
    metadata,
    key(),
    to("members"),
    sa.Column("epoch", sa.Integer, nullable=False),  # the member's when it began: raising that ends it
    sa.Column("digest", sa.Text, nullable=False, unique=True),  # SHA-256 of what the cookie holds
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("seen_at", Micros, nullable=False),  # to the minute
    sa.Index("ix_visits_member_id", "member_id"),
    sa.Index("ix_visits_seen_at", "seen_at"),
)

former_names = sa.Table(  # what a member was called before; the present name stands in `members`
    "former_names",
    metadata,
    key(),
    to("members"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("own_name", sa.Boolean, nullable=False),  # chosen here; otherwise it came with the publisher's token
    sa.Column("until", Micros, nullable=False),
    sa.Index("ix_former_names_member_id", "member_id", "id"),
)
