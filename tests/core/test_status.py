"""Which status may become which, pair by pair."""

import pytest

from comments.core.errors import Conflict
from comments.core.status import Status, require_change

ALLOWED = """
    published: waiting rejected withdrawn erased
    waiting: published rejected withdrawn erased
    rejected: published waiting withdrawn erased
    withdrawn: erased
    erased:
"""
TABLE = {
    Status(line.split(":")[0].strip()): {Status(word) for word in line.split(":")[1].split()}
    for line in ALLOWED.strip().splitlines()
}


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_every_pair(before: Status, after: Status) -> None:
    if after == before or after in TABLE[before]:
        require_change(before, after)
    else:
        with pytest.raises(Conflict) as refused:
            require_change(before, after)
        assert (refused.value.code, refused.value.extras) == ("status", {"comment_status": before.value})


def test_what_is_erased_stays_erased() -> None:
    assert not TABLE[Status.ERASED]


def test_the_words_are_those_of_the_api() -> None:
    assert [status.value for status in Status] == ["published", "waiting", "rejected", "withdrawn", "erased"]
