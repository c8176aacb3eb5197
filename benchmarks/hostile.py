"""What others feel while somebody is hostile: connections that say nothing, headers byte by byte, readers who do not
read, frames that are none. The p95 of pages and posts meanwhile against that of quiet moments just before.

The attackers come from many addresses, as far as the service can tell: its limits for one address are off.
"""

import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

from benchmarks.corpus import SEED, Corpus
from benchmarks.installation import SITE, Installation, path_of
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import Person, post, subscribers
from benchmarks.readers import masked
from tests.served import Served

ARTICLE = "1000"
SECONDS, QUIET = 60.0, 15.0  # of each attack, and before it
PAUSE = 0.02  # seconds between two of the others' requests
REOPENED = 35  # connections in a second, of those that were ended: slow attackers, not a flood of requests


@dataclass(slots=True)
class Attack:
    """`count` connections at a time. `opens`: what each sends first, by its number; `goes_on`: what it sends every
    second, nothing where it is silent.
    """

    what: str
    count: int
    opens: Callable[[int], bytes]
    goes_on: Callable[[int], bytes] = lambda _number: b""


@dataclass
class Crowd(threading.Thread):
    """The attackers: nobody of them ever reads an answer; who was cut comes back."""

    port: int
    attack: Attack
    ended: int = 0  # by the service
    _lines: dict[int, socket.socket] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def __hash__(self) -> int:
        return id(self)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        while not self._over.wait(1.0):
            for number, line in list(self._lines.items()):
                if is_ended(line) or not self._say(number, self.attack.goes_on(number)):
                    line.close()
                    del self._lines[number]
                    self.ended += 1
            self._open(REOPENED)

    def _open(self, most: int) -> None:
        missing = [number for number in range(self.attack.count) if number not in self._lines]
        for number in missing[:most]:
            line = socket.socket()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            try:
                line.connect(("127.0.0.1", self.port))
            except OSError:
                line.close()
                continue
            self._lines[number] = line
            self._say(number, self.attack.opens(number))

    def _say(self, number: int, data: bytes) -> bool:
        try:
            self._lines[number].send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    @contextlib.contextmanager
    def there(self) -> Iterator[None]:
        self._open(self.attack.count)
        self.start()
        try:
            yield
        finally:
            self._over.set()
            self.join()
            for line in self._lines.values():
                line.close()


def is_ended(line: socket.socket) -> bool:
    """Looks without taking: the receive buffer of a reader who does not read stays as it is."""
    try:
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def attacks(setup: Installation, seq: int, person: Person) -> list[Attack]:
    many = setup.pick(500, 20)
    host, origin = f"Host: localhost:{setup.port}\r\n", f"Origin: {setup.page_origin}\r\n"
    upgrade = (
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n{host}{origin}Connection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()
    hello = masked(("40" + json.dumps({"site": SITE, "article": ARTICLE, "after": seq})).encode())
    begun = f"GET {path_of(ARTICLE)} HTTP/1.1\r\n{host}X-Slow: ".encode()
    page = f"GET {path_of(ARTICLE)} HTTP/1.1\r\n{host}\r\n".encode()
    kind = f"Content-Type: application/json\r\nContent-Length: 9999\r\nAuthorization: Bearer {person.access}\r\n"
    send = f"POST {path_of(ARTICLE)} HTTP/1.1\r\n{host}{origin}{kind}\r\n"
    chance = random.Random(SEED)
    silent = (b"", begun, upgrade)
    return [
        Attack(f"{2 * many} connections that say nothing", 2 * many, lambda number: silent[number % 3]),
        Attack(f"{many} that send headers byte by byte", many, lambda _: begun, lambda _: b"x"),
        Attack(f"{many} that send bodies byte by byte", many, lambda _: send.encode(), lambda _: b" "),
        Attack(
            f"{many} that never read", many, lambda number: upgrade + hello if number % 2 else page * 10
        ),
        Attack(
            f"{many // 5} that send garbage", many // 5, lambda number: upgrade + hello * (number % 2),
            lambda _: chance.randbytes(2_000),
        ),
    ]  # fmt: skip


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    bodies = corpus.bodies()
    with setup.serving() as served:
        people = subscribers(setup, served, 4)
        with urlopen(served.url + path_of(ARTICLE), timeout=10) as answer:
            seq = json.load(answer)["seq"]
        others(served, people, bodies, setup.pick(5, 0.5))  # nobody's first request is measured
        for attack in attacks(setup, seq, people[0]):
            quiet = others(served, people, bodies, setup.pick(QUIET, 0.5))
            crowd = Crowd(setup.port, attack)
            with crowd.there():
                meanwhile = others(served, people, bodies, setup.pick(SECONDS, 1.5))
            for what, taken in meanwhile.items():
                before, now = percentile(quiet[what], 95), percentile(taken, 95)
                figure = Figure(part="hostile", what=f"{attack.what}: p95 of {what}", unit="×", rounds=[now / before])
                figure.extra = {"before": before, "meanwhile": now, "of": len(taken), "ended": crowd.ended}
                yield at_most(figure, 2.0, "≤ 2")


def others(served: Served, people: list[Person], bodies: list[str], seconds: float) -> dict[str, list[float]]:
    """Pages and posts of those who behave, one after the other: milliseconds each. Raises if one is not answered."""
    taken: dict[str, list[float]] = {"pages": [], "posts": []}
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        began = time.perf_counter()
        with urlopen(Request(served.url + path_of(ARTICLE)), timeout=10) as answer:
            answer.read()
        read = time.perf_counter()
        person = people[number % len(people)]
        post(served.url, path_of(ARTICLE), {"body": bodies[number % len(bodies)]}, person.headers())
        taken["pages"].append((read - began) * 1000)
        taken["posts"].append((time.perf_counter() - read) * 1000)
        number += 1
        time.sleep(PAUSE)
    return taken
