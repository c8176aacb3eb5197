"""A wire: whole frames in their order to whoever reads in pieces, an end for whoever does not read, nobody waits."""

import random
import time

import gevent

from comments.live.frames import text_frame
from comments.live.wire import Wire
from tests.live.wires import NewWire, until


class Hasty(Wire):
    """Gives readers less time than ours do."""

    __slots__ = ()
    longest_behind = 0.2


def test_frames_stay_whole_and_in_order_for_a_reader_who_takes_little_at_a_time(new_wire: NewWire) -> None:
    wire, far = new_wire()
    chance = random.Random(7)
    texts = [f"{number} " + "x" * chance.choice((0, 1, 500, 5_000, 70_000)) for number in range(120)]
    sent = iter(texts)

    def write() -> None:
        """Several at once and from several places, as events, answers and pings are."""
        for text in sent:
            wire.send(text_frame(text))
            if wire.behind > 700_000:  # a megabyte is a cut
                until(lambda: wire.behind < 700_000, "the reader to have taken something")
            if chance.random() < 0.4:
                gevent.sleep(0)

    writers = [gevent.spawn(write) for _ in range(3)]
    was_behind = 0
    while len(far.texts) < len(texts):
        far.read(chance.choice((1, 100, 3_000, 50_000)))
        was_behind = max(was_behind, wire.behind)
        assert wire._is_open
        gevent.sleep(0)
    gevent.joinall(writers, raise_error=True)
    assert far.texts == texts
    assert was_behind > 100_000, "the reader was slow enough for a backlog"
    assert wire.behind == 0
    wire.send(text_frame("and on"))
    until(lambda: far.read() or far.texts[-1] == "and on", "the next one")


def test_who_does_not_read_is_cut_at_a_megabyte_and_holds_nobody(new_wire: NewWire) -> None:
    (deaf, far), (other, ear) = new_wire(), new_wire(buffer=262_144)
    event = text_frame("x" * 50_000)
    most, count = 0, 0
    while far.sock and count < 100:
        deaf.send(event)
        most, count = max(most, deaf.behind), count + 1
        if not deaf._is_open:
            break
        other.send(event)
        until(lambda: ear.read() or len(ear.texts) == count, "the other reader to have it")  # noqa: B023
    assert not deaf._is_open
    assert 900_000 < most <= Wire.most_behind
    assert deaf.behind == 0, "nothing is kept for whom is gone"
    far.read_to_the_end()
    assert set(far.texts) <= {"x" * 50_000}, "what they got was whole"
    other.send(event)
    until(lambda: ear.read() or len(ear.texts) == count, "the other reader to go on")


def test_one_message_may_be_larger_than_the_bound(new_wire: NewWire) -> None:
    wire, far = new_wire()
    wire.send(text_frame("y" * 3_000_000))
    until(lambda: far.read() or bool(far.texts), "the large message")
    assert far.texts == ["y" * 3_000_000]


def test_many_tiny_frames_are_bounded_too(new_wire: NewWire) -> None:
    wire, _ = new_wire()
    wire.send(text_frame("y" * 900_000))
    for _ in range(Wire.most_waiting + 1):
        wire.send(text_frame(""))
    assert not wire._is_open


def test_who_takes_nothing_for_long_is_cut(new_wire: NewWire) -> None:
    wire, far = new_wire(Hasty)
    began = time.monotonic()
    while not wire.behind:
        wire.send(text_frame("x" * 10_000))
    until(lambda: not wire._is_open, "the cut")
    assert time.monotonic() - began >= Hasty.longest_behind
    far.read_to_the_end()


def test_writing_to_somebody_who_is_gone_says_nothing(new_wire: NewWire) -> None:
    wire, far = new_wire()
    far.sock.close()
    for _ in range(100):
        wire.send(text_frame("x" * 10_000))
        gevent.sleep(0)
    assert wire.receive() == b""
