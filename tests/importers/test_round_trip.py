"""Out and in again: what is exported, imported into an empty site and exported anew is the same, to the byte."""

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.actions.archive import import_comments
from comments.actions.archive_lines import COLUMNS, archive_pieces, csv_pieces, harmless
from comments.actions.sites import NewSite, create_site
from comments.core.archive import ArchivedArticle, ArchivedAuthor, ArchivedComment, ArchivedEdit, Found
from comments.importers import read_export
from comments.importers.sources import Source
from comments.storage.checks import CHECKS
from comments.storage.integrity import snapshot
from comments.storage.members import find_member
from comments.storage.sites import Site, find_site
from comments.storage.transaction import Database
from tests.conftest import FakeClock
from tests.gazette import Gazette, good
from tests.servers import ROOT
from tests.test_cli import several


def archive_of(database: Database, site: Site) -> bytes:
    with snapshot(database) as conn:
        return b"".join(data for _, data in archive_pieces(conn, site))


def site_of(database: Database, key: str) -> Site:
    with database.read() as conn:
        found = find_site(conn, key)
    assert found is not None
    return found


def empty_site(database: Database, key: str) -> Site:
    with database.transaction() as tx:
        create_site(tx, NewSite(key=key, name=key, issuer="https://b.example", origins=("https://b.example",)))
    return site_of(database, key)


def moved(database: Database, archive: bytes, key: str) -> Site:
    site = empty_site(database, key)
    report = import_comments(database, site, read_export("archive", io.BytesIO(archive), Source()), digest=key)
    assert (report.refused, report.changed) == ([], [])
    return site


def a_story(gazette: Gazette, clock: FakeClock) -> None:
    """Everything that an archive carries, done by its people."""
    kiesel, rune, author = (
        gazette.reader("kiesel"), gazette.reader("rune"), gazette.reader("editor", badges=["author"])
    )  # fmt: skip
    desk = gazette.desk()
    about = {"article_url": "https://www.gazette.example/2", "article_title": "=A “title”", "article_section": "Sport"}
    root = good(kiesel.send("**One** @rune\n\n> two\n", article="a/2", **about), 201)
    clock.forward(5)
    good(kiesel.edit(root["id"], "+one, *edited*"))
    assert rune.react(root["id"]).status_code < 300
    question = good(kiesel.send("Why, dear author?", question=True), 201)
    clock.forward(1)
    author.post("Because.", question["id"])
    author.post("And because.", question["id"])
    rejected = rune.post("Buy this", root["id"], article="a/2")
    kiesel.post("Under what is rejected", rejected["id"], article="a/2")
    good(desk.decide(rejected["id"], "reject"))
    gone = rune.post("I should not have said this.", root["id"], article="a/2")
    rune.withdraw(gone["id"])
    picked = rune.post("Well said, “all” of you; <b>bold</b> [x](https://example.org/)", article="a/2")
    assert desk.call("POST", f"/comments/{picked['id']}/pick").status_code < 300
    assert desk.call("POST", f"/comments/{root['id']}/lock").status_code < 300


@pytest.fixture
def told(app: Flask, clock: FakeClock) -> Gazette:
    gazette = Gazette.make(app, clock, ask_author=True)
    a_story(gazette, clock)
    return gazette


def test_a_story_comes_back_equal(told: Gazette, database: Database) -> None:
    first = archive_of(database, site_of(database, "gazette"))
    other = moved(database, first, "beacon")
    assert archive_of(database, other) == first
    lines = [json.loads(line) for line in first.splitlines()[1:]]
    assert {line.get("status", "published") for line in lines} == {"published", "rejected", "withdrawn"}
    for field in ("edits", "picked_at", "locked_at", "question", "by_author", "reactions", "edited_at", "parent"):
        assert any(field in line for line in lines), field
    assert {"url", "title", "section"} <= lines[0]["article"].keys()
    assert told.page("a/2")["total"] == told.get("/sites/beacon/articles/a%2F2/comments")["total"]
    with snapshot(database) as conn:
        assert {name: wrong for name, check in CHECKS.items() if (wrong := check(conn))} == {}


def test_a_site_takes_its_own_archive_without_doubles(told: Gazette, database: Database) -> None:
    first = archive_of(database, site_of(database, "gazette"))
    again = import_comments(
        database, site_of(database, "gazette"), read_export("archive", io.BytesIO(first), Source()), digest="own"
    )  # fmt: skip
    assert (again.imported, again.already) == (0, len(first.splitlines()) - 1)


def test_whoever_signs_in_owns_what_they_moved_with(told: Gazette, database: Database) -> None:
    moved(database, archive_of(database, site_of(database, "gazette")), "beacon")
    with database.read() as conn:
        assert find_member(conn, site_of(database, "beacon").id, "kiesel").published == 3


MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
FORMS = st.sampled_from(["markdown", "html", "text"])
STATUSES = st.sampled_from(["published", "published", "rejected", "withdrawn", "waiting", "erased"])
COMMENTS = st.lists(
    st.builds(
        dict, parent=st.integers(0, 20), article=st.integers(1, 2), author=st.one_of(st.none(), st.integers(0, 3)),
        signs_in=st.booleans(), body=st.tuples(st.sampled_from(["*a* <b>c</b> ", "> q\n\n", "&amp; ", "x"]), WORDS),
        format=FORMS, status=STATUSES, created_at=MOMENTS, edited_at=st.one_of(st.none(), MOMENTS),
        edits=st.lists(st.builds(ArchivedEdit, at=MOMENTS, body=WORDS), max_size=2),
        reactions=st.dictionaries(st.sampled_from(["recommend", "funny"]), st.integers(0, 9)),
        picked_at=st.one_of(st.none(), MOMENTS), locked_at=st.one_of(st.none(), MOMENTS), question=st.booleans(),
        by_author=st.booleans(),
    ),
    min_size=1, max_size=15,
)  # fmt: skip
numbers = itertools.count()


def records(drawn: list[dict[str, Any]]) -> Iterator[Found]:
    for line, one in enumerate(drawn):
        parent, author, article = one["parent"], one["author"], one["article"]
        named = None if author is None else ArchivedAuthor(id=f"m{author}", name="A b", signs_in=one["signs_in"])
        about = ArchivedArticle(id=str(article), url=f"https://a.example/{article}", title="T", mode="closed")
        plain = {"key": f"k{line}", "parent": f"k{parent}" if parent < len(drawn) else None, "author": named}
        made = one | plain | {"article": about, "body": "".join(one["body"]), "edits": tuple(one["edits"])}
        made.pop("signs_in")
        yield Found(line + 2, ArchivedComment(**made))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=COMMENTS)
def test_any_history_comes_back_equal(database: Database, drawn: list[dict[str, Any]]) -> None:
    """Whatever another system's file did to the first site, what then stands there is what moves on."""
    number = next(numbers)
    first_site = empty_site(database, f"a{number}")
    import_comments(database, first_site, records(drawn), digest="random")
    first = archive_of(database, first_site)
    second = moved(database, first, f"b{number}")
    assert archive_of(database, second) == first


def test_a_table_is_what_rfc_4180_says_and_calculates_nothing(told: Gazette, database: Database) -> None:
    with snapshot(database) as conn:
        text = b"".join(data for _, data in csv_pieces(conn, site_of(database, "gazette")))
    rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 8
    assert {row["status"] for row in rows} == {"published", "rejected", "withdrawn"}
    assert rows[0]["article_title"] == "'=A “title”" and rows[0]["text"] == "'+one, edited"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [harmless(cell) for cell in ("=1", "-1", "a=1", -1, None)] == ["'=1", "'-1", "a=1", -1, None]


def test_the_command_writes_a_file_of_our_own(told: Gazette, environ: dict[str, str], tmp_path: Path) -> None:
    archive, table, taken = tmp_path / "gazette.ndjson", tmp_path / "gazette.csv", tmp_path / "taken"
    taken.write_text("what was there")
    ask = ["export", "--site", "gazette"]
    commands = ([*ask, str(archive)], [*ask, "--format", "csv", str(table)], [*ask, "-"], [*ask, str(taken)],
                ["export", "--site", "beacon", "-"], [*ask, str(tmp_path / "no" / "folder")])  # fmt: skip
    done = several(environ, *commands)
    assert [one.returncode for one in done] == [0, 0, 0, 1, 1, 1], done
    assert archive.read_text() == done[2].stdout and archive.stat().st_mode & 0o777 == 0o600
    assert "8 comments of 'gazette' exported as archive" in done[0].stderr
    assert table.read_bytes().startswith(b"id,parent,article,")
    assert "left alone" in done[3].stderr and taken.read_text() == "what was there"
    assert "no site 'beacon'" in done[4].stderr and "No such file" in done[5].stderr
    assert not [*tmp_path.glob("*.part")]


def test_the_documented_columns_and_fields_are_those_that_are_written() -> None:
    said = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "moving-out.md").read_text(), re.MULTILINE)
    named = {name for cell in said for name in re.findall(r"`(\w+)`", cell)}
    assert named == {*COLUMNS, *ArchivedComment.__struct_fields__}
