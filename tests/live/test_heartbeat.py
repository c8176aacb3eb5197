"""The heartbeat of all sockets: who answers stays, who does not is cut in time, and pings are spread."""

import itertools
import time
from collections import Counter

import gevent
import pytest

from comments.live.engine import Session
from comments.live.heartbeat import SLOTS, Heartbeat
from tests.live.wires import NewWire, until

INTERVAL, TIMEOUT = 0.5, 0.3  # seconds, in place of 25 and 20


def test_who_answers_stays_and_who_is_silent_is_cut_in_time(new_wire: NewWire) -> None:
    heartbeat = Heartbeat(INTERVAL, TIMEOUT)
    beating = gevent.spawn(heartbeat.run)
    (wire, living), (silent_wire, silent) = new_wire(), new_wire()
    answering, deaf = Session("answering", wire), Session("deaf", silent_wire)
    heartbeat.add(answering)
    heartbeat.add(deaf)
    pings: list[float] = []

    def answer() -> None:
        while not living.at_end:
            living.read()
            if len(living.texts) > len(pings):
                pings.append(time.monotonic())
                answering.answers = True

    reader = gevent.spawn(answer)
    silent.read()
    asked = time.monotonic()
    silent.read_to_the_end()
    took = time.monotonic() - asked
    assert silent.texts[0] == "2"
    assert took >= TIMEOUT * 0.9, "they had their time to answer"
    until(lambda: len(pings) >= 4, "more heartbeats of the living")
    assert not living.at_end and wire._is_open
    assert living.texts == ["2"] * len(living.texts)
    assert min(after - before for before, after in itertools.pairwise(pings)) > INTERVAL * 0.5
    wire.cut()
    reader.join()
    beating.kill()


def test_who_left_is_neither_pinged_nor_kept(new_wire: NewWire) -> None:
    heartbeat = Heartbeat()
    wire, far = new_wire()
    session = Session("gone", wire)
    heartbeat.add(session)
    heartbeat.remove(session)
    for number in range(2 * SLOTS):
        heartbeat.beat(number)
    wire.cut()
    far.read_to_the_end()
    assert far.texts == []
    assert not any(heartbeat._slots)


def test_many_who_come_together_are_not_pinged_together(new_wire: NewWire) -> None:
    heartbeat = Heartbeat()
    wire, _ = new_wire()
    for number in range(10_000):
        heartbeat.add(Session(str(number), wire))
    sizes = [len(slot) for slot in heartbeat._slots]
    assert sum(sizes) == 10_000
    assert max(sizes) < 4 * 10_000 / SLOTS, Counter(sizes)


@pytest.mark.parametrize("late", [1, 5, SLOTS])
def test_a_process_that_was_busy_does_not_cut_everybody(new_wire: NewWire, late: int) -> None:
    """What could not be pinged in time is not missed: beats are put off, not made up for."""
    heartbeat = Heartbeat(INTERVAL, TIMEOUT)
    wire, far = new_wire()
    session = Session("patient", wire)
    heartbeat.add(session)
    beating = gevent.spawn(heartbeat.run)
    gevent.sleep(0)
    time.sleep(INTERVAL / SLOTS * late)  # the whole process stands still
    until(lambda: far.read() or bool(far.texts), "a ping")
    assert wire._is_open
    beating.kill()
