"""Moving in: files that are brought in the console, and by which addresses old authors may claim what they wrote."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, to

old_addresses = sa.Table(  # gone when everything was claimed
    "old_addresses",
    metadata,
    sa.Column("member_id", Id, sa.ForeignKey("members.id"), primary_key=True, autoincrement=False),  # the old author
    to("sites"),
    sa.Column("digest", sa.Text, nullable=False),  # core/pseudonyms.py: nobody reads the address back from it
    to("members", nullable=True, name="claimed_by"),  # the member to whom their comments are going over
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_old_addresses_site_id", "site_id", "digest"),
    sa.Index("ix_old_addresses_claimed_by", "claimed_by"),
)

uploads = sa.Table(  # files to be imported, and how far that is; rows and files are gone after some days
    "uploads",
    metadata,
    key(),
    to("sites"),
    to("users", nullable=True),  # who brought it; none: a program with a key
    sa.Column("name", sa.Text, nullable=False),  # as it is called where it comes from
    sa.Column("format", sa.Text, nullable=False),  # core/archive.py: SYSTEMS
    sa.Column("file", sa.Text, nullable=False),  # its random name in the folder of imports
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes, when all is here
    sa.Column("articles", sa.Text, nullable=False),  # CSV: which article a name of theirs is
    sa.Column(
        "state", sa.Text, nullable=False, server_default="uploading"
    ),  # | waiting | running | done | failed | stopped
    sa.Column("run", sa.Integer, nullable=False, server_default="0"),  # whoever is at it knows it: others are refused
    sa.Column("dry_run", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("read", sa.Integer, nullable=False, server_default="0"),  # records and bad lines
    sa.Column("imported", sa.Integer, nullable=False, server_default="0"),
    sa.Column("already", sa.Integer, nullable=False, server_default="0"),  # known from before
    sa.Column("refused", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("bytes_read", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    sa.Column("beat_at", Micros, nullable=False, server_default="0"),  # when whoever is at it last said so
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("finished_at", Micros),
    sa.Index("ix_uploads_site_id", "site_id", "id"),
    sa.Index("ix_uploads_created_at", "created_at"),
)

upload_lines = sa.Table(  # what of a file is not imported, or not as it says: the first of each
    "upload_lines",
    metadata,
    key(),
    to("uploads"),
    sa.Column("what", sa.Text, nullable=False),  # refused | changed
    sa.Column("line", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text),  # the comment's id there
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("ix_upload_lines_upload_id", "upload_id", "id"),
)
