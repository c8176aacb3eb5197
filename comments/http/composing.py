"""What helps while somebody writes: how their text is going to look, and whom they may mention."""

from flask import Blueprint, Response, request

from comments.actions.members import Access, acting_member
from comments.actions.mentions import mention
from comments.core.errors import NotFound
from comments.core.identity import MAX_NAME, name_key
from comments.core.markup import clean_line, render
from comments.core.policy import Action, Subject, require
from comments.core.present import present_author
from comments.http import schemas
from comments.http.openapi import operation
from comments.http.request import answer, bearer, check_origin, limit, parts, read_article_key, read_body, site_named
from comments.storage.mentions import read_people
from comments.storage.sites import Site
from comments.storage.threads import find_article
from comments.storage.transaction import Connection

blueprint = Blueprint("composing", __name__, url_prefix="/api/v1")
MOST_PEOPLE = 8
PREVIEWS_PER_MINUTE, PEOPLE_PER_MINUTE = 60, 240  # of one member: somebody types


@blueprint.post("/sites/<site>/preview")
@operation(
    "What posting would show; with `article` also whom it would mention",
    security="bearer",
    body=schemas.NewPreview,
    answers={200: schemas.Preview},
)
def preview(site: str) -> Response:
    """Neither judged nor kept, and refused only for what no site takes: a text that is begun is too short as yet."""
    access = bearer()
    body = read_body(schemas.NewPreview)
    limit("preview", access.member_id, PREVIEWS_PER_MINUTE)
    key = None if body.article is None else read_article_key(body.article)
    draft = render(body.body)
    now = parts().database.clock()
    with parts().database.read() as conn:
        found = _site(conn, site, access, Action.POST, now)
        article = None if key is None or "@" not in draft.text else find_article(conn, found.id, key)
        if article is not None:
            draft, _ = mention(conn, found.id, article.id, draft, access.member_id)
    return answer({"body": draft.tree})


def _site(conn: Connection, key: str, access: Access, action: Action, now: int) -> Site:
    """The site of this member, who may do this there."""
    site = site_named(conn, key)
    check_origin(site)
    _, viewer = acting_member(conn, access, now)
    if viewer.site_id != site.id:
        raise NotFound("site")
    require(viewer, action, Subject(site.id, site.settings), now)
    return site


@blueprint.get("/sites/<site>/articles/<article:article>/people")
@operation(
    "People in a thread, by the beginning of their names: for mentions",
    security="bearer",
    query={"q": "how the name begins; nothing: who began something lately"},
    answers={200: schemas.People},
)
def people(site: str, article: str) -> Response:
    access = bearer()
    key = read_article_key(article)
    limit("people", access.member_id, PEOPLE_PER_MINUTE)
    prefix = name_key(clean_line(request.args.get("q", "")[: 4 * MAX_NAME], MAX_NAME))
    now = parts().database.clock()
    with parts().database.read() as conn:
        found = _site(conn, site, access, Action.SEE_PEOPLE, now)
        row = find_article(conn, found.id, key)
        some = [] if row is None else read_people(conn, found.id, row.id, prefix, access.member_id, MOST_PEOPLE)
    return answer({"people": [present_author(one) for one in some]})
