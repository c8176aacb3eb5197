"""What strangers say on our channel of Redis: it is JSON of one shape or nothing, moves nobody to more than a look into
the database, and a flood of it holds nobody. Nothing is ever unpickled.
"""

import ast
import json
import os
import pickle
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from comments.live.bus import CHANNEL, LARGEST, Bus, Hints
from tests.conftest import Environ
from tests.live.conftest import Desk, second_process
from tests.live.paper import Paper, over_http
from tests.served import Served
from tests.servers import wait_until

HUGE = 2**63 - 1
TAKES_CODE = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "jsonpickle"}


@pytest.mark.parametrize(
    "said",
    [
        b"", b"{}", b"null", b"[]", b"\x80\x04\x95", b"\xff\xfe", b'{"sender":1}', b'{"sender":"x","articles":[]}',
        b'{"sender":"x","articles":{"a":[1,2]}}', b'{"sender":"x","articles":{"1":[1]}}', b"[" * 100_000,
        b'{"sender":"x","articles":{"1":[-1,2]}}', b'{"sender":"x","members":["1"]}', b'{"sender":"x","members":[1.5]}',
        b'{"sender":"x","members":[9223372036854775808]}', b'{"sender":"x","queues":null}',
        b'{"sender":"' + b"x" * 33 + b'"}', b'{"sender":"x","present":{"1":-1}}', b'{"sender":"x","present":{"1":1e9}}',
        b'{"sender":"x","members":[' + b"1," * LARGEST + b"1]}", b'{"sender":"x","members":[1]} trailing',
    ],
)  # fmt: skip
def test_what_is_not_of_our_shape_is_not_delivered(said: bytes) -> None:
    heard: list[Hints] = []
    bus = Bus(None, heard.append)
    bus._receive(said)
    assert heard == []
    bus._receive(b'{"sender":"another","members":[7]}')
    assert [hints.members for hints in heard] == [[7]]


def test_what_the_next_version_adds_is_left_aside() -> None:
    heard: list[Hints] = []
    Bus(None, heard.append)._receive(b'{"sender":"another","members":[7],"of_the_next_version":[{"deep":1}]}')
    assert [hints.members for hints in heard] == [[7]]


class Speaking(Bus):
    """Says it to the test."""

    def __init__(self, redis_url: str) -> None:
        super().__init__(redis_url)
        self.said: list[bytes] = []

    def _send(self, data: bytes) -> None:
        self.said.append(data)


def test_a_hint_that_grew_too_large_is_left_to_the_journal() -> None:
    bus = Speaking("redis://nowhere")
    bus._tell_others(Hints("x", changed_articles=list(range(10**9, 10**9 + LARGEST // 10))))
    bus._tell_others(Hints("x", changed_articles=[1]))
    assert [len(data) < 200 for data in bus.said] == [True]


def test_no_module_of_ours_can_unpickle() -> None:
    package = Path(__file__).resolve().parent.parent.parent / "comments"
    for path in package.rglob("*.py"):
        if "node_modules" not in path.parts:
            names = {
                name.split(".")[0]
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in (
                    [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                )
            }
            assert not names & TAKES_CODE, path


def test_the_librarys_managers_that_unpickle_are_not_ours_nor_in_the_limits() -> None:
    """In a process of its own, as the modules that are loaded matter."""
    script = """
import inspect, limits, socketio, limits.storage.redis
from comments.live.rooms import Rooms
assert not issubclass(Rooms, socketio.PubSubManager)
sources = inspect.getsource(limits.storage.redis) + inspect.getsource(limits.strategies)
assert "pickle" not in sources and "marshal" not in sources
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


class Planted:
    """Leaves a file behind wherever it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.path),))


@dataclass
class Stage:
    desk: Desk
    stranger: Any
    service: Served


@pytest.fixture
def stage(served: Callable[..., Served], environ: Environ, redis_url: str) -> Iterator[Stage]:
    service = served(COMMENTS_REDIS_URL=redis_url)
    with second_process(environ) as database, redis.Redis.from_url(redis_url) as stranger:
        desk = Desk(service.url, Paper.found(over_http(service.url), database))
        wait_until(desk.is_known, "the service to know the site's origin")
        ready = lambda: desk.paper.call("GET", "/readyz").expect(200)["redis"] == "heard"  # noqa: E731
        wait_until(ready, "Redis")
        yield Stage(desk, stranger, service)
        desk.close()


def forged(**said: Any) -> bytes:
    return json.dumps({"sender": secrets.token_hex(4)} | said).encode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_strangers_move_nobody_to_more_than_a_look(stage: Stage, tmp_path: Path) -> None:
    desk, other = stage.desk, Paper.found(over_http(stage.desk.url), stage.desk.paper.database)
    anna, bert = desk.paper.member("anna"), other.member("bert")
    _, theirs = anna.post("news", "Ours."), bert.post("secret", "beware: only bert may see this")
    line, own = desk.follow("news", after=1), desk.follow("news", anna, after=1)
    trap = tmp_path / "unpickled"
    for channel in (CHANNEL, "socketio", "flask-socketio"):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            stage.stranger.publish(channel, pickle.dumps(Planted(trap), protocol))
    many = list(range(1, 20_000))
    for said in (
        b"garbage", b"{}", os.urandom(1_000), b"[" * 50_000, b"x" * (8 * 1024 * 1024),
        forged(articles={str(one): [0, HUGE] for one in many}), forged(articles={"1": [HUGE, 0]}),
        forged(own=[[int(anna.id), one, one] for one in many[:5000]]), forged(own=[[HUGE, HUGE, HUGE]]),
        forged(own=[[int(anna.id), int(theirs["id"]), int(theirs["id"])]]), forged(changed_articles=many),
        forged(queues=[*many, HUGE]), forged(claims=[[1, one] for one in many]), forged(claims=[[HUGE, HUGE]]),
        forged(members=[one for one in many if one != int(anna.id)]),
        *(forged(present={str(one): 3 for one in many}) for _ in range(12)),
    ):  # fmt: skip
        stage.stranger.publish(CHANNEL, said)
    posted = anna.post("news", "And life goes on.")
    for one in (line, own):
        one.batch_with(posted["id"], "added")
        assert set(one.names()) <= {"thread.batch", "presence", "mine.changed", "article.changed", "queue.counts"}
        for leak in (other.key, "secret", "only bert", f'"comment_id": "{theirs["id"]}"'):
            assert leak not in json.dumps([event.data for event in one.events])
        news = [event.data for event in one.events if event.name == "thread.batch"]
        assert [(data["after"], data["seq"]) for data in news] == [(1, 2)], "nothing is told again"
    assert not trap.exists(), "something was unpickled"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_flood_of_strangers_holds_nobody(stage: Stage) -> None:
    """Ten thousand messages a second, some of them hints: posts are answered and told meanwhile."""
    anna = stage.desk.paper.member("anna")
    line = stage.desk.follow("news", after=0)
    some = [b"garbage", forged(articles={"1": [0, 1]}), forged(members=[5]), forged(present={"1": 3})]
    pipe = stage.stranger.pipeline(transaction=False)
    longest, sent, began = 0.0, 0, time.monotonic()
    while time.monotonic() - began < 3:
        for number in range(1000):
            pipe.publish(CHANNEL, some[number % len(some)])
        pipe.execute()
        sent += 1000
        asked = time.monotonic()
        posted = anna.post("news", f"Number {sent}.")
        line.batch_with(posted["id"], "added", within=5)
        longest = max(longest, time.monotonic() - asked)
    rate = sent / (time.monotonic() - began)
    print(f"{sent} messages, {rate:.0f} a second; the longest that a post took to its reader: {longest:.2f} s")
    assert longest < 3
    assert "too much comes over" in stage.service.log()
    assert sum("was not one of ours" in text for text in stage.service.log().splitlines()) <= 1, "the log is not filled"
