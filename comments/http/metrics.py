"""GET /metrics for the operator's Prometheus. Without COMMENTS_METRICS_TOKEN it does not exist; nobody else's answer
differs from that of an address that is not there.
"""

import hmac
import shutil
import time
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request

from comments import __version__
from comments.core.errors import CommentsError, NotFound
from comments.http.asking import Asking
from comments.http.request import Parts, authorization, parts
from comments.seen import counted
from comments.seen.exposition import expose
from comments.seen.sharing import Sharing
from comments.storage.depths import Depths, count_parked, read_depths
from comments.storage.transaction import Database

blueprint = Blueprint("metrics", __name__)
KEPT, PARKED_KEPT = 5.0, 60.0  # seconds; what is counted in the database
PATIENCE = 2.0  # seconds that a scrape waits for the database


def is_operator() -> bool:
    """Whether this request has the operator's token."""
    token = parts().settings.metrics_token
    scheme, _, given = authorization().partition(" ")
    sent = given.strip().encode("utf-8", "surrogateescape")
    return token is not None and scheme.lower() == "bearer" and hmac.compare_digest(sent, token)


@blueprint.get("/metrics")
def metrics() -> Response:
    if not is_operator():
        raise NotFound("address")
    sharing: Sharing = current_app.extensions.get("comments_sharing") or Sharing()
    asking: Any = current_app.extensions.get("comments_depths")
    if asking is None:
        asking = current_app.extensions["comments_depths"] = Asking(Counting(parts().database), KEPT, PATIENCE)
    _tell(asking.answer())
    _tell_disk(parts())
    body, content_type = expose(sharing.total(), request.headers.get("Accept", ""))
    return Response(body, content_type=content_type, headers={"Cache-Control": "no-store"})


class Counting:
    """What the database says of queues and jobs; parked ones are counted more rarely."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._parked, self._asked_parked = 0, float("-inf")

    def __call__(self) -> tuple[Depths, int] | None:
        try:
            with self._database.read() as conn:
                found = read_depths(conn, self._database.clock())
                if time.monotonic() - self._asked_parked >= PARKED_KEPT:
                    self._parked, self._asked_parked = count_parked(conn), time.monotonic()
        except CommentsError:  # it was logged
            return None
        return found, self._parked


def _tell(told: tuple[Depths, int] | None) -> None:
    """Have the gauges tell what is known now; a scrape is answered also while the database is not."""
    counted.DATABASE_UP.collect = lambda: [((), told is not None)]
    counted.BUILD.collect = lambda: [((__version__,), 1)]
    found, parked = told or (None, 0)
    lengths, oldest, due = ({}, {}, {}) if found is None else (found.lengths, found.oldest, found.due)
    counted.QUEUE_LENGTH.collect = lambda: [((queue,), number) for queue, number in lengths.items()]
    counted.QUEUE_OLDEST.collect = lambda: [((queue,), age) for queue, age in oldest.items()]
    counted.JOBS_DUE.collect = lambda: [((kind,), number) for kind, number in due.items()]
    counted.JOBS_OLDEST.collect = lambda: [] if found is None else [((), found.oldest_due)]
    counted.JOBS_PARKED.collect = lambda: [] if found is None else [((), parked)]


def _tell_disk(parts: Parts) -> None:
    if not parts.settings.is_sqlite:
        return
    disk = shutil.disk_usage(Path(parts.settings.database_url.removeprefix("sqlite:///")).parent)
    counted.DISK_FREE.collect = lambda: [((), disk.free)]
    counted.DISK_SIZE.collect = lambda: [((), disk.total)]
