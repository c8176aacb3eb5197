"""Keys of the publishers' API: what programs show instead of a session."""

import sqlalchemy as sa

from comments.storage.tables.columns import Micros, key, metadata, to

api_keys = sa.Table(
    "api_keys",
    metadata,
    key(),
    to("sites"),
    to("users"),  # the key's own account, by which everything that it does is written down: docs/decisions/0027
    to("users", nullable=True, name="made_by"),  # none: the command line
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, unique=True),  # SHA-256 of the key, which nobody keeps
    sa.Column("prefix", sa.Text, nullable=False),  # its first characters, to recognise it by
    sa.Column("scopes", sa.Text, nullable=False),  # JSON list of core.api_keys.Scope
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("expires_at", Micros),  # none: it does not end by itself
    sa.Column("used_at", Micros),  # to the minute
    sa.Column("revoked_at", Micros),
    sa.Index("ix_api_keys_site_id", "site_id", "id"),
)
