"""`Visibility.admits` (a comment in memory) and `storage.threads.admitted` (SQL) agree: viewers × statuses × authors.

Asked of the real engines, and of every function of storage that reads comments by a Visibility.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.entitlement import State
from comments.core.identity import NOBODY, Role, Viewer
from comments.core.policy import Sight, Visibility, visibility
from comments.core.status import Status
from comments.core.thread import Sort
from comments.storage import threads
from comments.storage.queues import Asker, read_queue
from comments.storage.tables import articles, comments, members
from tests.conftest import FakeClock
from tests.gazette import Gazette

CHILDREN = (-1, 0, 1, 2)


@dataclass
class World:
    """A comment of every status, author and number of visible children, as roots and as replies to one root."""

    paper: Gazette
    article: int
    me: int
    other: int
    rows: list[Any]


@pytest.fixture
def world(app: Flask, clock: FakeClock) -> World:
    paper = Gazette.make(app, clock)
    herald = Gazette.make(app, clock, "herald", issuer="https://herald.example", origins=("https://herald.example",))

    def fill(conn: sa.Connection) -> World:
        article = conn.execute(
            sa.insert(articles).values(site_id=paper.id, key="1", created_at=1).returning(articles.c.id)
        ).scalar_one()
        me, other = (
            conn.execute(
                sa.insert(members).values(site_id=paper.id, sub=sub, created_at=1).returning(members.c.id)
            ).scalar_one()
            for sub in ("me", "other")
        )
        thread = _insert(conn, paper.id, article, other, Status.PUBLISHED, 1, None)
        for status, author, children in itertools.product(Status, (me, other, None), CHILDREN):
            for parent in (None, thread):
                _insert(conn, paper.id, article, author, status, children, parent)
        rows = conn.execute(sa.select(comments)).all()
        return World(paper, article, me, other, list(rows))

    world: World = paper.change(fill)
    assert herald.id != paper.id
    return world


def _insert(
    conn: sa.Connection, site: int, article: int, author: int | None, status: Status, children: int, parent: int | None
) -> int:
    values = {
        "site_id": site, "article_id": article, "member_id": author, "parent_id": parent, "root_id": parent,
        "depth": 0 if parent is None else 1, "source": "x", "html": "x", "tree": "[]", "text": "x", "text_hash": "x",
        "status": str(status), "created_at": 1, "visible_children": children, "open_reports": 1,
    }  # fmt: skip
    key = conn.execute(sa.insert(comments).values(values).returning(comments.c.id)).scalar_one()
    if parent is None:
        conn.execute(sa.update(comments).where(comments.c.id == key).values(root_id=key))
    return int(key)


def viewers(world: World) -> Iterator[tuple[str, Viewer]]:
    site = world.paper.id
    yield "nobody", NOBODY
    for state in State:
        for member in (world.me, world.other, 10**9):
            for place in (site, site + 1):
                for banned in (False, True):
                    name = f"{state} member {member} of {place}{' banned' * banned}"
                    yield name, Viewer(role=Role.MEMBER, id=member, site_id=place, state=state, banned=banned)
    for role in (Role.MODERATOR, Role.ADMINISTRATOR):
        for sites in (None, frozenset({site}), frozenset({site + 1}), frozenset[int]()):
            # an account may have the number of a member: it is nobody's author for that
            yield f"{role} of {sites}", Viewer(role=role, id=world.me, sites=sites)


def sight(row: Any, seen_by: Visibility) -> Sight:
    return seen_by.admits(Status(row.status), row.member_id, row.visible_children)


def visible(rows: list[Any], seen_by: Visibility) -> set[int]:
    return {row.id for row in rows if sight(row, seen_by) != "absent"}


def test_they_agree(world: World) -> None:
    asked, sets = 0, set()
    with world.paper.read() as conn:
        for name, viewer in viewers(world):
            seen_by = visibility(viewer, world.paper.id)
            query = sa.select(comments.c.id).where(threads.admitted(seen_by))
            found = set(conn.execute(query).scalars())
            assert found == visible(world.rows, seen_by), name
            sets.add(frozenset(found))
            asked += 1
    assert asked > 80
    assert len(sets) == 4, "the public, two members, moderators: four different views"


def test_they_agree_on_any_table(world: World) -> None:
    """Not only on today's tables: any sight for any status, of others' and of one's own."""
    sights: tuple[Sight, ...] = ("full", "stub", "absent")
    with world.paper.read() as conn:
        tables = [*itertools.product(itertools.product(sights, repeat=len(Status)), sights)]
        for one, two in random.Random(1).sample(tables, 50):
            others = tuple(zip(Status, one, strict=True))
            own = tuple((status, two) for status in Status)
            for seen_by in (Visibility(others), Visibility(others, own, world.me), Visibility(own, others, world.me)):
                found = set(conn.execute(sa.select(comments.c.id).where(threads.admitted(seen_by))).scalars())
                assert found == visible(world.rows, seen_by), seen_by


def test_every_reader_of_storage_asks(world: World) -> None:
    """Whatever reads comments by a Visibility gives what `admits`, and all of it."""
    roots = [row for row in world.rows if row.depth == 0]
    thread = world.rows[0]
    replies = [row for row in world.rows if row.depth == 1]
    with world.paper.read() as conn:
        for seen_by, name in {visibility(viewer, world.paper.id): name for name, viewer in viewers(world)}.items():
            for sort in Sort:
                page, more = threads.read_roots(conn, world.article, seen_by, sort, None, 500)
                assert ({row.id for row in page}, more) == (visible(roots, seen_by), None), name
            below, more = threads.read_replies(conn, thread, seen_by, None, 500)
            assert ({row.id for row in below}, more) == (visible(replies, seen_by), None), name
            firsts = {row.id for row in threads.read_first_replies(conn, [thread.id], seen_by)}
            assert firsts <= visible(replies, seen_by) and len(firsts) == 3, name
            some = [row.id for row in world.rows]
            assert {row.id for row in threads.read_comments(conn, some, seen_by)} == visible(world.rows, seen_by), name
            for reply in replies[:: len(CHILDREN)]:
                above = {row.id for row in threads.read_ancestors(conn, reply, seen_by)}
                assert above == visible([thread], seen_by), name
            asker = Asker(user_id=1, sections=None, now=0)
            queue, _ = read_queue(conn, world.paper.id, "reported", asker, seen_by, 500)
            assert {row.id for row in queue} == visible(world.rows, seen_by), name
