"""Queues as a moderator sifts and orders them: every filter, every order, page by page; and whose queue it is."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from comments.storage import queues
from comments.storage.comments import update_article
from comments.storage.tables import appeals, comments, deferrals, findings
from comments.storage.threads import find_article
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused
from tests.http.test_console import held

GAZETTE = "/sites/gazette"
MINUTE = 60


@pytest.fixture
def desk(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


def change(paper: Gazette, comment: str, **columns: Any) -> None:
    paper.change(lambda conn: conn.execute(sa.update(comments).where(comments.c.id == int(comment)).values(**columns)))


def put_into(paper: Gazette, article: str, section: str | None) -> None:
    def write(conn: sa.Connection) -> None:
        update_article(conn, find_article(conn, paper.id, article).id, section=section)

    paper.change(write)


def insert(paper: Gazette, table: sa.Table, **columns: Any) -> None:
    paper.change(lambda conn: conn.execute(sa.insert(table).values(**columns)))


def put_aside(paper: Gazette, desk: Desk, comment: str, *, until: int, second_opinion: bool = False) -> None:
    user = int(desk.get("/session")["user"]["id"])
    insert(
        paper, deferrals, comment_id=int(comment), user_id=user, site_id=paper.id, until=until,
        second_opinion=second_opinion, created_at=paper.clock(),
    )  # fmt: skip


def ids(desk: Desk, query: str = "", queue: str = "waiting") -> list[str]:
    """A queue from its beginning to its end, in pages of two."""
    found: list[str] = []
    cursor = ""
    while True:
        page = desk.get(f"{GAZETTE}/queues/{queue}?limit=2{query}{cursor}")
        found += [item["comment"]["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture
def waits(paper: Gazette, kiesel: Reader, clock: FakeClock) -> list[str]:
    """Seven that wait, a minute apart, the oldest first, alternately of two articles, with risks."""
    found = []
    for number in range(7):
        found.append(held(paper, kiesel, f"number {number}", article="ab"[number % 2]))
        change(paper, found[-1], risk=(10, 90, 10, 0, 90, 50, 0)[number])
        clock.forward(MINUTE)
    return found


def test_orders(desk: Desk, waits: list[str]) -> None:
    assert ids(desk) == ids(desk, "&order=oldest") == waits
    assert ids(desk, "&order=newest") == waits[::-1]
    assert ids(desk, "&order=risk") == [waits[at] for at in (4, 1, 5, 2, 0, 6, 3)]
    for order in ("newest", "risk"):
        here = desk.get(f"{GAZETTE}/queues/waiting?limit=2&order={order}")["next_cursor"]
        problem = refused(desk.call("GET", f"{GAZETTE}/queues/waiting?cursor={here}"), 400)
        assert problem["field"] == "cursor", "a cursor belongs to its order"


def test_rows_say_what_they_are_ordered_by(paper: Gazette, desk: Desk, waits: list[str]) -> None:
    change(paper, waits[1], language="de")
    put_into(paper, "b", "Sport")
    item = desk.get(f"{GAZETTE}/queues/waiting?order=risk")["items"][1]
    assert (item["comment"]["risk"], item["comment"]["language"], item["article"]["section"]) == (90, "de", "Sport")


def test_filters(paper: Gazette, desk: Desk, kiesel: Reader, waits: list[str], clock: FakeClock) -> None:
    put_into(paper, "a", "Culture")
    put_into(paper, "b", "Sport")
    for number, language in enumerate(("de", "en", "de")):
        change(paper, waits[number], language=language)
    other = held(paper, paper.reader("bach"), "of somebody else", article="b")
    of_a, of_b = waits[::2], [*waits[1::2], other]
    for order in ("oldest", "newest", "risk"):

        def sifted(query: str, order: str = order) -> set[str]:
            found = ids(desk, f"&order={order}&{query}")
            assert len(found) == len(set(found))
            return set(found)

        assert sifted("section=Culture") == set(of_a) == sifted("article=a")
        assert sifted("section=Sport") == set(of_b) == sifted("article=b")
        assert sifted("section=Science") == sifted("article=nowhere") == set()
        assert sifted("language=de") == {waits[0], waits[2]}
        assert sifted("language=de&section=Sport") == set()
        assert sifted(f"author={kiesel.id}") == set(waits)
        assert sifted(f"author={kiesel.id}&article=b") == set(of_b) - {other}
        assert sifted("rule=premoderated") == {*waits, other}
        assert sifted("rule=banned_words") == set()
        assert sifted("since=2026-03-02T09:02:00Z") == {*waits[2:], other}
        assert sifted("until=2026-03-02T09:02:00Z") == set(waits[:2])
        assert sifted("since=2026-03-02T09:01:00Z&until=2026-03-02T10:03:00%2B01:00&article=b") == {waits[1]}


def test_a_finding_that_no_longer_stands(paper: Gazette, desk: Desk, waits: list[str]) -> None:
    def supersede(conn: sa.Connection) -> None:
        conn.execute(sa.update(findings).where(findings.c.comment_id == int(waits[0])).values(superseded_at=1))

    paper.change(supersede)
    assert ids(desk, "&rule=premoderated") == waits[1:]


WRONG = {
    "order": ("worst", "OLDEST"), "since": ("yesterday", "2026-03-02", "2026-13-01T00:00:00Z"), "until": ("1",),
    "author": ("kiesel", "-1", "1.5"), "second_opinion": ("yes", "2"), "section": ("x" * 101, "a%00b"),
    "language": ("x" * 101,), "rule": ("%0a",), "article": ("x" * 256, "%20"), "free": ("2",), "limit": ("0", "101"),
    "cursor": ("x", "~"),
}  # fmt: skip


@pytest.mark.parametrize("field", WRONG)
def test_what_is_no_filter_is_named(desk: Desk, field: str) -> None:
    for value in WRONG[field]:
        problem = refused(desk.call("GET", f"{GAZETTE}/queues/waiting?{field}={value}"), 400, "malformed")
        assert problem["field"] == field, value


def test_a_rare_one_in_a_long_queue(
    paper: Gazette, desk: Desk, waits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A walk ends and says so; whoever goes on comes to the end of the queue."""
    monkeypatch.setattr(queues, "LOOKED", 4)
    monkeypatch.setattr(queues, "STEP", 2)
    change(paper, waits[5], language="fr")
    page = desk.get(f"{GAZETTE}/queues/waiting?language=fr")
    assert (page["items"], page["looked_through"]) == ([], 4)
    rest = desk.get(f"{GAZETTE}/queues/waiting?language=fr&cursor={page['next_cursor']}")
    assert ([item["comment"]["id"] for item in rest["items"]], rest["next_cursor"]) == ([waits[5]], None)
    for order in ("oldest", "newest", "risk"):
        assert ids(desk, f"&language=fr&order={order}") == [waits[5]]
        assert len(ids(desk, f"&order={order}")) == 7


def test_put_aside(paper: Gazette, desk: Desk, waits: list[str], clock: FakeClock) -> None:
    """It leaves one's own queue for a time; a second opinion is for colleagues to give."""
    anna, bert = desk, paper.desk()
    put_aside(paper, anna, waits[0], until=clock() + MINUTE * 1_000_000)
    put_aside(paper, anna, waits[2], until=clock() + MINUTE * 1_000_000, second_opinion=True)
    assert ids(anna) == [waits[1], *waits[3:]]
    assert ids(bert) == waits
    assert ids(bert, "&second_opinion=1") == [waits[2]]
    assert ids(anna, "&second_opinion=1") == []
    clock.forward(MINUTE)
    assert ids(anna) == waits


def test_reported_again_after_a_decision(paper: Gazette, desk: Desk, kiesel: Reader, clock: FakeClock) -> None:
    """What was approved comes back with the reports since."""
    comment = kiesel.post("hello")["id"]
    for sub in ("bach", "stein"):
        good(paper.reader(sub).report(comment), 201)
    assert ids(desk, queue="reported") == [comment]
    good(desk.decide(comment, "approve"))
    assert ids(desk, queue="reported") == []
    clock.forward(60)
    good(paper.reader("anna").report(comment, "spam"), 201)
    (item,) = desk.get(f"{GAZETTE}/queues/reported")["items"]
    assert item["comment"]["id"] == comment
    assert [report["reason"] for report in item["reports"]] == ["spam"]
    assert desk.get(f"{GAZETTE}/queues")["reported"] == 1


def appeal(paper: Gazette, reader: Reader, comment: str, **more: Any) -> None:
    insert(
        paper, appeals, site_id=paper.id, comment_id=int(comment), member_id=int(reader.id), text="Look again.",
        created_at=paper.clock(), **more,
    )  # fmt: skip


def test_appeals(paper: Gazette, desk: Desk, kiesel: Reader, waits: list[str], clock: FakeClock) -> None:
    """In the order in which they came, not in that of the comments; decided ones are gone."""
    for at in (3, 1, 5):
        appeal(paper, kiesel, waits[at])
        clock.forward(60)
    appeal(paper, kiesel, waits[0], decided_at=clock(), outcome="upheld")
    came = [waits[at] for at in (3, 1, 5)]
    assert ids(desk, queue="appeals") == came
    assert ids(desk, "&order=newest", queue="appeals") == came[::-1]
    assert ids(desk, "&article=a", queue="appeals") == []
    assert ids(desk, "&article=b", queue="appeals") == came
    assert desk.get(f"{GAZETTE}/queues")["appeals"] == 3
    assert refused(desk.call("GET", f"{GAZETTE}/queues/appeals?order=risk"), 400)["field"] == "order"
    claimed = good(desk.call("POST", f"{GAZETTE}/queues/appeals/claims", {"limit": 2}))["items"]
    assert [item["comment"]["id"] for item in claimed] == came[:2]


def test_claims_follow_filters_and_order(paper: Gazette, desk: Desk, waits: list[str]) -> None:
    def claimed(one: Desk, query: str, limit: int = 2) -> list[str]:
        items = good(one.call("POST", f"{GAZETTE}/queues/waiting/claims?{query}", {"limit": limit}))["items"]
        return [item["comment"]["id"] for item in items]

    other = paper.desk()
    assert claimed(desk, "order=risk") == [waits[4], waits[1]]
    assert claimed(other, "order=risk&article=a") == [waits[2], waits[0]]
    assert claimed(other, "order=newest", 1) == [waits[6]]
    assert claimed(other, "article=a", 9) == []
    assert (
        refused(other.call("POST", f"{GAZETTE}/queues/waiting/claims?order=x", {"limit": 1}), 400)["field"] == "order"
    )
    assert ids(other, "&free=1") == [waits[at] for at in (0, 2, 3, 5, 6)]


# Moderators of sections


@pytest.fixture
def sporting(paper: Gazette) -> Callable[..., Desk]:
    """A moderator who looks after these sections alone."""

    def make(*sections: str) -> Desk:
        one = paper.desk()
        user = int(one.get("/session")["user"]["id"])
        from comments.storage.sites import update_user

        listed = "[" + ",".join(f'"{section}"' for section in sections) + "]"
        paper.change(lambda conn: update_user(conn, user, sections=listed))
        return one

    return make


def test_a_moderator_of_sections_sees_nothing_else(
    paper: Gazette, desk: Desk, kiesel: Reader, waits: list[str], sporting: Callable[..., Desk]
) -> None:
    """In no queue, count, claim, menu or list of articles; what is in no section is nobody's of theirs."""
    put_into(paper, "a", "Culture")
    put_into(paper, "b", "Sport")
    nowhere = held(paper, kiesel, "in no section", article="c")
    for comment in (waits[0], waits[1]):
        appeal(paper, kiesel, comment)
        good(paper.reader("bach").report(kiesel.post("reported", article="ab"[comment == waits[1]])["id"]), 201)
    of_b = waits[1::2]
    one = sporting("Sport", "Science")
    for order in ("oldest", "newest", "risk"):
        assert set(ids(one, f"&order={order}")) == set(of_b)
    assert ids(one, "&section=Culture") == ids(one, "&article=a") == ids(one, "&article=c") == []
    assert ids(one, "&section=Sport") == of_b
    assert (ids(one, queue="appeals"), len(ids(one, queue="reported"))) == ([waits[1]], 1)
    assert one.get(f"{GAZETTE}/queues") == {"waiting": 3, "reported": 1, "new": 1, "appeals": 1, "notices": None}
    assert desk.get(f"{GAZETTE}/queues") == {"waiting": 8, "reported": 2, "new": 2, "appeals": 2, "notices": 0}
    claimed = good(one.call("POST", f"{GAZETTE}/queues/waiting/claims", {"limit": 50}))["items"]
    assert [item["comment"]["id"] for item in claimed] == of_b
    good(desk.call("POST", f"{GAZETTE}/claims", {"comment_ids": [waits[0], nowhere]}))
    for body in ({"comment_ids": [waits[0], nowhere]}, {"comment_ids": [waits[0]], "take_over": True}):
        assert good(one.call("POST", f"{GAZETTE}/claims", body)) == {"claims": []}
    assert all(item["claimed_by"] for item in desk.get(f"{GAZETTE}/queues/waiting?article=c")["items"])
    assert [row["id"] for row in one.get(f"{GAZETTE}/articles")["articles"]] == ["b"]
    assert one.get(f"{GAZETTE}/filters")["sections"] == ["Science", "Sport"]
    assert desk.get(f"{GAZETTE}/filters")["sections"] == ["Culture", "Sport"]
    refused(one.call("GET", f"/comments/{waits[0]}"), 404)
    refused(one.decide(waits[0], "approve", version=1), 404)
    good(one.decide(waits[1], "approve"))


def test_no_section_at_all(paper: Gazette, waits: list[str], sporting: Callable[..., Desk]) -> None:
    one = sporting()
    assert ids(one) == []
    assert one.get(f"{GAZETTE}/queues") == {"waiting": 0, "reported": 0, "new": 0, "appeals": 0, "notices": None}


# Sections of articles


def test_the_section_of_an_article(paper: Gazette, desk: Desk, kiesel: Reader, sporting: Callable[..., Desk]) -> None:
    """The publisher's page names it with the first comment; the console may change it, and the log tells."""
    page = "https://www.gazette.example/x"
    good(kiesel.send("hello", article="x", article_url=page, article_title="X", article_section=" Local\nnews "), 201)
    assert desk.get(f"{GAZETTE}/articles")["articles"][0]["section"] == "Local news"
    seq = paper.page("x")["seq"]
    shown = good(desk.call("PATCH", f"{GAZETTE}/articles/x", {"section": " Sport "}))
    assert (shown["section"], shown["mode"], paper.page("x")["seq"]) == ("Sport", "open", seq)
    entry = desk.get(f"{GAZETTE}/audit")["entries"][0]
    assert (entry["action"], entry["before"], entry["after"]) == (
        "set_section", {"section": "Local news"}, {"section": "Sport"}
    )  # fmt: skip
    one = sporting("Sport", "Science")
    good(one.call("PATCH", f"{GAZETTE}/articles/x", {"section": "Science", "mode": "closed"}))
    refused(one.call("PATCH", f"{GAZETTE}/articles/x", {"section": "Culture"}), 404)
    refused(one.call("PATCH", f"{GAZETTE}/articles/x", {"section": None}), 404)
    assert good(desk.call("PATCH", f"{GAZETTE}/articles/x", {"section": ""}))["section"] is None
    assert good(desk.call("PATCH", f"{GAZETTE}/articles/x", {}))["mode"] == "closed"
    for section in ("x" * 101, 1, "a\0"):
        assert refused(desk.call("PATCH", f"{GAZETTE}/articles/x", {"section": section}), 400)["field"] == "section"


def test_menus(paper: Gazette, desk: Desk, waits: list[str]) -> None:
    put_into(paper, "a", "Culture")
    change(paper, waits[0], language="de")
    change(paper, waits[1], language="en")
    shown = desk.get(f"{GAZETTE}/filters")
    assert shown == {"sections": ["Culture"], "languages": ["de", "en"], "rules": ["premoderated"]}
