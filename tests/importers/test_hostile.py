"""Files that mean harm, or came to some: nothing is lost that can be read, nothing grows, each refusal says why."""

import gzip
import io
import json
import tracemalloc
import zlib
from typing import BinaryIO, cast

import pytest

from comments.core.archive import SYSTEMS, BadLine, Found
from comments.core.errors import Malformed
from comments.importers import read_export
from comments.importers.sources import Source
from comments.storage.transaction import Database
from tests.importers.conftest import Importing, assert_counters_equal_a_recount, by_key
from tests.importers.test_systems import FILES

BEGIN = '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'
THREAD = '<thread dsq:id="1"><id>a</id></thread>'
MEGABYTE = 1024 * 1024
LATIN = b'<?xml version="1.0" encoding="iso-8859-1"?>'


def post(number: object, *, parent: object = None, at: str = "2015-03-01T09:00:00Z", text: str = "words") -> str:
    above = "" if parent is None else f'<parent dsq:id="{parent}"/>'
    return (
        f'<post dsq:id="{number}"><message>{text}</message><createdAt>{at}</createdAt>'
        f'<author><name>kiesel</name></author><thread dsq:id="1"/>{above}</post>'
    )


def disqus(*posts: str, head: str = "") -> bytes:
    return f"{head}{BEGIN}{THREAD}{''.join(posts)}</disqus>".encode()


def read(kind: str, data: bytes | BinaryIO) -> tuple[list[Found | BadLine], str | None]:
    """What could be read, and why no more could."""
    found: list[Found | BadLine] = []
    try:
        for one in read_export(kind, io.BytesIO(data) if isinstance(data, bytes) else data, Source()):
            found.append(one)
    except Malformed as error:
        return found, error.detail
    return found, None


def keys(found: list[Found | BadLine]) -> list[str]:
    return [one.comment.key for one in found if isinstance(one, Found)]


@pytest.mark.parametrize("kind", FILES)
def test_cut_off_anywhere(kind: str) -> None:
    """What stands before the cut is read; a cut file never passes for a whole one."""
    data = FILES[kind].read_bytes().rstrip()
    whole = keys(read(kind, data)[0])
    for at in range(0, len(data) - 2, max(len(data) // 60, 1)):
        found, broken = read(kind, data[:at])
        assert keys(found) == whole[: len(keys(found))] or kind == "coral", at
        if kind not in ("coral", "remark42"):  # a file of lines may end after any of them
            assert broken is not None, at


def test_cut_off_while_compressed() -> None:
    posts = [post(number, text=f"words {zlib.crc32(bytes([number % 251]))}") for number in range(3000)]
    data = gzip.compress(disqus(*posts))
    found, broken = read("disqus", data[: len(data) // 2])
    assert 100 < len(found) < 3000
    assert broken is not None and "cut off or damaged" in broken


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>', "document types and entities are not read"),
        ('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "document types and entities are not read"),
        ('<!DOCTYPE d SYSTEM "http://127.0.0.1:1/d.dtd">', "document types and entities are not read"),
        ('<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p">%p;]>', "document types and entities are not read"),
    ],
)
@pytest.mark.parametrize("kind", ["disqus", "wordpress"])
def test_no_entities_of_its_own(kind: str, head: str, says: str) -> None:
    found, broken = read(kind, disqus(post(1, text="&b;&x;"), head=head))
    assert (found, broken is not None and says in broken) == ([], True)


def test_an_unknown_entity_ends_the_file() -> None:
    found, broken = read("disqus", disqus(post(1), post(2, text="&nothing;"), post(3)))
    assert (keys(found), broken is not None) == (["disqus:1"], True)


ENDLESS = {
    "a tag": ("disqus", b"<disqus ", b'a="b" c', "longer than"),
    "a name": ("disqus", b"<d", b"isqus", "longer than"),
    "a comment": ("disqus", b"<disqus><!-- ", b"words ", "longer than"),
    "an attribute": ("disqus", b'<disqus a="', b"words ", "longer than"),
    "depth": ("disqus", b"<disqus>", b"<a>", "deep in one another"),
    "names": ("disqus", b"<disqus>", b"", "different names"),
    "text": ("disqus", BEGIN.encode() + b'<post dsq:id="1"><message>', b"words ", "cut off"),
    "brackets": ("isso", b"[", b"[", "deep in one another"),
    "a string": ("isso", b'[{"id": "', b"words ", "breaks off"),
    "a line": ("remark42", b'{"version":1}\n{"id":"', b"words ", None),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_one_thing_without_end(what: str) -> None:
    """40 MB of it here; benchmarks/importing.py --hostile takes 1 GB."""
    kind, head, piece, says = ENDLESS[what]
    if what == "names":
        stream = cast(BinaryIO, io.BytesIO(head + b"".join(b"<n%d/>" % number for number in range(5000))))
    else:
        stream = cast(BinaryIO, io.BytesIO(head + piece * (40 * MEGABYTE // len(piece))))
    tracemalloc.start()
    found, broken = read(kind, stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert keys(found) == []
    assert (broken is None and says is None) or (broken is not None and says is not None and says in broken)
    assert peak < 24 * MEGABYTE


def test_dates_that_no_comment_has(importing: Importing, database: Database) -> None:
    times = [
        "1969-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "0000-00-00 00:00:00",
        "yesterday",
        "",
        "9999-12-31T23:59:59Z",
    ]
    found, broken = read("disqus", disqus(*(post(number, at=at) for number, at in enumerate(times)), post("good")))
    report = importing(found)
    assert (broken, list(by_key(database)), report.refusals) == (None, ["disqus:good"], len(times))
    reasons = [one.reason for one in report.refused]
    assert sum("before 1970" in reason for reason in reasons) == 1
    assert sum("in the future" in reason for reason in reasons) == 2
    assert all(one.key for one in report.refused)


def test_circles_unknown_parents_and_doubles(importing: Importing, database: Database) -> None:
    posts = [post(1, parent=3), post(2, parent=1), post(3, parent=2), post(4, parent=4), post(5, parent="gone")]
    found, _ = read("disqus", disqus(*posts, post(6, parent=5), post(6, text="another"), post(7, parent=6)))
    dry = importing(found, dry_run=True)
    report = importing(found)
    assert (dry.refused, dry.changed) == (report.refused, report.changed)
    rows = by_key(database)
    assert len(rows) == 7
    assert [one.reason for one in report.refused] == ["its key stands on an earlier line already"]
    assert sum("in a circle" in one.reason for one in report.changed) == 2
    assert sum("'disqus:gone' was not imported" in one.reason for one in report.changed) == 1
    assert rows["disqus:7"].parent_id == rows["disqus:6"].id
    assert_counters_equal_a_recount(database)


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (disqus(post(1, text="Größe")), False),
        (disqus(post(1, text="Größe")).decode().encode("cp1252"), True),
        (
            f'<?xml version="1.0" encoding="iso-8859-1"?>{disqus(post(1, text="Größe")).decode()}'.encode("latin-1"),
            False,
        ),
        (disqus(post(1, text="Größe")).decode().encode("utf-16"), False),
        (b"\xef\xbb\xbf" + disqus(post(1, text="Größe")), False),
        (b"junk\n" + disqus(post(1, text="Gr\x08öße")).replace(b"\x08", b""), False),
    ],
)
def test_encodings(data: bytes, note: bool) -> None:
    found, broken = read("disqus", data)
    (one,) = found
    assert isinstance(one, Found) and broken is None
    assert one.comment.body == "Größe"
    assert bool(one.notes) == note


def test_wrong_bytes_in_json_are_read_and_listed() -> None:
    line = json.dumps({"id": "1", "locator": {"url": "/a"}, "time": "2020-01-01T00:00:00Z", "text": "Gr~e"})
    data = b'{"version":1}\n' + line.encode().replace(b"~", b"\xf6\xdf")
    (one,), _ = read("remark42", data)
    assert isinstance(one, Found)
    assert (one.comment.body, one.notes) == ("Größe", ("bytes that are no UTF-8 were read as Windows-1252",))


@pytest.mark.parametrize("kind", SYSTEMS)
@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\xff\xfe", b"{}", b"[]", b"<a/>", b"null", b"PK\x03\x04", b"\x1f\x8b", b"[" * 10**5]
)
def test_what_is_no_export_at_all(kind: str, data: bytes) -> None:
    found, broken = read(kind, data)
    assert keys(found) == []
    assert broken or found or (kind, data) == ("isso", b"[]"), "an export without a thread"
