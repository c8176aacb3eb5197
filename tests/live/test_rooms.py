"""Rooms and sessions: the quick way and python-socketio's plain one deliver the same, in an order that holds."""

from typing import Any

import gevent
import msgspec
import pytest
import socketio

from comments.live.engine import Engine, Json, Session
from comments.live.rooms import BREATH, Rooms
from tests.live.wires import Far, NewWire, until

DATA = {"article": "news", "seq": 7, "changes": [{"body": msgspec.Raw(b'[["p","\xc3\xbc<&>"]]')}], "none": None}


class Hall:
    """python-socketio's server with our engine and rooms, and readers who said CONNECT."""

    def __init__(self, new_wire: NewWire) -> None:
        self.new_wire = new_wire
        self.left: list[str] = []
        self.rooms = Rooms(self.left.append)
        self.server = socketio.Server(async_mode="gevent", client_manager=self.rooms, json=Json)
        self.server.eio = self.engine = Engine(self.server.eio, None)
        self.readers: dict[str, Far] = {}

    def enter(self, sid: str, *rooms: str, greets: bool = True) -> Session:
        wire, self.readers[sid] = self.new_wire(buffer=262_144)
        session = self.engine.sockets[sid] = Session(sid, wire)
        self.rooms.pre_connect(sid, "/")
        for room in rooms:
            self.server.enter_room(sid, room)
        if greets:
            session.send('40{"sid":"x"}')
        return session

    def heard(self, sid: str, count: int) -> list[str]:
        far = self.readers[sid]
        until(lambda: len(far.texts) >= count or far.read(), f"{count} packets")
        return far.texts


@pytest.fixture
def hall(new_wire: NewWire) -> Hall:
    return Hall(new_wire)


def test_the_quick_way_and_the_plain_one_deliver_the_same(hall: Hall) -> None:
    for sid, rooms in (("a", ["news", "mine"]), ("b", ["news"]), ("c", [])):
        hall.enter(sid, *rooms)

    def plain(event: str, data: Any, to: str) -> None:
        socketio.Manager.emit(hall.rooms, event, data, "/", room=to)

    for emit in (lambda event, data, to: hall.server.emit(event, data, to=to), plain):
        for room in ("news", "mine", "nobody", "c"):
            emit("thread.batch", DATA, to=room)
        for room in ("news", "a"):
            emit("token.expired", {}, to=room)
    for sid, count in (("a", 4), ("b", 2), ("c", 1)):
        answer, *texts = hall.heard(sid, 1 + 2 * count)
        assert answer == '40{"sid":"x"}'
        assert texts[:count] == texts[count:]
        assert (
            texts[0] == '42["thread.batch",{"article":"news","seq":7,"changes":[{"body":[["p","ü<&>"]]}],"none":null}]'
        )


def test_nothing_comes_before_the_answer_to_connect(hall: Hall) -> None:
    session = hall.enter("a", "news", greets=False)
    with hall.rooms.catching_up("a"):
        hall.server.emit("thread.batch", {"seq": 3}, to="news")
        hall.server.emit("thread.batch", {"seq": 2}, to="a")  # what was missed
    hall.server.emit("thread.batch", {"seq": 4}, to="news")
    session.send('40{"sid":"a"}')
    hall.server.emit("thread.batch", {"seq": 5}, to="news")
    answer, *events = hall.heard("a", 5)
    assert answer == '40{"sid":"a"}'
    assert [msgspec.json.decode(text[2:])[1]["seq"] for text in events] == [2, 3, 4, 5]


def test_what_was_missed_comes_before_what_happens_meanwhile(hall: Hall) -> None:
    hall.enter("a", "news")
    with hall.rooms.catching_up("a"):
        hall.server.emit("thread.batch", {"seq": 3}, to="news")
        hall.server.emit("thread.batch", {"seq": 2}, to="a")
        hall.engine.send("a", '31[{"ok":true}]')  # an answer is not an event: it need not wait
    _, *packets = hall.heard("a", 4)
    assert [text[-2:-1] for text in packets] == ["2", "}", "3"] or [text[:3] for text in packets] == [
        "42[",
        "431",
        "42[",
    ]


def test_a_room_may_change_while_it_is_written_to(hall: Hall) -> None:
    """Who left before their turn hears nothing, who came after the event neither, and nobody hears twice."""
    for number in range(3 * BREATH):
        hall.enter(f"reader-{number}", "news")
    writing = gevent.spawn(hall.server.emit, "thread.batch", {"seq": 1}, to="news")
    gevent.sleep(0)  # the first of them are written to
    gone, unfollowed = f"reader-{3 * BREATH - 1}", f"reader-{3 * BREATH - 2}"
    hall.rooms.disconnect(gone, "/")
    hall.server.leave_room(unfollowed, "news")
    hall.rooms.disconnect("reader-0", "/")
    hall.enter("late", "news")
    writing.join()
    hall.server.emit("thread.batch", {"seq": 2}, to="news")
    for sid in (gone, unfollowed, "reader-0", "late", "reader-5"):
        hall.engine.sockets[sid].send("6")  # a last packet
    both = ['42["thread.batch",{"seq":1}]', '42["thread.batch",{"seq":2}]']
    expected = {gone: [], unfollowed: [], "reader-0": both[:1], "late": both[1:], "reader-5": both}
    for sid, events in expected.items():
        assert hall.heard(sid, len(events) + 2)[1:-1] == events
    assert hall.left == [gone, "reader-0"]
    assert hall.rooms.sizes() == {"news": 3 * BREATH - 2}


def test_others_get_a_turn_while_a_room_is_written_to(hall: Hall) -> None:
    for number in range(3 * BREATH):
        hall.enter(f"reader-{number}", "news")
    turns: list[int] = []
    writing = gevent.spawn(hall.server.emit, "thread.batch", {"seq": 1}, to="news")
    while not writing.dead:
        turns.append(sum(1 for one in hall.readers.values() if one.texts))
        gevent.sleep(0)
    assert len(turns) >= 3


def test_a_second_connect_and_another_namespace_are_refused(hall: Hall) -> None:
    hall.enter("a")
    assert hall.rooms.pre_connect("a", "/") is None
    hall.engine.sockets["b"] = Session("b", hall.new_wire()[0])
    assert hall.rooms.pre_connect("b", "/elsewhere") is None
    assert hall.rooms.pre_connect("b", "/") == "b"
