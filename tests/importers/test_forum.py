"""A real newspaper's forum, converted and imported. Skipped where the corpus is not (COMMENTS_CORPUS)."""

from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import pytest

from comments.actions.archive import KEPT
from comments.core.archive import Found
from comments.importers import read_export
from comments.importers.sources import Source
from comments.storage.tables import articles, members
from comments.storage.transaction import Database
from tests.importers.conftest import Importing, assert_counters_equal_a_recount, by_key, rows_of
from tests.samples.omp_to_archive import convert, corpus_file

CORPUS = corpus_file()
SAMPLE = [
    '{"id": 7, "parent": null, "article": 3, "user": 12, "created": "2015-06-01 08:58:32.363", "status": "online", '
    '"headline": " So * geht  es ", "body": "Nicht.\\n\\nOder?", "up": 4, "down": 1, "labels": {}}',
    '{"id": 8, "parent": 7, "article": 3, "user": 13, "created": "2015-06-01 08:59:00.000", "status": "deleted", '
    '"headline": "", "body": "Weg", "up": 0, "down": 9, "labels": {}}',
    '{"id": 9, "parent": null, "article": 3, "user": 13, "created": "2015-06-01 09:00:00.000", "status": "online", '
    '"headline": "Nur das", "body": "", "up": 0, "down": 0, "labels": {}}',
]


def records() -> Iterator[Found]:
    with CORPUS.open("rb") as lines:
        for found in read_export("archive", BytesIO(b"".join(convert(lines))), Source()):
            assert isinstance(found, Found), found
            yield found


def test_the_converter_keeps_what_the_corpus_says() -> None:
    read = read_export("archive", BytesIO(b"".join(convert(SAMPLE))), Source())
    found = [one.comment for one in read if isinstance(one, Found)]
    assert [comment.key for comment in found] == ["omp:7", "omp:8", "omp:9"]
    first, second, third = found
    assert first.body == "**So \\* geht es**\n\nNicht.\n\nOder?"
    assert first.created_at.isoformat() == "2015-06-01T08:58:32.363000+00:00"
    assert (first.article.id, first.article.title, first.reactions) == ("3", "Article 3", {"recommend": 4})
    assert first.author is not None
    assert (first.author.id, first.author.name) == ("omp:12", "user 12")
    assert (second.parent, second.status, second.body, second.reactions) == ("omp:7", "rejected", "Weg", {})
    assert third.body == "**Nur das**"


@pytest.mark.timeout(300)
@pytest.mark.skipif(not CORPUS.exists(), reason=f"the corpus is not here: {CORPUS} (COMMENTS_CORPUS names its folder)")
def test_the_whole_forum_is_kept(importing: Importing, database: Database) -> None:
    forum = list(records())
    replies = [one for one in forum if one.comment.parent is not None]
    keys = {one.comment.key for one in forum}
    lost = {one.line for one in replies if one.comment.parent not in keys}
    assert (len(forum), len(replies), len(lost)) == (11_773, 6_706, 1_259)

    report = importing(forum)
    assert (report.imported, report.already, report.refused) == (11_773, 0, [])
    assert (report.changes, len(report.changed)) == (len(lost), KEPT)  # all are counted, the first are kept
    assert {one.line for one in report.changed} <= lost
    assert all("was not imported: kept as a thread of its own" in one.reason for one in report.changed)

    rows = by_key(database)
    assert len(rows) == 11_773
    assert len(rows_of(database, articles)) == 2_174
    assert len(rows_of(database, members)) == 4_543
    assert Counter(row.status for row in rows.values()) == {"published": 10_040, "rejected": 1_733}
    assert max(Counter(row.article_id for row in rows.values()).values()) == 1_043
    assert max(row.depth for row in rows.values()) == 3  # the site's cap
    for one in forum:
        row, parent = rows[one.comment.key], rows.get(one.comment.parent or "")
        assert row.parent_id == (None if parent is None else parent.id)
    assert deepest({row.id: row.parent_id for row in rows.values()}) == 19
    assert_counters_equal_a_recount(database)


def deepest(parents: dict[int, int | None]) -> int:
    def depth(key: int) -> int:
        above = parents[key]
        return 0 if above is None else 1 + depth(above)

    return max(map(depth, parents))
