"""What each system's export becomes: keys, articles, authors, nesting, statuses, likes, dates; what is refused, why."""

import gzip
import io
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from comments.core.archive import SYSTEMS, ArchivedComment, BadLine, Found
from comments.core.errors import Malformed
from comments.importers import READERS, read_export
from comments.importers.sources import Source, read_mapping
from comments.storage.tables import members
from comments.storage.transaction import Database
from tests.importers.conftest import Importing, assert_counters_equal_a_recount, by_key, rows_of
from tests.servers import ROOT

SAMPLES = ROOT / "tests" / "samples" / "moving"
FILES = {
    "commento": SAMPLES / "commento.json",
    "coral": SAMPLES / "coral.ndjson",
    "disqus": SAMPLES / "disqus.xml",
    "isso": SAMPLES / "isso.json",
    "remark42": SAMPLES / "remark42.ndjson",
    "wordpress": SAMPLES / "wordpress.xml",
}
BLOG = "gazette.example/blog"
# key → (parent, article, author's name, status, created, likes)
EXPECTED: dict[str, dict[str, tuple[Any, ...]]] = {
    "commento": {
        "aa01": (None, "/news/harbour", "kiesel", "published", "2020-03-12T11:21:56+00:00", 4),
        "aa02": ("aa01", "/news/harbour", "Anonymous", "withdrawn", "2020-03-12T11:30:00.722181+00:00", 0),
        "aa03": ("aa02", "/news/harbour", "northwind", "waiting", "2020-03-12T12:00:00+00:00", 0),
    },
    "coral": {
        "c1": (None, "s1", "kiesel", "published", "2022-01-02T10:00:00+00:00", 5),
        "c2": ("c1", "s1", "northwind", "waiting", "2022-01-02T10:05:00+00:00", 0),
        "c3": ("c1", "s1", None, "erased", "2022-01-02T11:00:00+00:00", 0),
        "c4": (None, "a4", "hazel", "rejected", "2019-01-02T00:00:00+00:00", 2),
    },
    "disqus": {
        "100": (None, "harbour", "kiesel", "published", "2015-03-01T09:00:00+00:00", 0),
        "101": ("100", "harbour", "northwind", "withdrawn", "2015-03-01T09:05:00+00:00", 0),
        "102": ("101", "harbour", "kiesel", "published", "2015-03-01T09:10:00+00:00", 0),
        "103": (None, "/news/market", "watches", "rejected", "2015-03-01T09:11:00+00:00", 0),
    },
    "isso": {
        "/news/harbour:1": (None, "/news/harbour", "kiesel", "published", "2014-02-24T04:03:37+00:00", 0),
        "/news/harbour:2": ("/news/harbour:1", "/news/harbour", None, "published", "2014-02-24T05:00:00+00:00", 3),
        "/news/market:1": (None, "/news/market", "northwind", "published", "2014-02-24T04:03:37.500000+00:00", 0),
    },
    "remark42": {
        "r1": (None, "/news/harbour", "kiesel", "published", "2021-06-01T10:00:00.123457+02:00", 2),
        "r2": ("r1", "/news/harbour", None, "erased", "2021-06-01T10:10:00+02:00", 0),
        "r3": ("r2", "/news/harbour", "northwind", "published", "2021-06-01T10:20:00+02:00", 3),
    },
    "wordpress": {
        "gazette.example/blog:7": (None, "18", "kiesel", "published", "2016-05-01T10:00:00+00:00", 0),
        "gazette.example/blog:8": (
            "gazette.example/blog:7",
            "18",
            "northwind",
            "waiting",
            "2016-05-01T12:10:00+00:00",
            0,
        ),
        "gazette.example/blog:10": (None, "18", "watches", "rejected", "2016-05-03T10:00:00+00:00", 0),
    },
}
REFUSED = {
    "commento": {7: "missing required field `creationDate`"},
    "coral": {10: "neither a comment nor a user nor a story"},
    "disqus": {53: "its thread '99' is not in this file: name its article in the mapping"},
    "isso": {7: "a comment of the thread: Expected `str | null`, got `int` - at `$.author`"},
    "remark42": {5: "JSON is malformed"},
    "wordpress": {42: "it is a pingback, not a comment"},
}


def read(kind: str, data: bytes | Path, source: Source | None = None) -> list[Found | BadLine]:
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
        return list(read_export(kind, stream, source or Source()))


def comments_of(found: list[Found | BadLine]) -> dict[str, ArchivedComment]:
    return {one.comment.key.partition(":")[2]: one.comment for one in found if isinstance(one, Found)}


def shown(one: ArchivedComment) -> tuple[Any, ...]:
    parent = None if one.parent is None else one.parent.partition(":")[2]
    name = None if one.author is None else one.author.name
    return parent, one.article.id, name, one.status, one.created_at.isoformat(), one.reactions.get("recommend", 0)


def test_every_system_has_a_reader_and_a_sample() -> None:
    assert tuple(READERS) == SYSTEMS
    assert FILES.keys() == EXPECTED.keys() == set(SYSTEMS) - {"archive"}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_what_is_read(kind: str, packed: bool) -> None:
    data = FILES[kind].read_bytes()
    found = read(kind, gzip.compress(data) if packed else data)
    assert {key: shown(one) for key, one in comments_of(found).items()} == EXPECTED[kind]
    refused = {one.line: one.reason for one in found if isinstance(one, BadLine)}
    assert refused.keys() == REFUSED[kind].keys()
    for line, reason in REFUSED[kind].items():
        assert reason in refused[line]


@pytest.mark.parametrize("kind", FILES)
def test_everything_arrives(kind: str, importing: Importing, database: Database) -> None:
    """Also the bodies: harmless, and as the other system showed them."""
    report = importing(read(kind, FILES[kind]))
    assert report.imported == len(EXPECTED[kind])
    assert report.changed == []
    rows = by_key(database)
    for key, (parent, _, name, status, _, likes) in EXPECTED[kind].items():
        row = rows[f"{kind}:{key}"]
        assert (row.status, row.recommends) == (status, likes)
        assert row.parent_id == (None if parent is None else rows[f"{kind}:{parent}"].id)
        names = {member.id: member.name for member in rows_of(database, members)}
        assert names.get(row.member_id) == name
        assert "script" not in row.html
    assert_counters_equal_a_recount(database)
    assert importing(read(kind, FILES[kind]), digest="again").imported == 0


def test_texts_are_shown_as_they_were(importing: Importing, database: Database) -> None:
    for kind, path in FILES.items():
        importing(read(kind, path), digest=kind)
    trees = {row.archive_key: json.loads(row.tree) for row in by_key(database).values()}
    assert trees["disqus:100"] == [
        ["p", "Finally a bridge that one can ", ["strong", "walk"], " across."],
        ["p", "Is it open?", ["br"], "Today?"],
    ]
    assert trees["wordpress:gazette.example/blog:7"] == [
        ["p", "A first line", ["br"], "and a second."],
        ["p", "A new paragraph with ", ["em", "weight"], "."],
    ]
    assert trees["wordpress:gazette.example/blog:8"] == [["p", "Is it 5 & 6 or 7 & 8?"]]
    assert trees["isso:/news/harbour:1"] == [["p", "A ", ["em", "first"], ' "comment" with {brackets} and \\ a stroke']]
    assert trees["coral:c1"] == [["p", "A ", ["strong", "first"], " one.", ["br"], "Twice."]]
    assert trees["coral:c2"] == [["p", "An answer."]]
    assert trees["coral:c4"] == [["p", "Old & plain <b>"]]
    assert trees["remark42:r1"] == [["p", "A ", ["strong", "first"], " one."]]
    assert trees["commento:aa01"] == [["p", "A ", ["strong", "first"], " one."]]


def isso_database(path: Path, *extra: str) -> Path:
    """A database as Isso makes it, with a thread, its statuses, and a comment whose thread is gone."""
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            """CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
            CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,
              created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL,
              author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0,
              voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
            INSERT INTO threads VALUES (1, '/news/harbour', 'The harbour bridge opens');
            INSERT INTO comments VALUES
              (1, 1, NULL, 1393214617.25, 1393214700, 1, '192.0.2.0', 'A *first* one', 'kiesel', 'k@gazette.example',
               NULL, 5, 1, x'00', 0),
              (1, 2, 1, 1393214700, NULL, 4, '192.0.2.0', '', NULL, NULL, NULL, 0, 0, x'00', 0),
              (1, 3, 2, 1393214800, NULL, 2, '192.0.2.0', 'Waiting', 'northwind', NULL, NULL, 0, 0, x'00', 0),
              (9, 4, NULL, 1393214900, NULL, 1, '192.0.2.0', 'Lost', 'lost', NULL, NULL, 0, 0, x'00', 0),
              (1, 5, NULL, 'soon', NULL, 1, '192.0.2.0', 'When?', 'lost', NULL, NULL, 'x', 0, x'00', 0);"""
        )
        for statement in extra:
            conn.execute(statement)
        conn.commit()
    return path


def test_a_database_of_isso(tmp_path: Path) -> None:
    found = read("isso", isso_database(tmp_path / "isso.db"))
    assert {key: shown(one) for key, one in comments_of(found).items()} == {
        "1": (None, "/news/harbour", "kiesel", "published", "2014-02-24T04:03:37.250000+00:00", 5),
        "2": ("1", "/news/harbour", None, "withdrawn", "2014-02-24T04:05:00+00:00", 0),
        "3": ("2", "/news/harbour", "northwind", "waiting", "2014-02-24T04:06:40+00:00", 0),
    }
    assert {one.line: one.reason for one in found if isinstance(one, BadLine)} == {
        4: "its thread 9 is not in this database",
        5: "Invalid RFC3339 encoded datetime - at `$.created_at`",
    }
    assert comments_of(found)["1"].edited_at is not None


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (("DROP TABLE threads",), "no table 'threads'"),
        (("ALTER TABLE comments RENAME TO c2", "CREATE VIEW comments AS SELECT * FROM c2"), "no table 'comments'"),
        (("ALTER TABLE threads DROP COLUMN title",), "it lacks title"),
        (
            ("ALTER TABLE threads RENAME COLUMN title TO t", "ALTER TABLE threads ADD title AS (upper(t))"),
            "as Isso makes",
        ),
    ],
)
def test_a_database_that_is_not_quite_issos(tmp_path: Path, extra: tuple[str, ...], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read("isso", isso_database(tmp_path / "isso.db", *extra))


def test_a_damaged_database(tmp_path: Path) -> None:
    path = isso_database(tmp_path / "isso.db")
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096)
    with pytest.raises(Malformed, match="no database of Isso that can be read"):
        read("isso", path)


def test_a_mapping_names_articles() -> None:
    mapping = read_mapping(["source,article\n", "harbour,a-1\n", '"/news/market","a-2"\n', "99,a-3\n", "\n"])
    found = comments_of(read("disqus", FILES["disqus"], Source(mapping)))
    assert {key: one.article.id for key, one in found.items()} == {
        "100": "a-1", "101": "a-1", "102": "a-1", "103": "a-2", "104": "a-3",
    }  # fmt: skip
    by_address = read_mapping(["https://gazette.example/blog/2016/harbour/,a-1"])
    found = comments_of(read("wordpress", FILES["wordpress"], Source(by_address)))
    assert {one.article.id for one in found.values()} == {"a-1"}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["a,1\n", "b\n"], "line 2: there must be two columns"),
        (["a,1\n", "a,2\n"], "line 2: 'a' is there twice"),
        (["a, \n"], "line 1"),
        (['a,"1\n'], "line 2"),
    ],
)
def test_a_mapping_that_is_none(lines: list[str], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read_mapping(lines)


def test_addresses_of_people_are_in_no_key() -> None:
    for kind, path in FILES.items():
        for one in comments_of(read(kind, path)).values():
            assert one.author is None or "@" not in one.author.id + one.key


REAL = Path(ROOT, os.environ.get("COMMENTS_CORPUS", "../shared/data"), "exports").resolve()


@pytest.mark.skipif(not REAL.exists(), reason=f"the real exports are not here: {REAL} (COMMENTS_CORPUS)")
@pytest.mark.parametrize(
    ("kind", "name", "imported", "refused", "broken"),
    [
        ("disqus", "disqus-isso.xml", 5, 1, None),
        ("disqus", "disqus-remark42.xml", 5, 0, "Line 147"),
        ("wordpress", "wordpress-isso.xml", 7, 1, None),  # one number twice
        ("isso", "isso-generic.json", 2, 0, None),
        ("commento", "commento.json", 3, 0, None),
    ],
)
def test_real_exports(
    importing: Importing, database: Database, kind: str, name: str, imported: int, refused: int, broken: str | None
) -> None:
    with (REAL / name).open("rb") as stream:
        report = importing(read_export(kind, stream, Source()))
    assert (report.imported, report.refusals) == (imported, refused)
    assert (report.broken is None) == (broken is None)
    assert broken is None or (report.broken is not None and broken in report.broken.detail)
    assert_counters_equal_a_recount(database)
