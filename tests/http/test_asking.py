"""A question to the database in a thread: kept for a while, waited for only so long, never told when it is stale."""

import threading
from collections.abc import Iterator

from comments.http.asking import Asking


def test_an_answer_is_kept() -> None:
    answers: Iterator[int] = iter(range(9))
    asking = Asking(lambda: next(answers), kept=60, patience=5)
    assert [asking.answer(), asking.answer()] == [0, 0]


def test_nobody_waits_for_what_hangs_and_one_asks() -> None:
    goes_on, asked = threading.Event(), []

    def ask() -> int:
        asked.append(1)
        goes_on.wait(10)
        return 7

    asking = Asking(ask, kept=60, patience=0.01)
    assert [asking.answer(), asking.answer(), len(asked)] == [None, None, 1]
    goes_on.set()
    while (found := asking.answer()) is None:
        pass
    assert (found, len(asked)) == (7, 1)


def test_a_question_that_fails_has_no_answer() -> None:
    answers = iter([7])
    asking = Asking(lambda: next(answers), kept=0, patience=5)
    assert [asking.answer(), asking.answer()] == [7, None]
