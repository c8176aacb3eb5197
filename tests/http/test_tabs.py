"""The newsroom's picks, and questions that an article's author answers."""

from typing import Any

import pytest
import sqlalchemy as sa

from comments.storage.checks import answers as wrong_answers
from comments.storage.sites import site_by_id
from comments.storage.tables import comments
from tests.configuring import configure
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused


@pytest.fixture
def herald(paper: Gazette, clock: FakeClock) -> Gazette:
    return Gazette.make(paper.app, clock, "herald", ask_author=True, edit_window=3600, banned_words=["weasel"])


@pytest.fixture
def kiesel(herald: Gazette) -> Reader:
    return herald.reader("kiesel")


@pytest.fixture
def author(herald: Gazette) -> Reader:
    return herald.reader("birke", badges=["author", "staff"])


@pytest.fixture
def desk(herald: Gazette) -> Desk:
    return herald.desk()


def flat(paper: Gazette, tab: str, query: str = "") -> list[str]:
    return [one["id"] for one in paper.get(f"{paper.article()}/{tab}{query}")["comments"]]


def walked(paper: Gazette, tab: str, limit: int) -> list[str]:
    """All pages of a tab."""
    found: list[str] = []
    cursor = ""
    while True:
        page = paper.get(f"{paper.article()}/{tab}?limit={limit}{cursor}")
        found += [one["id"] for one in page["comments"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def pick(desk: Desk, comment: str, method: str = "POST") -> None:
    good(desk.call(method, f"/comments/{comment}/pick"))


def ask(reader: Reader, body: str = "How did you find that out?") -> str:
    return str(good(reader.send(body, question=True), 201)["id"])


def shown(paper: Gazette, comment: str) -> Any:
    """A comment as the page has it."""
    return next(one for one in paper.page()["comments"] if one["id"] == comment)


def changed(paper: Gazette, after: int) -> dict[str, Any]:
    """What readers who follow the thread hear: the comments by id."""
    return {one["comment"]["id"]: one["comment"] for one in paper.changes(after)["changes"]}


# Picks


def test_picks(herald: Gazette, kiesel: Reader, desk: Desk, clock: FakeClock) -> None:
    """Roots and replies, the newest pick first; what is not public any more is not among them."""
    root = kiesel.post("the first one")["id"]
    reply = kiesel.post("a reply to that", root)["id"]
    rest = [kiesel.post(f"number {number}")["id"] for number in range(3)]
    assert flat(herald, "picks") == [] and "tabs" not in herald.page()
    for one in (rest[0], root, reply, rest[2]):
        clock.forward(1)
        pick(desk, one)
    order = [rest[2], reply, root, rest[0]]
    page = herald.get(f"{herald.article()}/picks")
    assert [one["id"] for one in page["comments"]] == order and page["next_cursor"] is None
    assert all(one["picked"] for one in page["comments"]) and page["comments"][1]["parent_id"] == root
    assert [walked(herald, "picks", limit) for limit in (1, 2, 3, 4)] == [order] * 4
    assert herald.page()["tabs"] == {"picks": 4, "answers": 0}
    good(kiesel.withdraw(root))
    good(desk.decide(rest[2], "reject"))
    good(kiesel.edit(rest[0], "another text, which nobody picked"))
    assert flat(herald, "picks") == [reply], "the root is a stub now, and no pick"
    assert herald.page()["tabs"] == {"picks": 1, "answers": 0}
    pick(desk, reply, "DELETE")
    assert "tabs" not in herald.page()


def test_picks_of_the_same_moment(herald: Gazette, kiesel: Reader) -> None:
    made = [kiesel.post(f"number {number}")["id"] for number in range(7)]
    herald.change(lambda conn: conn.execute(sa.update(comments).values(picked_at=5)))
    assert walked(herald, "picks", 2) == made[::-1]


def test_a_page_counts_no_more_than_a_hundred(herald: Gazette, kiesel: Reader) -> None:
    kiesel.post("the first one")
    with herald.read() as conn:
        row = dict(conn.execute(sa.select(comments)).one()._mapping)
    more = [
        {name: value for name, value in row.items() if name not in ("shown", "idempotency_key")}
        | {"id": row["id"] + number, "root_id": row["id"] + number, "picked_at": number, "by_author": number <= 101}
        for number in range(1, 131)
    ]
    herald.change(lambda conn: conn.execute(sa.insert(comments), more))
    assert herald.page(query="?limit=1")["tabs"] == {"picks": 100, "answers": 100}
    page = herald.page(query="?limit=1")
    assert "tabs" not in herald.page(query=f"?limit=1&cursor={page['next_cursor']}"), "on a first page alone"
    assert len(walked(herald, "picks", 50)) == 130 and len(walked(herald, "answers", 7)) == 101


@pytest.mark.parametrize("tab", ["picks", "answers"])
def test_doors_and_nonsense(paper: Gazette, clock: FakeClock, tab: str) -> None:
    assert paper.get(f"{paper.article('nobody-wrote')}/{tab}") == {"comments": [], "next_cursor": None}
    path = f"{paper.article()}/{tab}"
    refused(paper.call("GET", "/sites/nowhere/articles/1/" + tab), 404, "not_found")
    for query in ("?limit=0", "?limit=51", "?cursor=x", f"?cursor={paper.page()['next_cursor']}x"):
        refused(paper.call("GET", path + query), 400, "malformed")
    closed = Gazette.make(paper.app, clock, "closed", read="subscribers")
    problem = refused(paper.call("GET", f"{closed.article()}/{tab}"), 401, "token_missing")
    assert problem["site"]["key"] == "closed" and "taste" not in problem
    answer = closed.reader("kiesel").call("GET", f"{closed.article()}/{tab}")
    assert good(answer)["comments"] == [] and answer.headers["Cache-Control"] == "private, no-cache"


# Questions to the author


def test_a_question_and_its_answer(herald: Gazette, kiesel: Reader, author: Reader, clock: FakeClock) -> None:
    question = ask(kiesel)
    assert shown(herald, question)["question"] is True
    assert not {"answer_id", "by_author"} & shown(herald, question).keys()
    kiesel.post("I wonder, too", question)
    assert "answer_id" not in shown(herald, question), "a reader's reply is no answer"
    seq = herald.page()["seq"]
    clock.forward(1)
    answer = author.post("In the archive.", question)["id"]
    assert shown(herald, question)["answer_id"] == answer and shown(herald, answer)["by_author"] is True
    heard = changed(herald, seq)
    assert heard[question]["answer_id"] == answer and heard[question]["question"], "readers hear it live"
    author.post("And by telephone.", question)
    assert shown(herald, question)["answer_id"] == answer, "the first stays the answer"
    assert herald.page()["tabs"] == {"picks": 0, "answers": 2}
    assert shown(herald, answer)["author"]["badges"] == ["author", "staff"]


def test_only_a_direct_reply_to_a_question_answers(herald: Gazette, kiesel: Reader, author: Reader) -> None:
    plain, question = kiesel.post("no question")["id"], ask(kiesel)
    below = kiesel.post("more to that", question)["id"]
    author.post("to the one below", below)
    author.post("to what was no question", plain)
    assert "answer_id" not in shown(herald, question) and "answer_id" not in shown(herald, plain)


def test_an_answer_that_waits_goes_and_comes_back(
    herald: Gazette, kiesel: Reader, author: Reader, desk: Desk, clock: FakeClock
) -> None:
    """Approved, rejected, taken back, edited into waiting, withdrawn: the question always has what everybody sees."""
    question = ask(kiesel)

    def answered() -> str | None:
        with herald.read() as conn:
            assert wrong_answers(conn) == 0
        answer_id: str | None = shown(herald, question).get("answer_id")
        return answer_id

    first = good(author.send("weasel words", question), 201)
    assert first["status"] == "waiting" and answered() is None
    seq = herald.page()["seq"]
    good(desk.decide(first["id"], "approve"))
    assert answered() == first["id"] == changed(herald, seq)[question]["answer_id"]
    second = author.post("one more thing", question)["id"]
    decision = good(desk.decide(first["id"], "reject"))["decision_id"]
    assert answered() == second, "the next one takes its place"
    good(desk.call("POST", f"/decisions/{decision}/undo"))
    assert answered() == second
    seq = herald.page()["seq"]
    good(author.edit(second, "weasel again"))
    assert answered() == first["id"] == changed(herald, seq)[question]["answer_id"]
    seq = herald.page()["seq"]
    good(author.withdraw(first["id"]))
    assert answered() is None and "answer_id" not in changed(herald, seq)[question]
    good(desk.decide(second, "approve"))
    assert answered() == second


def test_answers_stand_after_what_they_answer(
    herald: Gazette, kiesel: Reader, author: Reader, clock: FakeClock
) -> None:
    question, other = ask(kiesel), ask(kiesel, "And why?")
    remark = kiesel.post("just a remark")["id"]

    def says(text: str, parent: str | None = None) -> str:
        clock.forward(1)
        return str(author.post(text, parent)["id"])

    first, to_other = says("to the first", question), says("to the other", other)
    again, to_remark = says("to the first again", question), says("to the remark", remark)
    own, further = says("a word of my own"), says("and further", again)
    order = [question, first, again, further, own, remark, to_remark, other, to_other]
    assert flat(herald, "answers") == order
    assert walked(herald, "answers", 1) == [
        again, further, own, remark, to_remark, question, again, other, to_other, question, first,
    ]  # fmt: skip
    good(kiesel.withdraw(remark))
    page = herald.get(f"{herald.article()}/answers")["comments"]
    assert next(one for one in page if one["id"] == remark)["body"] is None, "a stub, as in the thread"
    good(author.withdraw(to_remark))
    assert flat(herald, "answers") == [one for one in order if one not in (remark, to_remark)]


def test_who_may_ask_whom(paper: Gazette, herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    assert herald.page()["site"]["ask_author"] is True and paper.page()["site"]["ask_author"] is False
    refused(paper.reader("kiesel").send("May I?", question=True), 400, "malformed")
    root = kiesel.post("the first one")["id"]
    assert refused(kiesel.send("May I?", root, question=True), 400, "malformed")["field"] == "question"
    refused(kiesel.send("May I?", question="yes"), 400, "malformed")
    same = good(kiesel.send("May I?", question=True, key="k"), 201)
    assert good(kiesel.send("May I?", question=True, key="k"))["id"] == same["id"]
    refused(kiesel.send("May I?", key="k"), 409, "idempotency_key_reused")
    assert same["question"] is True and kiesel.post("no question")["id"] != same["id"]


def test_a_publisher_names_the_badge(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", author_badge="Autorin")
    assert herald.reader("birke", badges=["Autorin"]).post("hello there")["by_author"] is True
    assert "by_author" not in herald.reader("ahorn", badges=["author"]).post("hello there")


def test_a_question_that_is_gone_is_a_stub_like_others(herald: Gazette, kiesel: Reader, author: Reader) -> None:
    question = ask(kiesel)
    answer = author.post("In the archive.", question)["id"]
    good(kiesel.withdraw(question))
    assert not {"question", "answer_id", "picked"} & shown(herald, question).keys()
    assert flat(herald, "answers") == [question, answer]


def test_the_doctor_finds_wrong_answers(herald: Gazette, kiesel: Reader, author: Reader) -> None:
    question, plain = ask(kiesel), kiesel.post("no question")["id"]
    answer = author.post("In the archive.", question)["id"]

    def put(comment: str, answer_id: str | None) -> int:
        change = sa.update(comments).where(comments.c.id == int(comment))
        herald.change(lambda conn: conn.execute(change.values(answer_id=answer_id and int(answer_id))))
        with herald.read() as conn:
            return wrong_answers(conn)

    assert put(question, None) == 1
    assert put(question, plain) == 1
    assert put(question, answer) == 0
    assert put(plain, answer) == 1


# What else a site may set


def test_more_reactions_than_one(paper: Gazette, clock: FakeClock) -> None:
    """Each kind is counted and answered; the order by recommendations knows one of them."""
    herald = Gazette.make(paper.app, clock, "herald", reactions=["recommend", "insightful", "thanks"])
    root = herald.reader("birke").post("the first one")["id"]
    kiesel, bach = herald.reader("kiesel"), herald.reader("bach")
    for reader, kind in ((kiesel, "insightful"), (kiesel, "thanks"), (bach, "insightful"), (bach, "recommend")):
        clock.forward(2)
        answer = good(reader.react(root, kind=kind))
    assert answer == {"reactions": {"insightful": 2, "thanks": 1, "recommend": 1}, "mine": ["insightful", "recommend"]}
    assert shown(herald, root)["reactions"] == answer["reactions"]
    assert kiesel.mine()["reactions"] == {root: ["insightful", "thanks"]}
    assert herald.page()["site"]["reactions"] == ["recommend", "insightful", "thanks"]
    clock.forward(2)
    assert good(kiesel.react(root, "DELETE", "insightful"))["reactions"]["insightful"] == 1
    refused(kiesel.react(root, kind="laugh"), 400, "malformed")
    clock.forward(2)
    with herald.database.transaction() as tx:
        configure(tx, site_by_id(tx.conn, herald.id), {"reactions": ["recommend"]})
    refused(kiesel.react(root, kind="insightful"), 400, "malformed")
    assert shown(herald, root)["reactions"]["thanks"] == 1, "what was given stays"
