"""Teasers: the most discussed articles as the worker counted them, the newsroom's picks; as JSON and as fragments."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.jobs.teasers import count_discussed, keep_recent
from comments.storage import tables
from tests.conftest import FakeClock
from tests.core.reading import vectors
from tests.gazette import Gazette, good, refused
from tests.http.printed import Printed, harmful, text_of

WHERE = "https://www.gazette.example/a"
DAY = 86_400
SITE = "/sites/gazette"


def count(paper: Gazette) -> None:
    keep_recent(paper.database)
    count_discussed(paper.database)


def listed(paper: Gazette, query: str = "") -> list[tuple[str, int, int]]:
    found = paper.get(f"{SITE}/most-discussed{query}")
    return [(one["id"], one["comments"], one["readers"]) for one in found["articles"]]


def printed(app: Flask, path: str, status: int = 200) -> Printed:
    return Printed(app.test_client(use_cookies=False).get(path), status, is_whole=False)


def test_the_most_discussed_articles(app: Flask, paper: Gazette, clock: FakeClock) -> None:
    kiesel, birke, bach = (paper.reader(name) for name in ("kiesel", "birke", "bach"))
    for number in range(9):
        kiesel.post(f"Old {number}", article="old")
    clock.forward(3 * DAY)
    kiesel, birke, bach = (paper.reader(name) for name in ("kiesel", "birke", "bach"))
    for number in range(5):
        kiesel.post(f"Mine {number}", article="mine")
    about = {"article_url": "https://www.gazette.example/ours", "article_title": "Ours", "article_section": "sport"}
    for reader in (kiesel, birke, bach):
        good(reader.send("About ours.", article="ours", **about), 201)
    gone = birke.post("Gone.", article="gone")["id"]
    assert listed(paper, "?limit=15") == []
    count(paper)
    assert listed(paper) == [("mine", 5, 1), ("ours", 3, 3), ("gone", 1, 1)]
    assert listed(paper, "?by=readers&limit=1") == [("ours", 3, 3)]
    assert listed(paper, "?window=week&limit=2") == [("old", 9, 1), ("mine", 5, 1)]
    about = paper.get(f"{SITE}/most-discussed")["articles"][1]
    assert (about["title"], about["url"], about["section"], about["total"]) == (
        "Ours", "https://www.gazette.example/ours", "sport", 3,
    )  # fmt: skip
    good(birke.withdraw(gone))
    good(paper.desk().call("PATCH", "/sites/gazette/articles/mine", {"mode": "off"}))
    clock.forward(2)
    assert "mine" not in [one[0] for one in listed(paper, "?limit=19")], "an article that is off is gone at once"
    count(paper)
    assert listed(paper, "?limit=18") == [("ours", 3, 3)]
    page = printed(app, "/sites/gazette/most-discussed/fragment")
    assert page.links() == {"Ours": "https://www.gazette.example/ours"} and "3 comments" in page.words()
    assert harmful(page) == []
    clock.forward(8 * DAY)
    count(paper)
    assert listed(paper, "?limit=17") == listed(paper, "?limit=16&window=week") == []


def test_picks_are_what_readers_say(app: Flask, paper: Gazette, clock: FakeClock) -> None:
    kiesel, desk = paper.reader("kiesel"), paper.desk()
    about = {"article_url": "https://www.gazette.example/a#top", "article_title": "A"}
    first = good(kiesel.send("The **first**.", article="1", **about), 201)["id"]
    second = kiesel.post("The second.", article="2")["id"]
    for one in (second, first):
        clock.forward(1)
        good(desk.call("POST", f"/comments/{one}/pick"))
    found = paper.get(f"{SITE}/picks")["picks"]
    assert [(one["comment"]["id"], one["article"]["id"], one["url"]) for one in found] == [
        (first, "1", f"https://www.gazette.example/a#comment-{first}"),
        (second, "2", f"http://localhost:8000/articles/gazette/2?comment={second}#comment-{second}"),
    ]
    page = printed(app, "/sites/gazette/picks/fragment?lang=de")
    assert [text_of(one) for one in page.all("div")] == ["The first.", "The second."] and page.all("strong")
    assert page.all("section")[0].get("lang") == "de" and harmful(page) == []
    good(kiesel.withdraw(first))
    assert [one["comment"]["id"] for one in paper.get(f"{SITE}/picks")["picks"]] == [second]
    good(desk.call("DELETE", f"/comments/{second}/pick"))
    assert paper.get(f"{SITE}/picks?limit=7")["picks"] == []


def test_picks_of_before_there_was_a_list_are_taken_in(paper: Gazette) -> None:
    picked = paper.reader().post("long ago")["id"]
    c = tables.comments.c
    paper.change(lambda conn: conn.execute(sa.update(tables.comments).where(c.id == int(picked)).values(picked_at=5)))
    keep_recent(paper.database)
    assert [one["comment"]["id"] for one in paper.get(f"{SITE}/picks")["picks"]] == [picked]


def test_they_are_prepared(app: Flask, paper: Gazette) -> None:
    good(paper.desk().call("POST", f"/comments/{paper.reader().post('said')['id']}/pick"))
    count(paper)
    client = app.test_client()
    for path in (f"/api/v1{SITE}/most-discussed", f"/api/v1{SITE}/picks", f"{SITE}/most-discussed/fragment",
                 f"{SITE}/picks/fragment"):  # fmt: skip
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"][:6]) == (200, "public"), path
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert app.extensions["comments_snapshots"].rebuilt == 4


def test_where_reading_is_not_for_everybody(app: Flask, clock: FakeClock) -> None:
    herald = Gazette.make(app, clock, "herald", read="subscribers")
    kiesel = herald.reader()
    good(herald.desk().call("POST", f"/comments/{kiesel.post('for us alone')['id']}/pick"))
    count(herald)
    refused(kiesel.call("GET", "/sites/herald/picks"), 404, "not_found")
    assert "alone" not in printed(app, "/sites/herald/picks/fragment", 404).text
    assert [one["comments"] for one in herald.get("/sites/herald/most-discussed")["articles"]] == [1]


@pytest.mark.parametrize("query", ["?window=year", "?by=noise", "?limit=0", "?limit=21", "?limit=x", "?color=red"])
def test_bad_questions_are_told_apart(app: Flask, paper: Gazette, query: str) -> None:
    answer: Any = refused(paper.call("GET", f"{SITE}/most-discussed{query}"), 400, "malformed")
    assert answer["field"] == query[1:].partition("=")[0]
    assert "<p " in printed(app, f"{SITE}/most-discussed/fragment{query}", 400).text


def test_attacks_are_printed_harmlessly(app: Flask, paper: Gazette) -> None:
    attacks = [one.replace("\0", "") for one in vectors()][:40]
    kiesel, desk = paper.reader("kiesel"), paper.desk()
    for number, attack in enumerate(attacks):
        sent = kiesel.send(attack, article=str(number), article_title=attack[:300] or "x", article_url=WHERE)
        if sent.status_code == 201:
            good(desk.call("POST", f"/comments/{sent.get_json()['id']}/pick"))
    count(paper)
    for path in ("/sites/gazette/picks/fragment?limit=20", "/sites/gazette/most-discussed/fragment?limit=20"):
        page = printed(app, path)
        assert harmful(page) == [] and len(page.all("article") + page.all("li")) == 20
