"""Old names stay; whoever the publisher vouches for by the old address gets what they wrote, and nobody else does."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions import old_comments
from comments.actions.archive import import_comments
from comments.core.archive import ArchivedArticle, ArchivedAuthor
from comments.core.pseudonyms import address_digest, pseudonym_key
from comments.storage.checks import CHECKS
from comments.storage.sites import find_site
from comments.storage.tables import members, old_addresses
from tests.conftest import FakeClock
from tests.gazette import Gazette, parts_of
from tests.importers.conftest import record, rows_of

ADDRESS = "Kiesel@Old.example"


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock)


def move_in(paper: Gazette, *found: Any) -> bytes:
    """Import as the command does; the key of the digests."""
    key = pseudonym_key(parts_of(paper.app).settings.secret_key, "gazette")
    with paper.database.read() as conn:
        site = find_site(conn, "gazette")
    assert site is not None
    report = import_comments(paper.database, site, found, digest=repr(found), address_key=key)
    assert report.refusals == 0
    return key


def author(number: int = 1, name: str = "old kiesel", email: str | None = ADDRESS) -> ArchivedAuthor:
    return ArchivedAuthor(id=f"disqus:{number}", name=name, email=email)


def names(paper: Gazette, article: str = "1") -> list[str]:
    return [one["author"]["name"] for one in paper.page(article)["comments"]]


def test_a_member_claims_what_they_wrote(paper: Gazette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_comments, "CHUNK", 2)
    other = author(9, "northwind", "north@old.example")
    pages = [ArchivedArticle(id=number) for number in "12"]
    move_in(
        paper,
        *(record(line, f"k{line}", author=author(line % 2), article=pages[line % 2]) for line in range(2, 9)),
        record(20, "n", author=other),
        record(21, "gone", author=author(1), status="rejected"),
    )
    assert set(names(paper)) == {"old kiesel", "northwind"}
    paper.reader("hazel", name="hazel", email="hazel@new.example")
    before = paper.page()
    paper.work()
    assert set(names(paper)) == {"old kiesel", "northwind"}, "another address claims nothing"

    kiesel = paper.reader("kiesel", name="kiesel", email=" kiesel@old.EXAMPLE ")
    paper.work()
    assert set(names(paper)) == {"kiesel", "northwind"}
    assert set(names(paper, "2")) == {"kiesel"}
    assert paper.page()["seq"] > before["seq"], "readers load the thread again"
    rows = {row.sub: row for row in rows_of(paper.database, members)}
    assert (rows["kiesel"].published, rows["kiesel"].rejected) == (7, 1)
    assert rows["kiesel"].last_comment_at is not None
    for number in (0, 1):
        old = rows[f"archive:disqus:{number}"]
        assert (old.published, old.rejected, old.name) == (0, 0, None)
    left = rows_of(paper.database, old_addresses)
    assert [row.member_id for row in left] == [rows["archive:disqus:9"].id]
    with paper.database.read() as conn:
        assert {name: wrong for name, check in CHECKS.items() if (wrong := check(conn))} == {}
    paper.reader("kiesel", name="kiesel", email=ADDRESS)  # again: nothing is left to claim
    assert kiesel.id == str(rows["kiesel"].id)


def test_what_comes_later_is_claimed_later(paper: Gazette) -> None:
    move_in(paper, record(2, "a", author=author()))
    paper.reader("kiesel", name="kiesel", email=ADDRESS)
    paper.work()
    move_in(paper, record(2, "a", author=author()), record(3, "b", author=author()))
    assert names(paper).count("kiesel") == 1
    paper.reader("kiesel", name="kiesel", email=ADDRESS)
    paper.work()
    assert names(paper) == ["kiesel", "kiesel"]


def test_a_banned_author_is_not_claimed(paper: Gazette) -> None:
    move_in(paper, record(2, "a", author=author()))
    paper.change(lambda conn: conn.execute(sa.update(members).values(banned_at=1)))
    paper.reader("kiesel", name="kiesel", email=ADDRESS)
    paper.work()
    assert names(paper) == ["old kiesel"]


def test_no_address_is_kept(paper: Gazette) -> None:
    key = move_in(paper, record(2, "a", author=author()))
    (row,) = rows_of(paper.database, old_addresses)
    assert row.digest == address_digest(key, "kiesel@old.example") != address_digest(key, "kiesel@old.example2")
    assert row.digest != address_digest(pseudonym_key(b"another", "gazette"), "kiesel@old.example")
    assert row.digest != address_digest(
        pseudonym_key(parts_of(paper.app).settings.secret_key, "other"), "kiesel@old.example"
    )
    with paper.database.read() as conn:
        for table in members.metadata.sorted_tables:
            assert "old.example" not in repr(conn.execute(sa.select(table)).all()).lower(), table.name
