"""Which gate led to a subscription: the link says the article, the token brings it back, sums alone are kept."""

from typing import Any

import sqlalchemy as sa
from flask import Flask

from comments.storage import tables
from tests.conftest import FakeClock
from tests.gazette import ORIGIN, Gazette, good, refused
from tests.http.printed import Printed


def figures(paper: Gazette, query: str = "") -> Any:
    return paper.desk().get(f"/sites/{paper.key}/gates{query}")


def test_links_say_which_article_they_stand_under(app: Flask, clock: FakeClock) -> None:
    where = {"login_url": "https://h.example/in?from={ref}", "subscribe_url": "https://h.example/join?at={url}&r={ref}"}
    herald = Gazette.make(app, clock, "herald", **where)
    herald.reader().post("hello there", article="a/b")
    site = herald.page("a%2Fb")["site"]
    assert (site["login_url"], site["subscribe_url"]) == (
        "https://h.example/in?from=a%2Fb", "https://h.example/join?at={url}&r=a%2Fb",
    )  # fmt: skip
    page = Printed(app.test_client().get("/articles/herald/a%2Fb"))
    assert page.link("Log in") == "https://h.example/in?from=a%2Fb" and page.link("Subscribe").endswith("&r=a%2Fb")
    closed = Gazette.make(app, clock, "closed", read="subscribers", **where)
    told = refused(closed.call("GET", f"{closed.article('7')}/comments"), 401)
    assert told["site"]["login_url"] == "https://h.example/in?from=7"


def test_subscriptions_are_counted_by_their_gate(paper: Gazette, clock: FakeClock) -> None:
    writer = paper.reader("birke")
    for article, section in (("1", "sport"), ("2", "culture")):
        about = {"article_section": section, "article_title": f"T{article}", "article_url": f"{ORIGIN}/{article}"}
        good(writer.send("hello there", article=article, **about), 201)
    assert figures(paper)["total"] == 0, "who was never seen without a subscription came through no gate"
    for sub, state, ref in (("a", "lapsed", "1"), ("b", "registered", "1"), ("c", "registered", None),
                            ("d", "lapsed", "none")):  # fmt: skip
        paper.reader(sub, state=state)
        clock.forward(60)
        for _ in range(3):  # once, however often it is said
            paper.reader(sub, ref=ref)
            clock.forward(1)
    paper.reader("new", ref="2")
    paper.reader("old-but-new-here")
    paper.reader("e", state="lapsed")
    clock.forward(1)
    paper.reader("e", state="grace", ref="1")
    found = figures(paper)
    assert found["total"] == 5
    assert found["gates"] == [
        {"gate": "lapsed", "number": 2}, {"gate": "registered", "number": 2}, {"gate": "nobody", "number": 1},
    ]  # fmt: skip
    assert [(one["id"], one["title"], one["number"]) for one in found["articles"]] == [("1", "T1", 2), ("2", "T2", 1)]
    assert sorted((one["section"] or "", one["number"]) for one in found["sections"]) == [
        ("", 2), ("culture", 1), ("sport", 2),
    ]  # fmt: skip
    assert figures(paper, "?by=hour")["total"] == 5, "the days of the last 24 hours"
    desk = paper.desk()
    for table, first in (("gates", "lapsed,2"), ("gate_sections", ",2"), ("gate_articles", f"1,T1,{ORIGIN}/1,sport,2")):
        answer = desk.call("GET", f"/sites/gazette/figures.csv?table={table}&from=2026-03-01&to=2026-03-02")
        lines = answer.get_data(as_text=True).split("\r\n")
        assert answer.status_code == 200 and first in lines[1:], lines
        assert f"gazette-{table}-2026-03-01-2026-03-02.csv" in answer.headers["Content-Disposition"]
    clock.forward(86_400)
    assert figures(paper, "?from=2026-03-03")["total"] == 0 and figures(paper, "?to=2026-03-02")["total"] == 5
    with paper.read() as conn:
        kept = conn.execute(sa.select(tables.conversions)).mappings().all()
    assert all(set(row) == {"site_id", "day", "gate", "article_id", "number"} for row in kept), "nothing of anybody"


def test_the_publishers_word_counts_as_well(paper: Gazette, clock: FakeClock) -> None:
    paper.reader("kiesel", state="lapsed")
    clock.forward(1)
    body = {"site": "gazette", "token": paper.token("kiesel", ref="9")}
    good(paper.call("POST", "/members/kiesel/entitlement", body), 204)
    clock.forward(1)
    paper.reader("kiesel", ref="9")
    assert figures(paper)["gates"] == [{"gate": "lapsed", "number": 1}]


def test_a_reference_is_a_text(paper: Gazette) -> None:
    for ref in (7, "", "x" * 256, "a\nb"):
        assert refused(paper.session(paper.token(ref=ref)), 401, "token_invalid")["claim"] == "ref"
