"""Whether a process lives and is ready, whatever its role: for supervisors, proxies and those who deploy.

The database is asked over a connection of its own, by one at a time, and nobody waits for it longer than PATIENCE: also
a database that hangs is an answer. Strangers learn whether, and with the operator's token why.
"""

from typing import Any

from flask import Blueprint, Response, current_app

from comments.core.errors import Unavailable
from comments.core.present import Json
from comments.http.asking import Asking
from comments.http.metrics import is_operator
from comments.http.request import answer, parts
from comments.seen.logs import plainly
from comments.storage.fitting import EMPTY
from comments.storage.probe import Probed, probe, prober
from comments.storage.transaction import Database

blueprint = Blueprint("health", __name__)
PATIENCE = 1.5  # seconds
KEPT = 0.25  # seconds that one answer of the database is good for: strangers may ask as often as they like


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers; says nothing of the database."""
    return answer({"status": "ok", "role": current_app.config["ROLE"]})


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers, can be written to and has tables that this version knows; the process is not ending.
    Without its Redis a process is ready all the same: it reads the journal.
    """
    asking: Any = current_app.extensions.get("comments_readiness")
    if asking is None:
        asking = current_app.extensions["comments_readiness"] = asking_whether(parts().database)
    if current_app.config.get("ENDING"):
        raise Unavailable("This process is about to end: ask another one.")
    wrong, found = asking.answer() or ("The database does not answer in time.", None)
    if wrong is not None:
        raise Unavailable(wrong if is_operator() or wrong == EMPTY else "The service is not ready.")
    ready: Json = {"status": "ready", "role": current_app.config["ROLE"]}
    if parts().settings.redis_url is not None:
        ready["redis"] = "heard" if parts().hears() else "away"
    if is_operator():
        ready |= {"schema": found.schema if found else None, "processes": _processes()}
    return answer(ready)


def _processes() -> Json:
    """How many of which kind are seen from here; no worker among them may mean that they run elsewhere."""
    sharing: Any = current_app.extensions.get("comments_sharing")
    living = sharing.total().get("comments_processes", {}) if sharing is not None else {}
    return {kind: int(numbers[0]) for (kind,), numbers in living.items()}


def asking_whether(database: Database) -> Asking[tuple[str | None, Probed | None]]:
    """(why the database is of no use, None if it is; what was found)"""
    asked = prober(database.engine)

    def ask() -> tuple[str | None, Probed | None]:
        try:
            found = probe(asked)
        except Exception as error:
            return f"The database does not answer: {plainly(error)}.", None
        return found.misfit or found.trouble, found

    return Asking(ask, KEPT, PATIENCE)
