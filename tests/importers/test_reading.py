"""An export read by a process beside the one that writes: the same comes in, and however it ends, nobody waits."""

import gzip
import multiprocessing
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest
import sqlalchemy as sa

from comments.actions.reading import AT_ONCE, Beside, Ready
from comments.actions.rendering import rendered, text_of
from comments.core.archive import BadLine, Found, encode_comment, encode_header
from comments.core.errors import Malformed
from comments.importers import read_export
from comments.importers.sources import Source
from comments.storage.transaction import Database
from tests.importers.conftest import Importing, assert_counters_equal_a_recount, by_key, record
from tests.servers import wait_until

MANY = 700  # more than a message holds, and than one statement inserts
READ = partial(read_export, "archive", source=Source())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An archive: replies, two lines that are wrong, one key twice, and a reply before its parent."""
    found = [record(number, f"k{number}", f"k{number - 3}" if number % 3 else None) for number in range(2, MANY + 2)]
    found.append(record(0, "k5", body="Another text under a key that is taken."))
    found.insert(10, found.pop(13))
    lines = [encode_comment(one.comment) for one in found]
    lines[100:100], lines[300:300] = [b"no JSON\n"], [b"{}\n"]
    path = tmp_path / "export.ndjson"
    path.write_bytes(encode_header() + b"".join(lines))
    return path


def test_the_same_comes_in(file: Path, importing: Importing, database: Database) -> None:
    told: list[int] = []
    with file.open("rb") as stream:
        alone = list(READ(stream))
    found = list(Beside(file, READ, told.append).records(after=200))
    assert [one.found if isinstance(one, Ready) else one for one in found] == alone
    for one in found:
        if isinstance(one, Ready):
            due = None if one.found.line <= 200 else rendered(text_of(one.found.comment))
            assert one.rendered == (due if due is None or isinstance(due, str) else tuple(due))
    assert told == sorted(told) and told[-1] == file.stat().st_size and len(told) >= len(alone) / AT_ONCE

    report = importing(Beside(file, READ), digest="beside")
    assert (report.imported, report.refusals, report.broken) == (MANY, 3, None)
    stored = {key: (row.html, row.text, row.parent_id is None) for key, row in by_key(database).items()}
    assert stored["k5"][1] == "This is k5.", "the first of a key counts"
    assert len(stored) == MANY and all(text == f"This is {key}." for key, (_, text, _) in stored.items())
    assert_counters_equal_a_recount(database)
    again = importing(Beside(file, READ), digest="beside")
    assert (again.imported, again.already) == (0, MANY)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_word_is_found(file: Path, importing: Importing, database: Database) -> None:
    """Many rows of one statement go into the index of words as single ones do."""
    importing(Beside(file, READ))
    with database.transaction() as tx:
        tx.conn.execute(sa.text("INSERT INTO comment_words(comment_words, rank) VALUES ('integrity-check', 1)"))
        for word in ("k2", f"k{MANY}", "k251", "k252"):
            query = sa.text("SELECT count(*) FROM comment_words WHERE comment_words MATCH :word")
            assert tx.conn.execute(query, {"word": f"text:{word}"}).scalar_one() == 1, word


def test_a_file_that_breaks_off(file: Path, importing: Importing, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(file.read_bytes(), 0)[:-5000])
    report = importing(Beside(cut, READ))
    assert report.broken is not None and "cut off" in report.broken.detail
    assert 0 < report.imported < MANY
    other = tmp_path / "other"
    other.write_bytes(b"<disqus/>")
    with pytest.raises(Malformed, match="archive"):
        importing(Beside(other, READ), digest="another file")
    with pytest.raises(FileNotFoundError):
        importing(Beside(tmp_path / "nowhere", READ), digest="a third")


def ends_without_a_word(_stream: BinaryIO) -> Iterator[Found | BadLine]:
    os.kill(os.getpid(), signal.SIGKILL)
    yield BadLine(1, "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_that_is_killed_is_no_end_of_the_file(file: Path, importing: Importing) -> None:
    with pytest.raises(ChildProcessError):
        importing(Beside(file, ends_without_a_word))


def endless(_stream: BinaryIO) -> Iterator[Found | BadLine]:
    number = 1
    while True:
        yield BadLine(number, "nothing")
        number += 1


def test_who_stops_writing_ends_the_process(file: Path) -> None:
    records = Beside(file, endless).records(after=0)
    assert next(records) == BadLine(1, "nothing")
    (process,) = [one for one in multiprocessing.active_children() if one.name == "reading"]
    records.close()
    wait_until(lambda: not process.is_alive(), "the end of the process", 20)
