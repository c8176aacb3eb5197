"""A worker that is killed at one of its statements; run by workers.py as a process of its own.

Run: python -m benchmarks.chaos.dying STATEMENT SECONDS: before its STATEMENTth statement or commit it kills itself as
kill -9 would (0: never); its clock is SECONDS ahead, so that the leases of those that died before are over. Prints how
many statements there were.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from comments.app import create_app
from comments.jobs.worker import AT_ONCE, Worker
from comments.settings import read_settings
from comments.storage.transaction import system_clock


def main() -> None:
    last, ahead = int(sys.argv[1]), int(sys.argv[2])
    app = create_app(read_settings(), clock=lambda: system_clock() + ahead * 1_000_000)
    database = app.extensions["comments"].database
    count = 0

    def step(*_: Any, **__: Any) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", step)
    event.listen(database.engine, "commit", step)
    worker = Worker(database)
    while worker.work(AT_ONCE):
        pass
    database.engine.dispose()
    print(count)


if __name__ == "__main__":
    main()
