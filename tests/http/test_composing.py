"""What helps while writing: a preview that is what posting shows, and the thread's people for mentions."""

from typing import Any

import pytest
from flask import Flask

from tests.conftest import FakeClock
from tests.gazette import API, ORIGIN, Gazette, Reader, good, refused


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel", name="Kiesel am Bach")


def preview(reader: Reader, body: str, article: str | None = "1", **headers: str) -> Any:
    path = f"/sites/{reader.site.key}/preview"
    return reader.call("POST", path, {"body": body} | ({} if article is None else {"article": article}), **headers)


def people(reader: Reader, q: str = "") -> list[Any]:
    client, path = reader.site.app.test_client(use_cookies=False), f"{API}{reader.site.article()}/people"
    found = good(client.get(path, query_string={"q": q}, headers={"Authorization": f"Bearer {reader.token}"}))["people"]
    return list(found)


def names(reader: Reader, q: str = "") -> list[str]:
    return [person["name"] for person in people(reader, q)]


def mention(reader: Reader, words: str) -> list[Any]:
    return ["mention", {"member": reader.id}, words]


def test_a_preview_is_what_posting_shows(paper: Gazette, kiesel: Reader) -> None:
    kiesel.post("the first")
    bach = paper.reader("bach")
    for text in (
        "**so** @kiesel am Bach, see www.gazette.example",
        "> quoted\n\n- a\n- b",
        "<b>x</b> @nobody",
        "@bach",
    ):
        shown = good(preview(bach, text))["body"]
        assert shown == bach.post(text)["body"], text
    assert good(preview(bach, "@Kiesel am Bach"))["body"] == [["p", mention(kiesel, "@Kiesel am Bach")]]
    for without in (preview(bach, "@Kiesel am Bach", None), preview(bach, "@Kiesel am Bach", "2")):
        assert good(without)["body"] == [["p", "@Kiesel am Bach"]]
    assert [one["depth"] for one in paper.page()["comments"]].count(0) == 5, "a preview keeps nothing"


def test_a_preview_is_refused_like_a_post(app: Flask, clock: FakeClock, paper: Gazette) -> None:
    """To whoever may not write, for what nobody takes; what is short as yet, or the rules refuse, is shown."""
    kiesel = paper.reader("kiesel")
    assert good(preview(kiesel, "x"))["body"] == [["p", "x"]]
    assert good(preview(kiesel, ""))["body"] == []
    assert refused(preview(kiesel, "x" * 10_001), 413, "too_large")["limit"] == 10_000
    assert refused(preview(kiesel, "a\0b"), 400, "malformed")["field"] == "body"
    assert refused(preview(kiesel, "hello", ""), 400, "malformed")["field"] == "article"
    refused(paper.call("POST", "/sites/gazette/preview", {"body": "x"}), 401, "token_missing")
    refused(preview(paper.reader("lapsed", state="lapsed"), "hello"), 403, "not_entitled_lapsed")
    refused(preview(kiesel, "hello", Origin="https://evil.example"), 403, "origin")
    assert preview(kiesel, "hello", Origin=ORIGIN).status_code == 200
    other = Gazette.make(app, clock, "magazine", issuer="https://m.example", origins=("https://m.example",))
    refused(kiesel.call("POST", "/sites/magazine/preview", {"body": "x"}), 404, "not_found")
    refused(kiesel.call("GET", f"{other.article()}/people"), 404, "not_found")
    ban = {"reason": "rude", "until": None, "reject_waiting": False}
    good(paper.desk().call("POST", f"/members/{kiesel.id}/ban", ban))
    refused(preview(kiesel, "hello"), 403, "banned")


def test_previews_are_limited(paper: Gazette, kiesel: Reader) -> None:
    answers = [preview(kiesel, "x").status_code for _ in range(62)]
    assert set(answers[:60]) == {200} and 429 in answers[60:]


def test_mentions_are_of_people_whom_the_thread_shows(paper: Gazette, app: Flask, clock: FakeClock) -> None:
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach", name="Bach")
    gone = paper.reader("gone")
    kiesel.post("here")
    gone.withdraw(gone.post("here, too")["id"])
    gone.post("elsewhere", article="2")
    other = Gazette.make(app, clock, "magazine", issuer="https://m.example", origins=("https://m.example",))
    other.reader("stranger").post("on another site")
    body = bach.post("@kiesel @gone @stranger @bach")["body"]
    assert body == [["p", mention(kiesel, "@kiesel"), " @gone @stranger @bach"]]
    again = bach.post("@bach @KIESEL")  # by now the thread shows who writes
    assert again["body"] == [["p", mention(bach, "@bach"), " ", mention(kiesel, "@KIESEL")]]
    edited = good(bach.edit(again["id"], "`@bach` and @kiesel, anew"))
    assert edited["body"] == [["p", ["code", "@bach"], " and ", mention(kiesel, "@kiesel"), ", anew"]]
    for answer in (paper.page(), {"comments": [paper.get(f"/comments/{again['id']}/context")["comments"][0]]}):
        found = next(one for one in answer["comments"] if one["id"] == again["id"])
        assert found["body"] == edited["body"]


def test_of_two_with_one_name_it_is_who_is_answered_else_who_came_first(paper: Gazette) -> None:
    first, second = paper.reader("one", name="Linde"), paper.reader("two", name="LINDE")
    lookalike = paper.reader("three", name="Lіnde")  # its second letter is Cyrillic
    for reader in (lookalike, second, first):
        reader.post("hello")
    bach = paper.reader("bach")
    assert bach.post("@linde says")["body"] == [["p", mention(first, "@linde"), " says"]]
    root = second.post("asked?")["id"]
    assert bach.post("@Linde yes", root)["body"] == [["p", mention(second, "@Linde"), " yes"]]


def test_people_of_the_thread_by_the_beginning_of_their_names(paper: Gazette, kiesel: Reader) -> None:
    bach = paper.reader("bach", name="Kies & Sand")
    root = kiesel.post("root")["id"]
    paper.reader("reply", name="KIESELSTEIN").post("a reply", root)
    paper.reader("elsewhere", name="Kieselgur").post("elsewhere", article="2")
    waiting = paper.reader("waiting", name="Kieserit")
    waiting.withdraw(waiting.post("soon gone")["id"])
    assert names(bach) == ["Kiesel am Bach"], "who began something"
    assert sorted(names(bach, "KIESEL")) == ["KIESELSTEIN", "Kiesel am Bach"]
    assert names(bach, "kiesel  am") == ["Kiesel am Bach"]
    assert names(bach, "kies%") == names(bach, "_") == names(bach, "a\x00") == []
    bach.post("me, too")
    assert "Kies & Sand" not in names(bach, "kies"), "oneself is not offered"
    person = people(bach, "kiesel a")[0]
    assert person == {"id": kiesel.id, "name": "Kiesel am Bach", "badges": [], "avatar": None}
    refused(paper.call("GET", f"{paper.article()}/people"), 401, "token_missing")
    assert good(kiesel.call("GET", f"{paper.article('nobody-wrote')}/people"))["people"] == []


def test_at_most_eight_people(paper: Gazette, kiesel: Reader) -> None:
    root = kiesel.post("root")["id"]
    for number in range(10):
        paper.reader(f"many-{number}", name=f"Many {number}").post("hello", root if number % 2 else None)
    assert len(names(kiesel, "many")) == 8 and len(names(kiesel)) == 5


def test_people_are_for_whoever_may_read(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, "closed", read="subscribers", write="registered")
    lapsed = paper.reader("lapsed", state="lapsed")
    refused(lapsed.call("GET", f"{paper.article()}/people"), 403, "subscribers_only")
