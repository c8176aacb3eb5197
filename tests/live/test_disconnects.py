"""A hundred cuts at any moment while people write: every reader ends with all of the thread, nothing twice."""

import contextlib
import random
import threading
from dataclasses import dataclass, field

import pytest
import websocket

from tests.live.conftest import Desk
from tests.live.paper import Member
from tests.live.sockets import Cut, Line
from tests.servers import wait_until

READERS, CUTS, WRITERS, EACH = 20, 100, 3, 80
POSTS = WRITERS * EACH


@dataclass
class Reader(threading.Thread):
    """Follows as the widget does: comes back with the seq that it has, and takes only what continues it."""

    desk: Desk
    chance: random.Random
    cuts: int = 0
    seq: int = 0
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0

    def __hash__(self) -> int:
        return id(self)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        while self.seq < POSTS and not self.wrong:
            line = self.desk.follow("news", after=self.seq)
            leaves_after = self.chance.randrange(1, 3) if self.cuts else 10**9
            with contextlib.suppress(Cut, websocket.WebSocketException, OSError):
                self._read(line, leaves_after)
            if self.cuts and self.seq < POSTS:
                self.cuts -= 1
                self._cut(line)

    def _read(self, line: Line, batches: int) -> None:
        while batches and self.seq < POSTS:
            data = line.wait("thread.batch", within=20).data
            if data["after"] > self.seq:
                self.wrong.append(f"stood at {self.seq}, was told what came after {data['after']}")
                return
            self.seq, batches = data["seq"], batches - 1
            ids = [one["comment"]["id"] for one in data["changes"] if one["kind"] == "added"]
            self.seen += [one for one in ids if one not in self.seen]  # what overlaps is known by its id, as on a page

    def _cut(self, line: Line) -> None:
        """With a word, without one, or in the middle of a question."""
        how = self.chance.randrange(3)
        with contextlib.suppress(OSError, websocket.WebSocketException):
            if how == 0:
                line.socket.send("1")
            elif how == 1:
                line.socket.sock.sendall(b"\x81\xfe\x10")
            line.close()


@pytest.mark.parametrize("seed", [1])
def test_after_a_hundred_cuts_everybody_has_all_of_it(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    readers = [Reader(desk, random.Random(chance.random()), CUTS // READERS) for _ in range(READERS)]
    members = [desk.paper.member(f"writer-{number}") for number in range(WRITERS)]
    for reader in readers:
        reader.start()
    written: list[str] = []

    def write(member: Member) -> None:
        for number in range(EACH):
            written.append(member.post("news", f"{member.sub} {number}")["id"])

    writers = [threading.Thread(target=write, args=[member]) for member in members]
    for thread in writers:
        thread.start()
    for thread in (*writers, *readers):
        thread.join(60)
    assert [reader.wrong for reader in readers if reader.wrong] == []
    wait_until(lambda: all(not reader.is_alive() for reader in readers), "the readers to have all of it")
    left = sum(reader.cuts for reader in readers)
    print(f"{CUTS - left} cuts of {READERS} readers under {POSTS} posts")
    assert left <= CUTS // 4, "there were cuts enough"
    order = sorted(written, key=int)
    for reader in readers:
        assert (reader.seq, sorted(reader.seen, key=int)) == (POSTS, order), "all of it, nothing twice"
