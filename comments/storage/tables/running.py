"""What the service itself needs to go on: jobs, opinions of machines, how far it is with something."""

import sqlalchemy as sa

from comments.storage.tables.columns import Micros, key, metadata, to

classifiers = sa.Table(  # outside or local services that are asked for opinions
    "classifiers",
    metadata,
    key(),
    to("sites"),
    sa.Column("name", sa.Text, nullable=False),  # as the rule set's `opinions` name it
    sa.Column("kind", sa.Text, nullable=False),  # an entry point of the group comments.opinions
    sa.Column("config", sa.Text, nullable=False),  # JSON, without secrets
    sa.Column("secret", sa.Text),  # never shown again
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("trouble", sa.Text),  # JSON {since, error}, while it does not answer
    sa.Column("last_test", sa.Text),  # JSON, of the last sample that it was tried with
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "name"),
)

opinions = sa.Table(  # what a classifier said about one version of a comment
    "opinions",
    metadata,
    key(),
    to("sites"),
    to("comments"),
    sa.Column("comment_version", sa.Integer, nullable=False),
    sa.Column("classifier", sa.Text, nullable=False),  # its name at that time
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("model", sa.Text),
    sa.Column("model_version", sa.Text),
    sa.Column("scores", sa.Text, nullable=False, server_default="{}"),  # JSON label -> 0–1
    sa.Column("thresholds", sa.Text, nullable=False, server_default="{}"),  # JSON label -> as they were then
    sa.Column("outcome", sa.Text, nullable=False),  # none | note | hold | failed
    sa.Column("error", sa.Text),
    sa.Column("took", sa.BigInteger),  # µs
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_opinions_comment_id", "comment_id", "id"),
)

marks = sa.Table(  # how far the worker is with the figures: times and ids; see jobs/figures.py
    "marks",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

salts = sa.Table(  # what a day's addresses are hashed with; forgotten soon, so that nobody finds out whose they were
    "salts",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # days since 1970
    sa.Column("salt", sa.Text, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    key(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text),  # at most one waiting job of a kind and key
    sa.Column("payload", sa.Text, nullable=False),  # JSON
    sa.Column("run_at", Micros, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", Micros, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    sa.Column("parked_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("kind", "key"),
    sa.Index(
        "ix_jobs_run_at",
        "run_at",
        sqlite_where=sa.text("parked_at IS NULL"),
        postgresql_where=sa.text("parked_at IS NULL"),
    ),
)

imports = sa.Table(  # how far an import came, so that it can be taken up again
    "imports",
    metadata,
    key(),
    to("sites"),
    sa.Column("digest", sa.Text, nullable=False),  # of the file
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),  # records read and written
    sa.Column("finished_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "digest"),
)
