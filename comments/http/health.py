"""Whether a process lives and is ready, whatever its role: for supervisors, proxies and those who deploy."""

from flask import Blueprint, Response, current_app

from comments.core.errors import Unavailable
from comments.core.present import Json
from comments.http.request import answer, parts
from comments.storage.engine import schema_version

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers; says nothing of the database."""
    return answer({"status": "ok", "role": current_app.config["ROLE"]})


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers and has the tables of this version. Without its Redis a process is ready all the same: it
    reads the journal.
    """
    with parts().database.read() as conn:
        version = schema_version(conn)
    if version is None:
        raise Unavailable("The database has no tables yet: start “comments serve” once.")
    ready: Json = {"status": "ready", "role": current_app.config["ROLE"], "schema": version}
    if parts().settings.redis_url is not None:
        ready["redis"] = "heard" if parts().hears() else "away"
    return answer(ready)
