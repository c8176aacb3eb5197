"""The archive's lines and the order of its comments: tables, no database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from comments.core.archive import (
    ArchivedArticle,
    ArchivedAuthor,
    ArchivedComment,
    BadLine,
    Found,
    check_header,
    decode_line,
    encode_comment,
    encode_header,
    wrong_times,
)
from comments.core.errors import Malformed
from comments.core.lineage import Counts, ParentsFirst, Place
from comments.core.status import Status

LEAST = '"article":{"id":"1"},"created_at":"2020-05-04T10:00:00Z"'
FULL = ArchivedComment(
    key="disqus:7",
    parent="disqus:6",
    article=ArchivedArticle(id="a/1 é", url="https://example.com/a", title="A “title”"),
    author=ArchivedAuthor(id="99", name="kiesel"),
    body="one\n\n> two <b>&amp;\u2028",
    format="text",
    status="withdrawn",
    created_at=datetime(2012, 2, 29, 23, 59, 59, 123456, tzinfo=UTC),
    edited_at=datetime(2012, 3, 1, tzinfo=UTC),
    reactions={"recommend": 3, "funny": 0},
)


def read(text: str) -> Found | BadLine:
    return decode_line(2, text.encode())


def test_what_is_written_is_read_again() -> None:
    line = encode_comment(FULL)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_line(5, line) == Found(5, FULL)


def test_the_least_that_a_line_says() -> None:
    found = read(f'{{"key":"k",{LEAST}}}')
    assert isinstance(found, Found)
    comment = found.comment
    assert (comment.parent, comment.author, comment.body, comment.status) == (None, None, "", "published")
    assert encode_comment(comment) == f'{{"key":"k",{LEAST}}}\n'.encode()


def test_times_with_other_offsets_are_the_same_moment() -> None:
    found = read('{"key":"k","article":{"id":"1"},"created_at":"2020-05-04T12:00:00+02:00"}')
    assert isinstance(found, Found)
    assert found.comment.created_at == datetime(2020, 5, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "truncated"),
        ('{"key":"k",', "truncated"),
        ("[]", "object"),
        (f"{{{LEAST}}}", "key"),
        (f'{{"key":"",{LEAST}}}', "$.key"),
        (f'{{"key":" k",{LEAST}}}', "$.key"),
        (f'{{"key":"a\\u0000b",{LEAST}}}', "$.key"),
        (f'{{"key":"{"x" * 201}",{LEAST}}}', "$.key"),
        (f'{{"key":7,{LEAST}}}', "$.key"),
        ('{"key":"k","article":"1","created_at":"2020-05-04T10:00:00Z"}', "$.article"),
        ('{"key":"k","article":{"id":"1"}}', "created_at"),
        ('{"key":"k","article":{"id":"1"},"created_at":"2020-05-04T10:00:00"}', "$.created_at"),
        ('{"key":"k","article":{"id":"1"},"created_at":"yesterday"}', "$.created_at"),
        (f'{{"key":"k",{LEAST},"status":"deleted"}}', "$.status"),
        (f'{{"key":"k",{LEAST},"format":"bbcode"}}', "$.format"),
        (f'{{"key":"k",{LEAST},"reactions":{{"recommend":-1}}}}', "$.reactions"),
        (f'{{"key":"k",{LEAST},"reactions":{{"Like it":1}}}}', "$.reactions"),
        (f'{{"key":"k",{LEAST},"author":{{"name":"x"}}}}', "$.author"),
        (f'{{"key":"k",{LEAST},"likes":1}}', "likes"),
        (f'{{"key":"k",{LEAST},"body":"\\ud800 and more"}}', "surrogate"),
    ],
)
def test_a_broken_line_says_where(line: str, says: str) -> None:
    bad = read(line)
    assert isinstance(bad, BadLine)
    assert bad.line == 2
    assert says in bad.reason
    assert "regex" not in bad.reason


def test_a_broken_line_says_whose_it_is_where_it_can() -> None:
    bad = read(f'{{"key":"k",{LEAST},"likes":1}}')
    assert isinstance(bad, BadLine)
    assert bad.key == "k"
    assert isinstance(decode_line(2, b"\xff\xfe"), BadLine)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"", "begin with"),
        (b'{"key":"k"}', "begin with"),
        (b"<?xml version='1.0'?>", "begin with"),
        (b'{"archive":"recipes","version":1}', "recipes"),
        (b'{"archive":"comments","version":2}', "version 2"),
    ],
)
def test_a_file_that_is_no_archive_is_refused_as_a_whole(line: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        check_header(line)


def test_our_own_header_is_read() -> None:
    check_header(encode_header())


NOW = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("created", "says"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime(2026, 3, 2, 20, tzinfo=UTC), None),
        (datetime(1969, 12, 31, tzinfo=UTC), "before 1970"),
        (datetime(2026, 3, 4, tzinfo=UTC), "future"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "before 1970"),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14))), "future"),
    ],
)
def test_dates_that_cannot_be_kept(created: datetime, says: str | None) -> None:
    comment = ArchivedComment(key="k", article=ArchivedArticle(id="1"), created_at=created)
    reason = wrong_times(comment, NOW)
    assert (reason is None) if says is None else (reason is not None and says in reason and "created_at" in reason)


def found(line: int, key: str, parent: str | None = None) -> Found:
    created = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=line)
    return Found(line, ArchivedComment(key=key, parent=parent, article=ArchivedArticle(id="1"), created_at=created))


def keys(records: list[Found]) -> list[str]:
    return [record.comment.key for record in records]


def test_replies_wait_for_their_parents() -> None:
    order, settled = ParentsFirst(), {"known"}.__contains__
    assert keys(order.add(found(1, "c", "b"), settled)) == []
    assert keys(order.add(found(2, "b", "a"), settled)) == []
    assert keys(order.add(found(3, "x", "known"), settled)) == ["x"]
    assert keys(order.add(found(4, "b2", "a"), settled)) == []
    assert keys(order.add(found(5, "a"), settled)) == ["a", "b", "b2", "c"]
    assert list(order.rest()) == []


def test_what_waits_at_the_end_begins_threads() -> None:
    order, settled = ParentsFirst(), frozenset[str]().__contains__
    for record in (found(1, "child", "orphan"), found(2, "orphan", "gone"), found(3, "other", "gone")):
        assert order.add(record, settled) == []
    assert sorted(keys(free) for free in order.rest()) == [["orphan", "child"], ["other"]]
    assert not order.circular


def test_a_circle_is_broken_at_its_earliest_comment() -> None:
    order, settled = ParentsFirst(), frozenset[str]().__contains__
    records = [found(4, "tail", "c"), found(3, "c", "b"), found(2, "b", "a"), found(1, "a", "c"), found(5, "me", "me")]
    for record in records:
        assert order.add(record, settled) == []
    assert sorted(keys(free) for free in order.rest()) == [["a", "b", "c", "tail"], ["me"]]
    assert order.circular == {"a", "me"}


def test_a_stub_appears_with_its_first_visible_reply() -> None:
    counts = Counts()
    statuses = [
        (1, None, Status.WITHDRAWN),
        (2, 1, Status.REJECTED),
        (3, 2, Status.PUBLISHED),
        (4, 2, Status.PUBLISHED),
    ]
    for key, parent, status in statuses:
        counts.add(Place(key, 1, parent, 1, 0, status))
    assert counts.children == {1: 1, 2: 2}
    assert counts.replies == {1: 2, 2: 2}
    assert all(counts.is_seen(place) for place in counts.places.values())


def test_a_hidden_comment_counts_for_nobody() -> None:
    counts = Counts()
    for key, parent, status in [(1, None, Status.WITHDRAWN), (2, 1, Status.WAITING), (3, 1, Status.REJECTED)]:
        counts.add(Place(key, 1, parent, 1, 0, status))
    assert not counts.children
    assert not counts.replies
    assert not any(counts.is_seen(place) for place in counts.places.values())
