"""What goes out and what goes away: exports with how far they are, erasures while they go on and that they were."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, partial, to

exports = sa.Table(  # rows and files are gone after some days
    "exports",
    metadata,
    key(),
    to("sites"),
    to("users", nullable=True),  # who asked for it in the console; none: a member, for their own data
    to("members", nullable=True),  # whose data it is; none: the whole site's
    sa.Column("kind", sa.Text, nullable=False),  # archive | csv | member
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),  # waiting | running | done | failed
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),  # comments written
    sa.Column("total", sa.Integer),  # comments that there are; none: not known yet
    sa.Column("error", sa.Text),
    sa.Column("file", sa.Text),  # its random name in the folder of exports
    sa.Column("size", sa.BigInteger),  # bytes
    sa.Column("beat_at", Micros, nullable=False, server_default="0"),  # when whoever makes it last said so
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("finished_at", Micros),
    sa.Index("ix_exports_member_id", "member_id", "id"),
    sa.Index("ix_exports_created_at", "created_at"),
)
partial("ix_exports_site_id", exports.c.site_id, exports.c.id, where="member_id IS NULL")

erasures = sa.Table(  # that somebody was erased, not who: what names them is gone when it is done
    "erasures",
    metadata,
    key(),
    to("sites"),
    sa.Column("member_id", Id),  # while it goes on
    sa.Column("sub", sa.Text),  # while it goes on: for the list outside of the database
    sa.Column("mode", sa.Text, nullable=False),  # text | identity
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),  # waiting | running | done
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),  # comments
    sa.Column("total", sa.Integer),
    sa.Column("beat_at", Micros, nullable=False, server_default="0"),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("finished_at", Micros),
    sa.Index("ix_erasures_member_id", "member_id"),
    sa.Index("ix_erasures_site_id", "site_id", "id"),
)
