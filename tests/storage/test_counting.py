"""Counters, seq and journal after random doings: as recounted, without a gap, and never telling what is not public."""

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask

from comments.storage.checks import CHECKS
from comments.storage.integrity import WHOLE
from comments.storage.journal import LONGEST
from comments.storage.tables import journal
from tests.conftest import FakeClock
from tests.storage.play import Forms, Play, without

SEEDS = range(3)
DOINGS = 110


def recounted(play: Play) -> dict[str, int]:
    with play.paper.read() as conn:
        return {name: wrong for name, check in (CHECKS | WHOLE).items() if (wrong := check(conn))}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_play(app: Flask, clock: FakeClock, seed: int) -> None:
    """One play, all that must hold: counters, journal, seq and catch-up are looked at after every doing."""
    play = Play.begin(app, clock, seed)
    for number in range(DOINGS):
        before = {row.id: row for row in play.articles()}
        doing = play.act()
        for row in play.articles():
            _compare(play, row, before.get(row.id), doing)
        if number % 15 == 0:
            assert not recounted(play), play.done[-15:]
    play.settle()
    assert not recounted(play)
    assert {"post", "reply", "edit", "withdraw", "decide", "react", "work"} <= set(play.done), "the play was no play"
    for row in play.articles():
        _no_gap(play, row)
        _catch_up(play, row)


def _compare(play: Play, row: sa.Row[tuple[int]], before: sa.Row[tuple[int]] | None, doing: str) -> None:
    """The public sees something else if, and only if, seq was raised: it gives away nothing and misses nothing."""
    seen = play.seen.setdefault(row.id, {0: {}})
    last = before.seq if before is not None else 0
    forms = play.public(row)
    if row.seq == last:
        # reactions are counted at once and told a second later
        assert without(forms, "reactions") == without(seen[last], "reactions"), doing
    else:
        changed = without(forms, "seq") != without(seen[last], "seq")
        assert changed or doing == "set_mode" or _told_reactions(forms, seen[last], doing), doing
    seen[row.seq] = forms
    assert row.total == sum(form["status"] == "published" for form in forms.values()), doing
    assert all(form["seq"] <= row.seq for form in forms.values())


def _told_reactions(forms: Forms, before: Forms, doing: str) -> bool:
    """A second's reactions took a seq: the public sees the comment, though they may have gone as they came."""
    return doing in ("react", "work") and forms != before


def _no_gap(play: Play, row: sa.Row[tuple[int]]) -> None:
    with play.paper.read() as conn:
        query = sa.select(journal.c.seq).where(journal.c.article_id == row.id, journal.c.seq.is_not(None))
        seqs = set(conn.execute(query).scalars())
    assert seqs == set(range(1, row.seq + 1))


def _catch_up(play: Play, row: sa.Row[tuple[int]]) -> None:
    """The page as it was at any seq, with the changes since, is the page as it is now."""
    now = play.public(row)
    for after, then in play.seen[row.id].items():
        since = play.changes(row, after)
        if row.seq - after > LONGEST:
            assert since.reset
            continue
        assert not since.reset
        assert (since.seq, since.total) == (row.seq, row.total)
        assert applied(then, since.changes, after, row.seq) == now, f"from {after} to {row.seq}"


def applied(then: Forms, changes: list[dict[str, object]], after: int, seq: int) -> Forms:
    """What a client makes of it; each kind of change must fit what the client knows."""
    forms = dict(then)
    touched = set()
    for change in msgspec.json.decode(msgspec.json.encode(changes)):
        comment = change["comment"]
        assert comment["id"] not in touched, "each comment once"
        touched.add(comment["id"])
        assert after < comment["seq"] <= seq
        if change["kind"] == "gone":
            assert set(comment) == {"id", "root_id", "parent_id", "seq"}
            forms.pop(comment["id"], None)  # a range may also tell those who stand in its middle
        else:
            assert (change["kind"] == "added") == (comment["id"] not in forms)
            forms[comment["id"]] = comment
    return forms


def test_a_new_name_is_a_reset(app: Flask, clock: FakeClock) -> None:
    play = Play.begin(app, clock, 11)
    for _ in range(40):
        play.act()
    before = {row.id: row.seq for row in play.articles()}
    for _ in range(4):
        play.rename()
    raised = [row for row in play.articles() if row.seq > before[row.id]]
    assert raised, "nobody with a comment was renamed"
    for row in raised:
        assert play.changes(row, before[row.id]).reset
        assert play.changes(row, row.seq).changes == []
        assert not play.changes(row, row.seq).reset
        _no_gap(play, row)
    assert not recounted(play)


def test_a_chain_of_stubs_comes_and_goes_as_one(app: Flask, clock: FakeClock) -> None:
    """A root and 30 replies one below the other, withdrawn from the top down: stubs, until the last one goes."""
    from tests.gazette import Gazette, good

    paper = Gazette.make(app, clock, max_depth=3)
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    chain = [kiesel.post("number 0")["id"]]
    for number in range(1, 31):
        chain.append(kiesel.post(f"number {number}", chain[-1])["id"])
    for comment in chain[:-1]:
        good(kiesel.withdraw(comment))
    page = paper.get(f"/comments/{chain[0]}/replies?limit=100")
    assert [one["status"] for one in page["comments"]] == ["withdrawn"] * 29 + ["published"]
    after = paper.page()["seq"]
    good(kiesel.withdraw(chain[-1]))
    shown = paper.changes(after)
    assert {one["comment"]["id"] for one in shown["changes"] if one["kind"] == "gone"} == set(chain)
    assert (paper.page()["comments"], shown["total"], shown["seq"]) == ([], 0, after + 1)
    with paper.read() as conn:
        assert not {name: wrong for name, check in CHECKS.items() if (wrong := check(conn))}
    assert bach.post("afterwards")["seq"] == after + 2
