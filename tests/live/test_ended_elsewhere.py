"""What ends a reader's access and was done by another process, which tells nobody: the database alone says so, and it
holds within five seconds.
"""

import time
from collections.abc import Callable

import pytest

from comments.actions import restrictions
from comments.actions.members import open_session, set_entitlement
from comments.core.entitlement import Entitlement, State
from comments.core.identity import Identity, Role, Viewer
from comments.storage.sites import Site, find_site
from comments.storage.transaction import Transaction
from tests.live.conftest import Desk
from tests.live.paper import Member
from tests.live.sockets import Line

ADMIN = Viewer(Role.ADMINISTRATOR, id=None, sites=None)
WITHIN = 5.0  # seconds
Deed = Callable[[Transaction, Site, Member], object]


def says(member: Member, state: State) -> Identity:
    """The publisher's word on a member, newer than all before."""
    now = int(time.time()) + 1
    entitlement = Entitlement(state, (now + 86_400) * 1_000_000)
    return Identity(
        sub=member.sub, name=None, avatar=None, badges=(), entitlement=entitlement, issued=now * 1_000_000,
        expires=(now + 600) * 1_000_000, jti="",
    )  # fmt: skip


DEEDS: dict[str, Deed] = {
    "a ban": lambda tx, _, member: restrictions.ban(tx, ADMIN, int(member.id), "rude", None, False),
    "a suspension": lambda tx, _, member: restrictions.ban(
        tx, ADMIN, int(member.id), "rude", tx.now + 86_400_000_000, False
    ),
    "a ban everywhere": lambda tx, _, member: restrictions.ban_everywhere(tx, ADMIN, int(member.id), "rude", False),
    "a warning": lambda tx, _, member: restrictions.warn(tx, ADMIN, int(member.id), "abuse", "Please.", None),
    "premoderation": lambda tx, _, member: restrictions.premoderate(tx, ADMIN, int(member.id), "rude"),
    "the publisher's word": lambda tx, site, member: set_entitlement(tx, site, says(member, State.LAPSED)),
}


def do(desk: Desk, deed: Deed, member: Member) -> None:
    """As another process does it: with a connection of its own to the database, and no word to the service."""
    database = desk.paper.database
    assert database.publish[1].__self__.redis_url is None  # type: ignore[attr-defined]
    with database.transaction() as tx:
        site = find_site(tx.conn, desk.paper.key)
        assert site is not None
        deed(tx, site, member)


def test_rights_that_another_process_changed_end_here_in_time(desk: Desk) -> None:
    bert = desk.paper.member("bert")
    members = {what: desk.paper.member(f"member-{number}") for number, what in enumerate(DEEDS)}
    lines = {what: [desk.follow("news", one), desk.follow("sport", one)] for what, one in members.items()}
    others = [desk.follow("news", bert), desk.follow("news")]
    for what, deed in DEEDS.items():
        began = time.monotonic()
        do(desk, deed, members[what])
        ended = [line.wait("token.expired", within=WITHIN).at - began for line in lines[what]]
        print(f"{what}: the sockets' access ended after {max(ended):.1f} s")
        assert max(ended) < WITHIN
    posted = bert.post("news", "Life goes on, and everybody may read here.")
    for line in (*(two[0] for two in lines.values()), *others):
        line.batch_with(posted["id"], "added")
    assert not any("token.expired" in line.names() for line in others)
    assert all(line.names().count("token.expired") == 1 for two in lines.values() for line in two)


def hears(desk: Desk, line: Line, witness: Line, author: Member) -> bool:
    """Whether a comment that is posted now reaches the line; the witness has it in any case."""
    posted = author.post("news", "Who hears this?")
    witness.batch_with(posted["id"], "added")
    line.names()
    return posted["id"] in str([event.data for event in line.events if event.name == "thread.batch"])


@pytest.mark.parametrize("what", ["a newer token", "the site is closed"])
def test_reading_ends_in_time_where_not_everybody_may(new_desk: Callable[..., Desk], what: str) -> None:
    """The policy says what a member who lapsed goes on reading: here nothing."""
    desk = new_desk(read="registered" if what == "the site is closed" else "subscribers")
    anna, bert = desk.paper.member("anna"), desk.paper.member("bert")
    if what == "the site is closed":
        anna = desk.paper.member("anna", state="registered")
    line, witness = desk.follow("news", anna), desk.follow("news", bert)
    assert hears(desk, line, witness, bert)
    began = time.monotonic()
    if what == "a newer token":
        do(desk, lambda tx, site, member: open_session(tx, site, says(member, State.LAPSED)), anna)
    else:
        desk.paper.configure(read="subscribers")
    while hears(desk, line, witness, bert):
        assert time.monotonic() - began < WITHIN
        witness.hear(0.1)
    print(f"{what}: reading ended after {time.monotonic() - began:.1f} s")


def test_a_line_that_says_nothing_is_cut_in_time_and_so_is_one_that_was_refused(desk: Desk) -> None:
    silent, refused, gone = desk.handshake(), desk.handshake(), desk.follow("news")
    began = time.monotonic()
    refused.greet_without_reading({"site": "nobody's", "article": "news"})
    gone.socket.send("41")
    gone.wait_until_cut(within=1)
    for line in (silent, refused):
        line.wait_until_cut(within=8)
        took = time.monotonic() - began
        print(f"cut after {took:.1f} s")
        assert 4.5 < took < 12
