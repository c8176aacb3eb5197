"""Importing on both engines: all kept or listed, twice is once, broken imports go on, counters as after posting."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comments.actions import archive_pace
from comments.actions.archive import digest_of
from comments.actions.webhooks import Keys, To, add_webhook
from comments.core.archive import ArchivedArticle, ArchivedAuthor, BadLine, Found
from comments.core.errors import Malformed
from comments.core.times import time_micros
from comments.importers import read_export
from comments.importers.sources import Source
from comments.storage.comments import article_for
from comments.storage.sites import Site
from comments.storage.tables import articles, comments, imports, journal, members, webhook_messages
from comments.storage.transaction import Database
from tests.conftest import FakeClock
from tests.importers.conftest import Importing, assert_counters_equal_a_recount, by_key, record, rows_of
from tests.servers import ROOT

EVERYTHING = ROOT / "tests" / "samples" / "archive.ndjson"


def everything() -> Iterator[Found | BadLine]:
    with EVERYTHING.open("rb") as stream:
        yield from read_export("archive", stream, Source())


def listed(bad: list[BadLine]) -> dict[int, str]:
    return {one.line: one.reason for one in bad}


def test_everything_is_kept_or_listed(importing: Importing, database: Database) -> None:
    report = importing(everything())
    expected = json.loads(EVERYTHING.with_suffix(".expected.json").read_text())
    assert {str(line): reason for line, reason in listed(report.refused).items()}.keys() == expected["refused"].keys()
    for one in report.refused:
        assert expected["refused"][str(one.line)] in one.reason
    assert {str(line) for line in listed(report.changed)} == expected["changed"].keys()
    for one in report.changed:
        assert expected["changed"][str(one.line)] in one.reason
    lines = EVERYTHING.read_text().splitlines()
    assert report.read == len([line for line in lines[1:] if line.strip()])
    assert report.imported == report.read - len(report.refused)
    assert set(by_key(database)) == set(expected["depths"])
    assert {key: row.depth for key, row in by_key(database).items()} == expected["depths"]
    assert_counters_equal_a_recount(database)


def test_what_a_record_says_is_what_is_stored(importing: Importing, database: Database, clock: FakeClock) -> None:
    report = importing(
        [
            record(
                2,
                "full",
                article=ArchivedArticle(id="a/1", url="https://gazette.example/a", title="  A <title>\n"),
                author=ArchivedAuthor(id="7", name="northwind"),
                body="Some **bold** words",
                edited_at=datetime(2020, 1, 2, tzinfo=UTC),
                reactions={"recommend": 3, "funny": 2, "sad": 0},
            )
        ]
    )
    assert (report.imported, report.refused, report.changed) == (1, [], [])
    row, article, member = by_key(database)["full"], rows_of(database, articles)[0], rows_of(database, members)[0]
    assert (article.key, article.url, article.title) == ("a/1", "https://gazette.example/a", "A <title>")
    assert (member.sub, member.name, member.name_key) == ("archive:7", "northwind", "northwind")
    assert (member.state, member.published) == ("registered", 1)
    assert (row.created_at, row.edited_at) == (time_micros("2020-01-01T00:02:00Z"), time_micros("2020-01-02T00:00:00Z"))
    assert json.loads(row.tree) == [["p", "Some ", ["strong", "bold"], " words"]]
    assert (row.source, row.recommends, json.loads(row.reactions)) == (
        "Some **bold** words",
        3,
        {"recommend": 3, "funny": 2},
    )
    assert row.looked_at == clock()  # not new to the moderators
    assert (row.root_id, row.depth, row.parent_id) == (row.id, 0, None)
    assert row.member_id == member.id


@pytest.mark.parametrize(
    ("form", "body", "tree"),
    [
        ("markdown", "*a* <b>", [["p", ["em", "a"], " <b>"]]),
        ("html", "<b>a</b><script>x</script> <img src=x onerror=y>b", [["p", ["strong", "a"], " b"]]),
        ("text", "*a* <b>\n&amp;\n\n\nc", [["p", "*a* <b>", ["br"], "&amp;"], ["p", "c"]]),
    ],
)
def test_bodies_are_rendered_by_their_format(
    importing: Importing, database: Database, form: str, body: str, tree: list[Any]
) -> None:
    importing([record(2, "a", body=body, format=form)])
    assert json.loads(by_key(database)["a"].tree) == tree


def test_twice_is_once(importing: Importing, database: Database) -> None:
    first = importing(everything())
    before = [rows_of(database, table) for table in (comments, articles, members, journal)]
    second = importing(everything())
    assert (second.imported, second.already) == (0, first.imported)
    assert listed(second.refused) == listed(first.refused)
    assert [rows_of(database, table) for table in (comments, articles, members, journal)] == before
    third = importing(everything(), digest="the same under another name")
    assert (third.imported, third.already) == (0, first.imported)


def test_a_dry_run_lists_the_same_and_writes_nothing(importing: Importing, database: Database) -> None:
    dry = importing(everything(), dry_run=True)
    tables = (comments, articles, members, journal, imports)
    assert [rows_of(database, table) for table in tables] == [[], [], [], [], []]
    real = importing(everything())
    assert listed(dry.refused) == listed(real.refused)
    names = {line: how for line, how in listed(real.changed).items() if "elsewhere" not in how}
    assert listed(dry.changed).keys() == names.keys()
    assert dry.imported == real.imported


class ReaderError(Exception):
    """The disk was pulled."""


@pytest.mark.parametrize("after", [0, 1, 7, 30, 61])
def test_a_broken_import_goes_on(
    importing: Importing, database: Database, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    for name in ("FIRST", "LEAST", "MOST"):
        monkeypatch.setattr(archive_pace, name, 5)
    many = [record(line, f"c{line}", f"c{line // 2}" if line > 3 else None) for line in range(2, 62)]

    def broken() -> Iterator[Found | BadLine]:
        yield from many[:after]
        raise ReaderError

    with pytest.raises(ReaderError):
        importing(broken())
    written = len(by_key(database))
    assert written == after // 5 * 5 if after < 61 else written == 60
    assert_counters_equal_a_recount(database)
    report = importing(iter(many))
    assert (report.imported, report.already) == (60 - written, written)
    assert report.resumed == (written + 1 if written else 0)
    assert_counters_equal_a_recount(database)
    assert len(by_key(database)) == 60


def test_replies_may_stand_before_their_parents(importing: Importing, database: Database) -> None:
    many = [record(line, f"c{line}", f"c{line // 2}" if line > 3 else None) for line in range(2, 130)]
    report = importing(reversed(many))
    assert (report.imported, report.changed) == (128, [])
    rows = by_key(database)
    assert rows["c129"].parent_id == rows["c64"].id
    assert rows["c129"].root_id == rows["c2"].id
    assert rows["c129"].depth == 3  # capped; its true depth is 6
    assert_counters_equal_a_recount(database)


def test_parents_of_an_earlier_import_count_too(importing: Importing, database: Database) -> None:
    importing([record(2, "root", status="rejected"), record(3, "stub", "root", status="withdrawn")])
    assert [row.seq for row in by_key(database).values()] == [0, 0]
    report = importing([record(2, "late", "stub")], digest="another file")
    assert (report.imported, report.changed) == (1, [])
    rows = by_key(database)
    assert rows["late"].root_id == rows["root"].id
    assert (rows["root"].visible_children, rows["root"].reply_count) == (1, 1)
    assert_counters_equal_a_recount(database)


def test_each_batch_resets_its_threads_once(
    importing: Importing, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_pace, "FIRST", 10)
    monkeypatch.setattr(archive_pace, "LEAST", 10)
    monkeypatch.setattr(archive_pace, "MOST", 10)
    pages = [ArchivedArticle(id="1"), ArchivedArticle(id="2")]
    seen: list[int] = []
    importing(
        [record(line, f"c{line}", article=pages[line % 2]) for line in range(2, 32)],
        progress=lambda report: seen.append(report.imported),
    )
    assert seen == [10, 20, 30, 30]
    assert [(row.kind, row.seq) for row in rows_of(database, journal)] == [("reset", n) for n in (1, 1, 2, 2, 3, 3)]
    assert [(row.key, row.seq, row.total) for row in rows_of(database, articles)] == [("1", 3, 15), ("2", 3, 15)]


def test_waiting_comments_wait(importing: Importing, database: Database) -> None:
    importing([record(2, "a", status="waiting"), record(3, "b", "a", status="waiting")])
    assert [(row.status, row.looked_at, row.seq) for row in rows_of(database, comments)] == [("waiting", None, 0)] * 2
    assert_counters_equal_a_recount(database)


def test_an_erased_comment_has_neither_text_nor_author(importing: Importing, database: Database) -> None:
    importing([record(2, "a", status="erased"), record(3, "b", "a")])
    row = by_key(database)["a"]
    assert (row.source, row.text, row.html, row.member_id) == ("", "", "", None)
    assert_counters_equal_a_recount(database)


def test_the_import_is_remembered(importing: Importing, database: Database, clock: FakeClock) -> None:
    importing([record(2, "a"), record(9, "b")])
    done = rows_of(database, imports)
    assert [(row.digest, row.done, row.finished_at) for row in done] == [("one file", 9, clock())]


def test_a_file_that_is_no_archive_is_refused(importing: Importing, database: Database) -> None:
    with pytest.raises(Malformed, match="Line 1"):
        importing(read_export("archive", io.BytesIO(b"<xml/>\n"), Source()))
    assert rows_of(database, comments) == []


def test_lines_of_any_length_are_survived() -> None:
    header = b'{"archive":"comments","version":1}\n'
    stream = io.BytesIO(b"\xef\xbb\xbf" + header + b"x" * 3_000_000 + b"\n\n{}\n")
    found = list(read_export("archive", stream, Source()))
    assert [(one.line, type(one)) for one in found] == [(2, BadLine), (4, BadLine)]


def test_a_digest_tells_files_apart() -> None:
    one, other = io.BytesIO(b"a" * 3_000_000), io.BytesIO(b"a" * 3_000_001)
    assert digest_of(one) != digest_of(other)
    assert one.read(1) == b"a"


def test_webhooks_are_told_nothing(importing: Importing, database: Database, site: Site) -> None:
    """Whoever moves a hundred thousand comments in does not want to be told of each."""
    with database.transaction() as tx:
        add_webhook(tx, site, To(url="https://hooks.example/"), Keys(b"a key of the tests"))
    assert importing(everything()).imported > 5
    assert rows_of(database, webhook_messages) == []


def test_an_article_is_as_old_as_its_first_comment(
    importing: Importing, database: Database, site: Site, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whichever batch that stands; who was there before the import stays as old as it was, a date of tomorrow is
    none.
    """
    with database.transaction() as tx:
        article_for(tx.conn, site.id, "here", tx.now)
    for name in ("FIRST", "LEAST", "MOST"):
        monkeypatch.setattr(archive_pace, name, 2)
    tomorrow = datetime.fromtimestamp(clock() / 1e6, UTC) + timedelta(hours=5)
    importing(
        [
            record(9, "late"), record(8, "older"), record(7, "reply", "first"), record(2, "first"), record(5, "again"),
            record(3, "below", article=ArchivedArticle(id="here")),
            record(6, "soon", article=ArchivedArticle(id="new"), created_at=tomorrow),
        ]
    )  # fmt: skip
    made = {row.key: row.created_at for row in rows_of(database, articles)}
    assert made == {"1": time_micros("2020-01-01T00:02:00Z"), "here": clock(), "new": clock()}
    importing([record(1, "years later, older still")], digest="another file")
    assert {row.key: row.created_at for row in rows_of(database, articles)} == made
