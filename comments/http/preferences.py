"""What an account of the console has set for itself: its keys."""

from typing import Any

from flask import Response

from comments.actions.preferences import change_keys
from comments.core.identity import Viewer
from comments.core.keys import KEYS, present_keys
from comments.http import schemas
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body
from comments.http.sessions import console_blueprint, console_viewer
from comments.storage.sites import find_user

blueprint = console_blueprint("preferences")


@blueprint.get("/preferences")
@operation("One's own keys", security="console", answers={200: schemas.Preferences})
def preferences() -> Response:
    with parts().database.read() as conn:
        return answer(_preferences(conn, console_viewer()))


@blueprint.put("/preferences")
@operation("Change one's own keys", security="console", body=schemas.NewPreferences, answers={200: schemas.Preferences})
def change_preferences() -> Response:
    viewer = console_viewer()
    keys = read_body(schemas.NewPreferences).keys
    with parts().database.transaction() as tx:
        change_keys(tx, viewer, keys)
    with parts().database.read() as conn:
        return answer(_preferences(conn, viewer))


def _preferences(conn: Any, viewer: Viewer) -> dict[str, Any]:
    return {"keys": present_keys(find_user(conn, user_id=viewer.id).preferences), "usual": KEYS}
