"""Many at once against a real server, on both engines: one key is one comment, and no rule can be raced."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from comments.storage.sites import site_by_id
from comments.storage.transaction import system_clock
from tests.configuring import configure
from tests.gazette import API, ISSUER, PRODUCT, Gazette, sign
from tests.served import Served

Answer = tuple[int, Any]


@dataclass
class Paper:
    """A newspaper of a service that runs as an operator runs it."""

    url: str

    def call(self, method: str, path: str, body: Any, token: str | None = None, key: str = "k") -> Answer:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"{self.url}{API}{path}", json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def signed(self, sub: str) -> str:
        now = int(time.time())
        ent = [{"product": PRODUCT, "state": "active", "exp": now + 9000}]
        claims = {"iss": ISSUER, "aud": "gazette", "sub": sub, "iat": now, "exp": now + 600, "jti": sub, "ent": ent}
        return sign(claims | {"name": sub})

    def access(self, sub: str) -> str:
        status, opened = self.call("POST", "/session", {"site": "gazette", "token": self.signed(sub)})
        assert status == 200, opened
        return str(opened["access_token"])

    def total(self) -> int:
        return int(self.call("GET", "/sites/gazette/articles/1/comments", None)[1]["total"])


@pytest.fixture
def gazette(app: Flask) -> Gazette:
    """Its site, written by this process into the database of the served one."""
    return Gazette.make(app, system_clock, write="registered")


@pytest.fixture
def paper(gazette: Gazette, served: Callable[..., Served]) -> Paper:
    return Paper(served().url)


def at_once(number: int, ask: Callable[[int], Answer]) -> list[Answer]:
    """The answers of as many threads that begin at the same moment."""
    answers: list[Answer] = []
    barrier = threading.Barrier(number)

    def run(mine: int) -> None:
        barrier.wait()
        answers.append(ask(mine))

    threads = [threading.Thread(target=run, args=(mine,)) for mine in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == number
    return answers


COMMENTS_OF_1 = "/sites/gazette/articles/1/comments"


def test_nothing_can_be_raced(paper: Paper, gazette: Gazette) -> None:
    """One server, one story after the other: the start of a service is what costs."""
    _one_key_is_one_comment(paper)
    _one_key_with_other_words(paper)
    _a_first_token_makes_one_member(paper)
    _a_first_comment_makes_one_article(paper)
    _reactions_are_counted_once(paper)
    _names_are_given_once(paper)
    _configure(gazette, pace_seconds=600)
    _only_one_passes(paper, "pace", "number {n}")
    _configure(gazette, pace_seconds=0, repeat_hours=24)
    _only_one_passes(paper, "repeat", "the same words")


def _one_key_is_one_comment(paper: Paper) -> None:
    token = paper.access("kiesel")
    answers = at_once(20, lambda _: paper.call("POST", COMMENTS_OF_1, {"body": "only once"}, token, "the-key"))
    assert Counter(status for status, _ in answers) == {201: 1, 200: 19}
    assert len({comment["id"] for _, comment in answers}) == 1
    assert paper.total() == 1


def _one_key_with_other_words(paper: Paper) -> None:
    token = paper.access("kiesel")
    answers = at_once(20, lambda n: paper.call("POST", COMMENTS_OF_1, {"body": f"number {n}"}, token, "another-key"))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 19}
    assert {problem["code"] for status, problem in answers if status == 409} == {"idempotency_key_reused"}
    assert paper.total() == 2


def _a_first_token_makes_one_member(paper: Paper) -> None:
    signed = paper.signed("newcomer")
    answers = at_once(12, lambda _: paper.call("POST", "/session", {"site": "gazette", "token": signed}))
    assert [status for status, _ in answers] == [200] * 12
    assert len({opened["viewer"]["id"] for _, opened in answers}) == 1


def _a_first_comment_makes_one_article(paper: Paper) -> None:
    tokens = [paper.access(f"writer {number}") for number in range(8)]
    path = "/sites/gazette/articles/fresh/comments"
    answers = at_once(8, lambda n: paper.call("POST", path, {"body": f"number {n}"}, tokens[n]))
    assert [status for status, _ in answers] == [201] * 8
    page = paper.call("GET", f"{path}?limit=50", None)[1]
    assert (page["total"], page["seq"], len(page["comments"])) == (8, 8, 8)
    assert sorted(comment["seq"] for comment in page["comments"]) == list(range(1, 9)), "no gap, none twice"


def _reactions_are_counted_once(paper: Paper) -> None:
    comment = paper.call("POST", COMMENTS_OF_1, {"body": "like me"}, paper.access("kiesel"), "liked")[1]["id"]
    tokens = [paper.access(f"writer {number}") for number in range(6)]
    path = f"/comments/{comment}/reactions/recommend"
    answers = at_once(18, lambda n: paper.call("PUT", path, None, tokens[n % 6]))
    assert [status for status, _ in answers] == [200] * 18
    assert max(answer["reactions"]["recommend"] for _, answer in answers) == 6
    assert paper.call("PUT", path, None, tokens[0])[1]["reactions"] == {"recommend": 6}


def _names_are_given_once(paper: Paper) -> None:
    tokens = [paper.access(f"writer {number}") for number in range(8)]
    answers = at_once(8, lambda n: paper.call("PATCH", "/me", {"name": "The One"}, tokens[n]))
    assert Counter(status for status, _ in answers) == {200: 1, 409: 7}


def _configure(gazette: Gazette, **change: int) -> None:
    with gazette.database.transaction() as tx:
        configure(tx, site_by_id(tx.conn, gazette.id), change)


def _only_one_passes(paper: Paper, rule: str, words: str) -> None:
    """Twenty at once are one comment and nineteen refusals."""
    token, before = paper.access(f"hasty {rule}"), paper.total()
    answers = at_once(
        20, lambda n: paper.call("POST", COMMENTS_OF_1, {"body": words.format(n=n)}, token, f"{rule} {n}")
    )
    assert Counter(status for status, _ in answers) == {201: 1, 422: 19}
    assert {problem["code"] for status, problem in answers if status == 422} == {rule}
    assert paper.total() == before + 1
