"""Following threads and comments: what is new in them is counted when one asks."""

from typing import Any

import pytest
from flask import Flask

from comments.actions import follows as actions
from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good, refused


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def bach(paper: Gazette) -> Reader:
    return paper.reader("bach")


def follow(reader: Reader, what: str, method: str = "PUT") -> Any:
    return reader.call(method, f"{what}/follow")


def test_a_thread_and_a_comment_are_followed_and_let_go(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    assert bach.mine()["follows"] == {"article": False, "comments": []}
    for _ in range(2):  # once more changes nothing
        assert good(follow(bach, paper.article())) == {"following": True}
        assert good(follow(bach, f"/comments/{root}")) == {"following": True}
        assert bach.mine()["follows"] == {"article": True, "comments": [root]}
    assert bach.mine("2")["follows"] == kiesel.mine()["follows"] == {"article": False, "comments": []}
    for _ in range(2):
        assert good(follow(bach, f"/comments/{root}", "DELETE")) == {"following": False}
        assert bach.mine()["follows"] == {"article": True, "comments": []}
    assert good(follow(bach, paper.article(), "DELETE")) == {"following": False}
    assert bach.mine()["follows"] == {"article": False, "comments": []}


def test_a_thread_is_followed_before_anybody_wrote(paper: Gazette, bach: Reader) -> None:
    assert good(follow(bach, paper.article("new"), "DELETE")) == {"following": False}
    assert good(follow(bach, paper.article("new"))) == {"following": True}
    assert bach.mine("new")["follows"]["article"] is True
    assert paper.page("new")["total"] == 0


def test_who_may_not(paper: Gazette, app: Flask, clock: FakeClock, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    refused(paper.call("PUT", f"{paper.article()}/follow"), 401, "token_missing")
    refused(paper.call("PUT", f"/comments/{root}/follow"), 401, "token_missing")
    refused(bach.call("PUT", f"{paper.article()}/follow", Origin="https://evil.example"), 403, "origin")
    other = Gazette.make(app, clock, "magazine", issuer="https://m.example", origins=("https://m.example",))
    stranger = other.reader("stranger")
    refused(follow(stranger, paper.article()), 404, "not_found")
    refused(follow(stranger, f"/comments/{root}"), 404, "not_found")
    refused(follow(bach, "/comments/999"), 404, "not_found")
    refused(follow(bach, "/comments/x"), 404, "not_found")
    closed = Gazette.make(app, clock, "closed", issuer="https://c.example", read="subscribers", write="registered")
    refused(follow(closed.reader("lapsed", state="lapsed"), closed.article()), 403, "subscribers_only")
    good(follow(bach, f"/comments/{root}"))
    kiesel.withdraw(root)
    refused(follow(kiesel, f"/comments/{root}"), 404, "not_found")
    assert good(follow(bach, f"/comments/{root}", "DELETE")) == {"following": False}


def test_so_many_and_no_more(paper: Gazette, bach: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST", 2)
    for key in ("1", "2", "1"):
        good(follow(bach, paper.article(key)))
    problem = refused(follow(bach, paper.article("3")), 409, "too_many_follows")
    assert problem["limit"] == 2 and "let some go" in problem["message"]
    assert paper.desk().get("/sites/gazette/articles")["articles"] != [] and bach.mine("3")["seq"] == 0
    good(follow(bach, paper.article("2"), "DELETE"))
    good(follow(bach, paper.article("3")))


@pytest.mark.environ(COMMENTS_REACTIONS_PER_MINUTE="3")
def test_following_is_limited_like_reactions(paper: Gazette, bach: Reader) -> None:
    assert [follow(bach, paper.article()).status_code for _ in range(4)] == [200, 200, 200, 429]
