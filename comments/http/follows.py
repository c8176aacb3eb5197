"""Following threads and comments: the widget's API."""

from flask import Blueprint, Response

from comments.actions import follows as actions
from comments.http import schemas
from comments.http.openapi import operation
from comments.http.request import answer, bearer, check_own_origin, limit, parts, read_article_key, read_id

blueprint = Blueprint("follows", __name__, url_prefix="/api/v1")
ARTICLE, COMMENT = "/sites/<site>/articles/<article:article>/follow", "/comments/<comment>/follow"
SEEN = "again: all that is there has been seen"


@blueprint.put(ARTICLE)
@operation(f"Follow a thread; {SEEN}", security="bearer", answers={200: schemas.Following})
def follow_article(site: str, article: str) -> Response:
    return _article(site, article, True)


@blueprint.delete(ARTICLE)
@operation("Follow a thread no longer", security="bearer", answers={200: schemas.Following})
def unfollow_article(site: str, article: str) -> Response:
    return _article(site, article, False)


@blueprint.put(COMMENT)
@operation(f"Follow the replies to a comment; {SEEN}", security="bearer", answers={200: schemas.Following})
def follow_comment(comment: str) -> Response:
    return _comment(comment, True)


@blueprint.delete(COMMENT)
@operation("Follow a comment no longer", security="bearer", answers={200: schemas.Following})
def unfollow_comment(comment: str) -> Response:
    return _comment(comment, False)


def _article(site: str, article: str, on: bool) -> Response:
    access = bearer()
    key = read_article_key(article)
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx:
        actions.follow_article(tx, access, site, key, on)
    return answer({"following": on})


def _comment(comment: str, on: bool) -> Response:
    access = bearer()
    comment_id = read_id(comment, "comment")
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx:
        actions.follow_comment(tx, access, comment_id, on)
    return answer({"following": on})
