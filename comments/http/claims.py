"""The console's claims: a moderator takes comments in hand for some minutes, so that two never do the same work."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from comments.actions import moderation as actions
from comments.core.errors import Malformed
from comments.core.identity import Viewer
from comments.core.policy import Action, visibility
from comments.core.present import Json, present_holder
from comments.http import schemas
from comments.http.items import items
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.queues import SIFTING, read_filters, read_order
from comments.http.request import answer, parts, read_body, read_id
from comments.http.sessions import console_blueprint
from comments.storage import claims, threads
from comments.storage.queues import of_sections
from comments.storage.sites import Site

blueprint = console_blueprint("claims")


def _claiming(key: str) -> tuple[Site, Viewer]:
    with parts().database.read() as conn:
        return moderated_site(conn, key, Action.CLAIM)


@blueprint.post("/sites/<site>/claims")
@operation(
    "Claim comments, or renew one's claims on them",
    security="console",
    body=schemas.ClaimRequest,
    answers={200: schemas.Claims},
)
def claim(site: str) -> Response:
    found, viewer = _claiming(site)
    body = read_body(schemas.ClaimRequest)
    ids = _ids(body.comment_ids)
    with parts().database.transaction() as tx:
        actions.claim_comments(tx, viewer, found, ids, take_over=body.take_over)
    with parts().database.read() as conn:
        return answer(_holders(conn, found, of_sections(conn, viewer.sections, ids)))


@blueprint.delete("/sites/<site>/claims")
@operation(
    "Let go what one has claimed",
    security="console",
    query={"comment": "a comment; may be given several times"},
    answers={204: None},
)
def release(site: str) -> Response:
    found, viewer = _claiming(site)
    asked = request.args.getlist("comment")
    if not 1 <= len(asked) <= schemas.MOST_CLAIMED:
        raise Malformed(f"Name 1 to {schemas.MOST_CLAIMED} comments.", field="comment")
    ids = _ids(asked)
    with parts().database.transaction() as tx:
        actions.release_claims(tx, viewer, found, ids)
    return Response(status=204)


@blueprint.post("/sites/<site>/queues/<queue>/claims")
@operation(
    "Claim the next comments of a queue that nobody has before them",
    security="console",
    body=schemas.ClaimNext,
    query=SIFTING,
    answers={200: schemas.ClaimedItems},
)
def claim_next(site: str, queue: str) -> Response:
    found, viewer = _claiming(site)
    order = read_order(queue)
    limit = read_body(schemas.ClaimNext).limit
    with parts().database.read() as conn:
        filters = read_filters(conn, found.id)
    with parts().database.transaction() as tx:
        ids = actions.claim_next(tx, viewer, found, queue, limit, order, filters)
    with parts().database.read() as conn:
        rows = threads.read_comments(conn, ids, visibility(viewer, found.id))
        rows = sorted(rows, key=lambda row: ids.index(row.id))
        return answer({"items": items(conn, rows, viewer, found)})


def _ids(texts: Sequence[str]) -> list[int]:
    return sorted({read_id(text, "comment") for text in texts})


def _holders(conn: Any, site: Site, ids: Sequence[int]) -> Json:
    """Who has each of these comments before them now; what is not the site's is not there at all."""
    held = claims.read_claims(conn, site.id, ids, parts().database.clock())
    return {"claims": [{"comment_id": str(one), "claimed_by": present_holder(held[one])} for one in ids if one in held]}
