"""Reading threads and writing in them: the widget's API."""

from typing import Any

from flask import Blueprint, Response, request

from comments.actions import reports
from comments.actions import threads as actions
from comments.actions.members import acting_writer, member_at_site
from comments.core.errors import Malformed, NotFound
from comments.core.markup import clean_line, render
from comments.core.policy import THE_PUBLIC
from comments.core.present import Json, present, present_article, present_site
from comments.core.receipt import Standing
from comments.core.status import Status
from comments.core.thread import FIRST_REPLIES, Sort, read_cursor
from comments.http import schemas
from comments.http.members import viewer_info
from comments.http.openapi import operation
from comments.http.reading import (
    MOST_COUNTS,
    PAGE,
    counts_of,
    page_of,
    reader,
    require_reading,
    shown,
    telling_strangers,
)
from comments.http.receipts import for_author, present_outcome, present_own, telling_words
from comments.http.request import (
    answer,
    authorization,
    bearer,
    check_origin,
    check_own_origin,
    client_address,
    limit,
    parts,
    read_article_key,
    read_body,
    read_id,
    site_named,
    whole_number,
)
from comments.http.snapshots import Made
from comments.http.wording import wording
from comments.storage import threads
from comments.storage.appeals import read_outcomes
from comments.storage.journal import read_changes
from comments.storage.notifications import count_unread
from comments.storage.own import read_own
from comments.storage.sites import Site, site_by_id

blueprint = Blueprint("threads", __name__, url_prefix="/api/v1")
ARTICLE = "/sites/<site>/articles/<article:article>"
PAGING = {"cursor": "where the page before ended", "limit": "how many at most"}


@blueprint.get(f"{ARTICLE}/comments")
@operation(
    "A page of a thread: roots, each followed by its first replies",
    security="optional",
    query={"sort": "newest, oldest, recommended or replied"} | PAGING,
    answers={200: schemas.ThreadPage},
)
def page(site: str, article: str) -> Response:
    key = read_article_key(article)
    try:
        sort = Sort(request.args.get("sort", Sort.NEWEST))
    except ValueError as error:
        raise Malformed(f"sort is one of {', '.join(Sort)}.", field="sort") from error
    cursor = read_cursor(request.args.get("cursor"), sort)
    most = whole_number("limit", PAGE, 50)
    with telling_strangers(parts(), site, key), parts().database.read() as conn:
        found = site_named(conn, site)
        require_reading(parts(), conn, found, authorization())
        return ready(page_of(conn, found, key, sort, cursor, most))


@blueprint.post(f"{ARTICLE}/comments")
@operation(
    "Post a comment",
    security="bearer",
    body=schemas.PostComment,
    headers={"Idempotency-Key": "unique for the member; the same key again gives the same comment"},
    answers={201: schemas.Comment, 200: schemas.Comment},
)
def create_comment(site: str, article: str) -> Response:
    access = bearer()
    body = read_body(schemas.PostComment)
    limit("post", access.member_id, parts().settings.posts_per_minute)
    limit("site_posts", access.site_id, parts().settings.site_posts_per_minute)
    new = actions.NewComment(
        article_key=read_article_key(article),
        parent_id=None if body.parent_id is None else read_id(body.parent_id, "comment to reply to"),
        key=_idempotency_key(),
        article_url=body.article_url,
        article_title=clean_line(body.article_title, 300) or None if body.article_title else None,
        article_section=clean_line(body.article_section, 100) or None if body.article_section else None,
        question=body.question,
    )
    draft = render(body.body)  # before the transaction: it is the slow part
    with parts().database.transaction() as tx:
        writer = acting_writer(tx, access)
        if writer.site.key != site:
            raise NotFound("site")
        check_origin(writer.site)
        with telling_words(draft.text):
            comment_id, posted = actions.post_comment(tx, writer, new, draft)
    if posted is None:
        return answer(own(comment_id), 200)
    posted.seq = tx.seq_of(posted.article_id)
    standing = Standing(posted.status, posted.text, tx.now, [(one, tx.now) for one in posted.findings])
    return answer(for_author(posted, standing, wording(writer.site.settings), tx.now), 201)


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= 200 or not key.isprintable() or not key.isascii():
        raise Malformed(
            "Send an Idempotency-Key header of 1 to 200 printable ASCII characters.", field="Idempotency-Key"
        )
    return key


def own(comment_id: int) -> Json:
    """A comment for its author, as it is after the change."""
    with parts().database.read() as conn:
        row = threads.find_comment(conn, comment_id)
        return present_own(conn, [row], site_by_id(conn, row.site_id).settings, parts().database.clock())[0]


@blueprint.get("/comments/<comment>/replies")
@operation("Replies, oldest first", security="optional", query=PAGING, answers={200: schemas.Replies})
def replies(comment: str) -> Response:
    cursor = read_cursor(request.args.get("cursor"), "replies")
    most = whole_number("limit", 20, 100)
    with parts().database.read() as conn:
        row, _ = visible_comment(conn, comment)
        rows, next_cursor = threads.read_replies(conn, row, THE_PUBLIC, cursor, most)
    return answer({"comments": shown(rows), "next_cursor": next_cursor})


def visible_comment(conn: Any, comment: str) -> tuple[Any, Site]:
    """A comment that the public sees and the asker may read. Raises NotFound, or what `readable` raises."""
    row = threads.find_comment(conn, read_id(comment, "comment"))
    if row is None or THE_PUBLIC.admits(row.status, row.member_id, row.visible_children) == "absent":
        raise NotFound("comment")
    site = site_by_id(conn, row.site_id)
    require_reading(parts(), conn, site, authorization())
    return row, site


@blueprint.get("/comments/<comment>/context")
@operation(
    "A comment with its ancestors and first replies: where a permalink leads",
    security="optional",
    answers={200: schemas.Context},
)
def context(comment: str) -> Response:
    with parts().database.read() as conn:
        row, site = visible_comment(conn, comment)
        article = threads.article_of(conn, row.article_id)
        row = next(iter(threads.read_comments(conn, [row.id], THE_PUBLIC)), None)  # after seq: it may have changed
        if row is None:
            raise NotFound("comment")
        above = threads.read_ancestors(conn, row, THE_PUBLIC)
        below, _ = threads.read_replies(conn, row, THE_PUBLIC, None, FIRST_REPLIES)
        here = _for_its_author(conn, row, site) or shown([row])[0]
    return answer(
        {
            "article": present_article(article, article.key),
            "site": present_site(site.key, site.name, site.settings),
            "comments": [*shown(above), here, *shown(below)],
            "total": article.total,
            "seq": article.seq,
        }
    )


def _for_its_author(conn: Any, row: Any, site: Site) -> Json | None:
    """A published comment with its source, for whoever wrote it and is going to edit it; None for everybody else."""
    viewer = reader(parts(), conn, site, authorization())
    if viewer.member_id is None or viewer.member_id != row.member_id or row.status != Status.PUBLISHED:
        return None
    return present_own(conn, [row], site.settings, parts().database.clock())[0]


@blueprint.get(f"{ARTICLE}/changes")
@operation(
    "What the public saw change since",
    security="optional",
    query={"after": "the seq that the asker stands at"},
    answers={200: schemas.ChangesAnswer},
)
def changes(site: str, article: str) -> Response:
    key = read_article_key(article)
    after = whole_number("after", 0, 10**18, 0)
    with parts().database.read() as conn:
        found = site_named(conn, site)
        require_reading(parts(), conn, found, authorization())
        row = threads.find_article(conn, found.id, key)
        if row is None:
            return answer({"seq": 0, "changes": [], "total": 0, "reset": after > 0})
        since = read_changes(conn, row, after)
    data: Json = {"seq": since.seq, "changes": since.changes, "total": since.total, "reset": since.reset}
    if since.article is not None:
        data["article"] = since.article
    return answer(data)


@blueprint.get(f"{ARTICLE}/mine")
@operation(
    "One's own waiting and rejected comments, reactions, mutes and follows; what is unread",
    security="bearer",
    answers={200: schemas.Mine},
)
def mine(site: str, article: str) -> Response:
    access = bearer()
    key = read_article_key(article)
    now = parts().database.clock()
    with parts().database.read() as conn:
        member, found = member_at_site(conn, access)
        if found.key != site:
            raise NotFound("site")
        check_origin(found)
        row = threads.find_article(conn, found.id, key)
        hidden = threads.read_own_hidden(conn, row.id, member.id) if row else []
        shown_hidden = present_own(conn, hidden, found.settings, now)
        outcomes = read_outcomes(conn, row.id, member.id, now) if row else []
        has = read_own(conn, member.id, row.id if row else None)
        unread = count_unread(conn, member)
        viewer = viewer_info(conn, found, member, now)
    return answer(
        {
            "viewer": viewer,
            "comments": shown_hidden,
            "appeals": [present_outcome(one) for one in outcomes],
            "reactions": {str(comment_id): kinds for comment_id, kinds in has.reactions.items()},
            "mutes": [str(one) for one in has.mutes],
            "follows": {"article": has.follows_thread, "comments": [str(one) for one in has.follows]},
            "unread": unread,
            "seq": row.seq if row else 0,
        }
    )


@blueprint.patch("/comments/<comment>")
@operation("Edit one's own comment", security="bearer", body=schemas.EditComment, answers={200: schemas.Comment})
def edit_comment(comment: str) -> Response:
    access = bearer()
    comment_id = read_id(comment, "comment")
    body = read_body(schemas.EditComment)
    limit("post", access.member_id, parts().settings.posts_per_minute)
    limit("site_posts", access.site_id, parts().settings.site_posts_per_minute)
    draft = render(body.body)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx, telling_words(draft.text):
        actions.edit_comment(tx, access, comment_id, draft, body.version)
    return answer(own(comment_id))


@blueprint.delete("/comments/<comment>")
@operation("Withdraw one's own comment; replies stay", security="bearer", answers={200: schemas.Comment})
def withdraw_comment(comment: str) -> Response:
    access = bearer()
    comment_id = read_id(comment, "comment")
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx:
        actions.withdraw_comment(tx, access, comment_id)
    with parts().database.read() as conn:
        row = threads.find_comment(conn, comment_id)
    return answer(present(row, "stub"))


@blueprint.put("/comments/<comment>/reactions/<kind>")
@operation("React to a comment", security="bearer", answers={200: schemas.ReactionsAnswer})
def react(comment: str, kind: str) -> Response:
    return _react(comment, kind, True)


@blueprint.delete("/comments/<comment>/reactions/<kind>")
@operation("Take a reaction back", security="bearer", answers={200: schemas.ReactionsAnswer})
def unreact(comment: str, kind: str) -> Response:
    return _react(comment, kind, False)


def _react(comment: str, kind: str, on: bool) -> Response:
    access = bearer()
    comment_id = read_id(comment, "comment")
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx:
        actions.react(tx, access, comment_id, kind, on)
    with parts().database.read() as conn:
        row = threads.find_comment(conn, comment_id)
        own_kinds = threads.read_reactions_of(conn, comment_id, access.member_id)
    return answer({"reactions": present(row, "full")["reactions"], "mine": own_kinds})


@blueprint.post("/comments/<comment>/reports")
@operation(
    "Report a comment to the moderators",
    security="bearer",
    body=schemas.NewReport,
    answers={201: schemas.ReportAnswer, 200: schemas.ReportAnswer},
)
def report_comment(comment: str) -> Response:
    access = bearer()
    comment_id = read_id(comment, "comment")
    body = read_body(schemas.NewReport)
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    detail = clean_line(body.detail, 1000) or None if body.detail else None
    address = client_address(request.environ, parts().settings.trusted_proxies)
    with parts().database.transaction() as tx:
        report_id, is_new = reports.report_comment(tx, access, comment_id, body.reason, detail, address)
    return answer({"id": str(report_id)}, 201 if is_new else 200)


@blueprint.get("/sites/<site>/counts")
@operation(
    "How many comments articles have",
    security="none",
    query={"article": "an article's id; up to 100 times"},
    answers={200: schemas.Counts},
)
def counts(site: str) -> Response:
    unknown = request.args.keys() - {"article"}
    if unknown:  # a mistyped name would be answered with nothing
        raise Malformed("Counts take “article” and nothing else.", field=min(unknown))
    keys = [read_article_key(key) for key in request.args.getlist("article")]
    if len(keys) > MOST_COUNTS:
        raise Malformed(f"Ask for at most {MOST_COUNTS} articles at once.", field="article")
    with parts().database.read() as conn:
        return ready(counts_of(conn, site, keys))


def ready(made: Made) -> Response:
    """What prepared bytes are made of, as the application itself answers it."""
    return Response(made.body, mimetype="application/json", headers=made.headers)
