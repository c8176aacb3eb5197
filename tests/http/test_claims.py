"""Claims: a moderator has a comment for some minutes, nobody else does the same work meanwhile, and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from comments.jobs.upkeep import sweep
from comments.storage.claims import claim_next
from comments.storage.queues import Asker
from comments.storage.tables import claims
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused
from tests.http.test_console import held

GAZETTE = "/sites/gazette"


@pytest.fixture
def anna(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def bert(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def waits(paper: Gazette) -> list[str]:
    """Four comments that wait, oldest first."""
    kiesel = paper.reader("kiesel")
    return [held(paper, kiesel, f"number {number}") for number in range(4)]


def name(desk: Desk) -> str:
    return desk.email.partition("@")[0]


def claim(desk: Desk, *ids: str, **more: Any) -> dict[str, str]:
    """Who has these comments after `desk` has claimed them: comment → name."""
    shown = good(desk.call("POST", f"{GAZETTE}/claims", {"comment_ids": list(ids)} | more))
    return {one["comment_id"]: one["claimed_by"]["name"] for one in shown["claims"]}


def release(desk: Desk, *ids: str) -> None:
    good(desk.call("DELETE", f"{GAZETTE}/claims?{'&'.join(f'comment={one}' for one in ids)}"), 204)


def claim_some(desk: Desk, limit: int, queue: str = "waiting") -> list[str]:
    items = good(desk.call("POST", f"{GAZETTE}/queues/{queue}/claims", {"limit": limit}))["items"]
    assert all(item["claimed_by"]["name"] == name(desk) for item in items)
    return [item["comment"]["id"] for item in items]


def listed(desk: Desk, query: str = "") -> dict[str, str | None]:
    """The queue as this moderator is shown it: comment → who has it."""
    items = desk.get(f"{GAZETTE}/queues/waiting{query}")["items"]
    return {item["comment"]["id"]: (item["claimed_by"] or {}).get("name") for item in items}


def test_a_claim_is_seen_and_holds(paper: Gazette, anna: Desk, bert: Desk, waits: list[str]) -> None:
    first, second, *rest = waits
    assert claim(anna, first, second) == {first: name(anna), second: name(anna)}
    assert claim(bert, second, rest[0]) == {second: name(anna), rest[0]: name(bert)}
    for desk in (anna, bert):
        assert listed(desk) == {first: name(anna), second: name(anna), rest[0]: name(bert), rest[1]: None}
    assert desk.item(first)["claimed_by"] == {"id": "1", "name": name(anna), "until": "2026-03-02T09:03:00Z"}
    assert list(listed(bert, "?free=1")) == rest
    assert list(listed(anna, "?free=1")) == [first, second, rest[1]]
    assert list(listed(anna, "?free=1&limit=2")) == [first, second]
    release(bert, first, rest[0])
    assert listed(bert) == {first: name(anna), second: name(anna), rest[0]: None, rest[1]: None}


def test_who_signs_out_lets_go_of_everything(anna: Desk, bert: Desk, waits: list[str]) -> None:
    claim(anna, *waits)
    good(anna.call("DELETE", "/session"), 204)
    assert claim(bert, *waits) == dict.fromkeys(waits, name(bert))


def test_a_decision_on_what_a_colleague_has(paper: Gazette, anna: Desk, bert: Desk, waits: list[str]) -> None:
    claim(anna, waits[0])
    problem = refused(bert.decide(waits[0], "approve"), 409, "claimed")
    assert problem["claimed_by"] == {"id": "1", "name": name(anna), "until": "2026-03-02T09:03:00Z"}
    assert problem["detail"].startswith(f"{name(anna)} is looking at this comment until 2026-03-02T09:03:00Z")
    assert problem["item"]["comment"]["status"] == "waiting"
    good(anna.decide(waits[0], "approve"))
    assert anna.item(waits[0])["claimed_by"] is None, "the decision has let it go"
    refused(bert.decide(waits[0], "reject", version=1), 409, "changed_meanwhile")
    good(bert.decide(waits[0], "reject"))


def test_a_decision_that_takes_over(paper: Gazette, anna: Desk, bert: Desk, waits: list[str]) -> None:
    claim(anna, waits[0])
    good(bert.decide(waits[0], "approve", take_over=True))
    decisions = bert.item(waits[0])["decisions"]
    assert [(one["action"], one["by"]) for one in decisions] == [("take_over", name(bert)), ("approve", name(bert))]
    problem = refused(anna.decide(waits[0], "reject", version=1), 409, "changed_meanwhile")
    assert problem["item"]["comment"]["status"] == "published"


def test_taking_over_is_written_down_and_claiming_is_not(anna: Desk, bert: Desk, waits: list[str]) -> None:
    claim(anna, *waits[:2])
    claim(anna, *waits[:2])
    release(anna, waits[1])
    assert [entry["action"] for entry in anna.get(f"{GAZETTE}/audit")["entries"]] == ["create_site"]
    assert set(claim(bert, *waits, take_over=True).values()) == {name(bert)}
    entry, *rest = anna.get(f"{GAZETTE}/audit")["entries"]
    assert [one["action"] for one in rest] == ["create_site"], "one was somebody's, the others were free"
    assert (entry["action"], entry["by"]) == ("take_over", name(bert))
    assert entry["subject"] == {"type": "comment", "id": waits[0], "label": None}
    assert (entry["before"], entry["after"]) == ({"claimed_by": name(anna)}, {"claimed_by": name(bert)})
    assert claim(bert, waits[0], take_over=True) == {waits[0]: name(bert)}
    assert len(anna.get(f"{GAZETTE}/audit")["entries"]) == 2, "nobody takes over from oneself"
    refused(anna.decide(waits[0], "approve"), 409, "claimed")


def test_a_claim_ends_by_itself_and_can_be_renewed(
    paper: Gazette, anna: Desk, bert: Desk, waits: list[str], clock: FakeClock
) -> None:
    claim(anna, *waits[:2])
    clock.forward(120)
    claim(anna, waits[0])
    clock.forward(60)
    assert claim(bert, *waits[:2]) == {waits[0]: name(anna), waits[1]: name(bert)}
    assert anna.item(waits[1])["claimed_by"] == {"id": "2", "name": name(bert), "until": "2026-03-02T09:06:00Z"}
    clock.forward(180)
    assert set(listed(anna).values()) == {None}
    good(bert.decide(waits[0], "approve"))
    sweep(paper.database)
    with paper.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(claims)).scalar() == 0


def test_sweeping_leaves_what_is_held(paper: Gazette, anna: Desk, waits: list[str], clock: FakeClock) -> None:
    claim(anna, waits[0])
    clock.forward(179)
    sweep(paper.database)
    assert listed(anna)[waits[0]] == name(anna)


def test_the_next_of_a_queue(paper: Gazette, anna: Desk, bert: Desk, waits: list[str], clock: FakeClock) -> None:
    claim(bert, waits[1])
    assert claim_some(anna, 2) == [waits[0], waits[2]]
    assert claim_some(bert, 2) == [waits[3]]
    assert claim_some(anna, 2) == []
    good(anna.decide(waits[0], "approve"))
    assert claim_some(anna, 5, "new") == [], "what was decided has been looked at"
    clock.forward(180)
    assert claim_some(bert, 100) == waits[1:]


def test_an_edit_while_it_is_claimed(paper: Gazette, anna: Desk) -> None:
    kiesel = paper.reader("kiesel")
    comment = kiesel.post("before")["id"]
    claim(anna, comment)
    good(kiesel.edit(comment, "after"))
    problem = refused(anna.decide(comment, "approve", version=1), 409, "changed_meanwhile")
    assert problem["item"]["comment"]["source"] == "after"
    assert problem["item"]["claimed_by"]["name"] == name(anna), "it stays in the hands of who looks at it"


def test_other_sites(paper: Gazette, anna: Desk, waits: list[str], clock: FakeClock) -> None:
    """Of another site's claims and comments nothing is said, and nothing can be done to them."""
    herald = Gazette.make(paper.app, clock, "herald", issuer="https://herald.example")
    elsewhere = herald.reader("bach").post("at the herald")["id"]
    foreign = paper.desk(sites=("herald",))
    claim(anna, waits[0])
    for method, path, body in (
        ("POST", f"{GAZETTE}/claims", {"comment_ids": waits}),
        ("DELETE", f"{GAZETTE}/claims?comment={waits[0]}", None),
        ("POST", f"{GAZETTE}/queues/waiting/claims", {"limit": 9}),
    ):
        refused(foreign.call(method, path, body), 404, "not_found")
    for take_over in (False, True):
        body = {"comment_ids": [*waits, elsewhere, "99"], "take_over": take_over}
        shown = good(foreign.call("POST", "/sites/herald/claims", body))
        assert [one["comment_id"] for one in shown["claims"]] == [elsewhere]
    good(foreign.call("DELETE", f"/sites/herald/claims?comment={waits[0]}"), 204)
    assert listed(anna) == {waits[0]: name(anna)} | dict.fromkeys(waits[1:])
    assert elsewhere not in claim(anna, elsewhere, waits[0])
    shown = good(foreign.call("POST", "/sites/herald/queues/new/claims", {"limit": 9}))
    assert shown == {"items": []}, "its own is already in hand"


@pytest.mark.parametrize(
    "body",
    [{}, {"comment_ids": []}, {"comment_ids": ["x"]}, {"comment_ids": ["1"] * 101}, {"comment_ids": [1]},
     {"comment_ids": ["1"], "limit": 1}, {"comment_ids": ["1"], "take_over": "yes"}],
)  # fmt: skip
def test_malformed_claims(anna: Desk, body: Any) -> None:
    refused(anna.call("POST", f"{GAZETTE}/claims", body), 400, "malformed")


def test_malformed_batches_and_releases(anna: Desk) -> None:
    for limit in (0, -1, 101, "1", None, 1.5):
        refused(anna.call("POST", f"{GAZETTE}/queues/waiting/claims", {"limit": limit}), 400, "malformed")
    refused(anna.call("POST", f"{GAZETTE}/queues/notices/claims", {"limit": 1}), 404, "not_found")
    refused(anna.call("DELETE", f"{GAZETTE}/claims"), 400, "malformed")
    refused(anna.call("DELETE", f"{GAZETTE}/claims?{'comment=1&' * 101}"), 400, "malformed")
    refused(anna.call("DELETE", f"{GAZETTE}/claims?comment=x"), 404, "not_found")
    refused(anna.call("GET", f"{GAZETTE}/queues/waiting?free=2"), 400, "malformed")


def test_a_page_of_a_queue_asks_as_often_whatever_is_claimed(paper: Gazette, anna: Desk, waits: list[str]) -> None:
    asked: list[str] = []

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(paper.database.engine, "before_cursor_execute", count)
    counts = []
    for ids in ([], waits[:1], waits):
        if ids:
            claim(anna, *ids)
        asked.clear()
        anna.get(f"{GAZETTE}/queues/waiting")
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts


def test_what_a_claim_reads_it_finds_by_key(paper: Gazette, anna: Desk, bert: Desk, waits: list[str]) -> None:
    """The statements of claims look up each comment by its key; the queue itself is walked by its own index."""
    claim(anna, waits[0])
    asked: list[tuple[str, Any]] = []

    def keep(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "claims" in statement and not statement.startswith("EXPLAIN"):
            asked.append((statement, values))

    engine = paper.database.engine
    sa.event.listen(engine, "before_cursor_execute", keep)
    claim(bert, *waits)
    claim_some(bert, 1)
    listed(bert, "?free=1")
    good(bert.decide(waits[1], "approve"))
    release(bert, waits[2])
    sa.event.remove(engine, "before_cursor_execute", keep)
    assert len(asked) >= 8
    is_sqlite = engine.dialect.name == "sqlite"
    for statement, values in asked:
        with engine.connect() as conn:
            if not is_sqlite:
                conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = conn.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' * is_sqlite}{statement}", values).all()
            conn.rollback()
        text = "\n".join(str(row[-1]) for row in plan)
        assert ("SCAN claims" if is_sqlite else "Seq Scan on claims") not in text, f"{statement}\n{text}"


def test_nobody_is_given_what_another_is_taking(paper: Gazette, anna: Desk, bert: Desk, waits: list[str]) -> None:
    """Two transactions that are open at the same moment: the second passes over what the first has chosen."""
    if paper.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    now = paper.clock()

    def asker(user: int) -> Asker:
        return Asker(user_id=user, sections=None, now=now)

    def take(user: int) -> list[int]:
        with paper.database.engine.begin() as conn:
            return claim_next(conn, asker(user), paper.id, "waiting", 3, now + 10)

    with ThreadPoolExecutor() as pool, paper.database.engine.begin() as conn:
        first = claim_next(conn, asker(1), paper.id, "waiting", 2, now + 10)
        second = pool.submit(take, 2).result(timeout=10)
    assert [str(key) for key in first + second] == waits


def test_a_reader_has_no_claims(paper: Gazette, waits: list[str]) -> None:
    reader: Reader = paper.reader("bach")
    for method, path in (("POST", "claims"), ("DELETE", "claims?comment=1"), ("POST", "queues/waiting/claims")):
        refused(reader.call(method, f"/console{GAZETTE}/{path}", {"limit": 1}), 401, "key_invalid")
