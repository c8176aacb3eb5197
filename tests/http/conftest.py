"""A newspaper for each test of the API, and a watch over connections: no request may hold two at once."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import FakeClock
from tests.gazette import Gazette

LONG_WORK = "long work"  # a worker's thread, which reads one snapshot and says meanwhile how far it is


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock)


@pytest.fixture(autouse=True)
def one_connection_at_a_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """On SQLite a second connection of one request can wait for the first for ever; on PostgreSQL pools run dry."""
    if "app" not in request.fixturenames:
        yield
        return
    engine = request.getfixturevalue("app").extensions["comments"].database.engine
    held = threading.local()
    most: list[int] = [0]

    def out(*_: Any) -> None:
        held.now = getattr(held, "now", 0) + 1
        if threading.current_thread().name != LONG_WORK:
            most[0] = max(most[0], held.now)

    def back(*_: Any) -> None:
        held.now -= 1

    sa.event.listen(engine, "checkout", out)
    sa.event.listen(engine, "checkin", back)
    yield
    assert most[0] <= 1, "a request held two connections"
