"""Cursors that are nobody else's, sort orders, the depth cap."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.core.errors import Malformed
from comments.core.site import SiteSettings
from comments.core.thread import Cursor, Sort, read_cursor, reply_depth

IDS = st.integers(min_value=0, max_value=2**63 - 1)
VALUES = st.integers(min_value=-(2**63), max_value=2**63 - 1)


@given(sort=st.sampled_from([*Sort, "replies", "waiting"]), value=VALUES, last=IDS)
def test_a_cursor_comes_back(sort: str, value: int, last: int) -> None:
    cursor = Cursor(sort, value, last)
    text = cursor.encode()
    assert text.isascii() and "=" not in text and text == text.strip("/+")
    assert read_cursor(text, sort) == cursor


@pytest.mark.parametrize("text", [None, ""])
def test_no_cursor(text: str | None) -> None:
    assert read_cursor(text, "newest") is None


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(value)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "x", "%%%", "0", "-1", "null", "é", " ", "a" * 10_000, "=", "=" * 8, "AAAA\n",
        Cursor("oldest", 1, 2).encode(), Cursor("replies", 1, 2).encode(), Cursor("newest", 1, 2).encode()[:-3],
        encoded(["newest", 2**63, 1]), encoded(["newest", 1, 2**63]), encoded(["newest", 1, -1]),
        encoded(["newest", 1]), encoded(["newest", 1, 2, 3]), encoded(["newest", "1", 2]), encoded(["newest", 1.5, 2]),
        encoded({"sort": "newest"}),
        encoded(["newest", None, 2]), encoded(["newest", True, 2]), encoded(7),
    ],
)  # fmt: skip
def test_foreign_cursors(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_cursor(text, "newest")
    assert refused.value.extras == {"field": "cursor"}


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_malformed(text: str) -> None:
    try:
        read_cursor(text, "newest")
    except Malformed as refused:
        assert refused.status == 400


def test_replies_stay_flat_under_the_last_level() -> None:
    assert [reply_depth(depth, 4) for depth in range(7)] == [1, 2, 3, 4, 4, 4, 4]


def test_a_reply_is_never_a_root() -> None:
    """Depth 0 is what makes a root: every depth that a site can choose leaves replies below theirs."""
    for wanted in range(-1, 12):
        try:
            settings = msgspec.convert({"max_depth": wanted}, SiteSettings)
        except msgspec.ValidationError:
            continue
        assert all(1 <= reply_depth(depth, settings.max_depth) <= settings.max_depth for depth in range(12))
