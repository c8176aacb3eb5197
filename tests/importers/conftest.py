"""What the tests of importing share: a site in an empty database, short records, and a recount of every counter."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.archive import ImportReport, import_comments
from comments.actions.sites import NewSite, create_site
from comments.core.archive import ArchivedArticle, ArchivedAuthor, ArchivedComment, BadLine, Found
from comments.core.policy import THE_PUBLIC
from comments.core.site import SiteSettings
from comments.core.status import Status
from comments.storage.sites import Site, find_site
from comments.storage.tables import articles, comments, members
from comments.storage.transaction import Database

Importing = Callable[..., ImportReport]
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["comments"].database
    return found


@pytest.fixture
def site(database: Database) -> Site:
    new = NewSite(
        key="gazette",
        name="The Gazette",
        issuer="https://gazette.example",
        origins=("https://gazette.example",),
        settings=SiteSettings(max_depth=3),
    )
    with database.transaction() as tx:
        create_site(tx, new)
        found = find_site(tx.conn, "gazette")
    assert found is not None
    return found


@pytest.fixture
def importing(database: Database, site: Site) -> Importing:
    """Import these records into the site."""

    def run(records: Iterable[Found | BadLine], **more: Any) -> ImportReport:
        return import_comments(database, site, records, **({"digest": "one file"} | more))

    return run


def record(line: int, key: str, parent: str | None = None, **more: Any) -> Found:
    """A comment of “kiesel” under article 1, `line` minutes after BEGAN."""
    plain = {
        "article": ArchivedArticle(id="1"),
        "author": ArchivedAuthor(id="kiesel", name="kiesel"),
        "body": f"This is {key}.",
        "created_at": BEGAN + timedelta(minutes=line),
    }
    return Found(line, ArchivedComment(key=key, parent=parent, **(plain | more)))


def rows_of(database: Database, table: sa.Table) -> list[Any]:
    with database.read() as conn:
        return list(conn.execute(sa.select(table).order_by(*table.primary_key.columns)).all())


def by_key(database: Database) -> dict[str, Any]:
    return {row.archive_key: row for row in rows_of(database, comments)}


def assert_counters_equal_a_recount(database: Database) -> None:
    """Every counter, computed afresh from the comments alone."""
    rows = {row.id: row for row in rows_of(database, comments)}
    children, descendants, written = (defaultdict[int | None, list[Any]](list) for _ in range(3))
    for row in rows.values():
        children[row.parent_id].append(row)
        written[row.member_id].append(row)
        if row.root_id != row.id:
            descendants[row.root_id].append(row)

    @cache
    def is_seen(row: Any) -> bool:
        below = sum(map(is_seen, children[row.id]))
        return THE_PUBLIC.admits(Status(row.status), None, below) != "absent"

    def published(rows: Iterable[Any]) -> int:
        return sum(row.status == "published" for row in rows)

    for row in rows.values():
        expected = published(descendants[row.id]) if row.root_id == row.id else published(children[row.id])
        assert (row.archive_key, row.reply_count) == (row.archive_key, expected)
        assert (row.archive_key, row.visible_children) == (row.archive_key, sum(map(is_seen, children[row.id])))
        assert row.recommends == msgspec.json.decode(row.reactions).get("recommend", 0)
        assert (row.seq > 0) == is_seen(row), row.archive_key
    totals = Counter(row.article_id for row in rows.values() if row.status == "published")
    for article in rows_of(database, articles):
        assert article.total == totals[article.id]
    for member in rows_of(database, members):
        own = written[member.id]
        assert member.published == published(own)
        assert member.rejected == sum(row.status == "rejected" for row in own)
        assert member.created_at == min(row.created_at for row in own)
        assert member.last_comment_at == max(row.created_at for row in own)
