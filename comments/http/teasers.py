"""Teasers for a publisher's other pages: the most discussed articles, and what readers say (the newsroom's picks), each
as JSON and as an HTML fragment. The same bytes for everybody, prepared (prepared.py).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from flask import Blueprint, Response, request

from comments.core.errors import CommentsError, Malformed, NotFound
from comments.core.identity import NOBODY
from comments.core.policy import THE_PUBLIC, Action, Subject, may
from comments.core.present import Json, present, present_article
from comments.core.site import is_http_url
from comments.core.times import time_text
from comments.core.words import Words, pick_language
from comments.http import schemas_teasers
from comments.http.nesting import Shown, nest, shown_in_full
from comments.http.openapi import operation
from comments.http.pages import FRAGMENT, HEADERS, HTML, Asked, say, template
from comments.http.reading import COUNTED, plain
from comments.http.request import parts, problem, site_named
from comments.http.snapshots import Made, Stand
from comments.spoken import house_texts
from comments.storage import recent, site_picks, threads
from comments.storage.sites import Site
from comments.storage.transaction import Connection

blueprint = Blueprint("teasers", __name__)
DISCUSSED, PICKS = "most-discussed", "picks"
USUAL, MOST = 5, 20
Asks = dict[str, list[str]]
QUERY = {"limit": f"how many, at most {MOST}; usually {USUAL}"}
OF_DISCUSSED = QUERY | {
    "window": "day (default) or week: what was written since then counts",
    "by": "comments (default) or readers: how many people wrote them",
}


class DiscussedQuestion(NamedTuple):
    """The most discussed articles of a site."""

    site: str
    window: str
    by: str  # comments | readers
    limit: int
    lang: str | None  # None: as JSON; "": as a fragment in the site's language
    base: str

    @property
    def name(self) -> str:
        return "teaser"

    @property
    def weight(self) -> int:
        return 100

    def stand(self, conn: Connection) -> Stand:
        site = site_named(conn, self.site)
        return site.version, _counted(recent.read_discussed(conn, site.id, self.window))

    def make(self, conn: Connection) -> Made:
        return discussed_of(conn, self)


class PicksQuestion(NamedTuple):
    """The last picks of a site."""

    site: str
    limit: int
    lang: str | None
    base: str

    @property
    def name(self) -> str:
        return "teaser"

    @property
    def weight(self) -> int:
        return 100

    def stand(self, conn: Connection) -> Stand:
        site = _open_site(conn, self.site)
        found = _picked(conn, site, self.limit)
        return site.version, _picked_stand(found)

    def make(self, conn: Connection) -> Made:
        return picks_of(conn, self)


def teaser_asked(
    site: str, rest: str, asked: Asks, base: str, *, is_api: bool
) -> DiscussedQuestion | PicksQuestion | None:
    """The question of a teaser; None if something else is asked for, or nonsense."""
    what = rest if is_api else rest.removesuffix(FRAGMENT)
    if what not in (DISCUSSED, PICKS) or (not is_api and what == rest):
        return None
    try:
        return _question(site, what, {name: values[-1] for name, values in asked.items()}, base, is_api)
    except Malformed:
        return None


def _question(
    site: str, what: str, asked: dict[str, str], base: str, is_api: bool
) -> DiscussedQuestion | PicksQuestion:
    known = {"limit"} | (set() if is_api else {"lang"}) | ({"window", "by"} if what == DISCUSSED else set())
    if unknown := asked.keys() - known:
        raise Malformed(f"There is {', '.join(sorted(known))} to ask for.", field=min(unknown))
    limit = asked.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 3 and 1 <= int(limit) <= MOST):
        raise Malformed(f"limit must be a whole number from 1 to {MOST}.", field="limit")
    lang = None if is_api else _language(asked.get("lang", ""))
    if what == PICKS:
        return PicksQuestion(site, int(limit), lang, base)
    window, by = asked.get("window", "day"), asked.get("by", "comments")
    if window not in recent.SPANS:
        raise Malformed("window is day or week.", field="window")
    if by not in ("comments", "readers"):
        raise Malformed("by is comments or readers.", field="by")
    return DiscussedQuestion(site, window, by, int(limit), lang, base)


def _language(wished: str) -> str:
    found = pick_language([wished[:20]], house_texts())
    return found if wished.lower().startswith(found) else ""


@blueprint.get("/api/v1/sites/<site>/most-discussed")
@operation(
    "The most discussed articles of the last day or week, counted every few minutes",
    security="none", query=OF_DISCUSSED, answers={200: schemas_teasers.Discussed},
)  # fmt: skip
def most_discussed(site: str) -> Response:
    return _answer(site, DISCUSSED, is_api=True)


@blueprint.get("/api/v1/sites/<site>/picks")
@operation(
    "What readers say: the newsroom's last picks of a site", security="none", query=QUERY,
    answers={200: schemas_teasers.Picks},
)  # fmt: skip
def picks(site: str) -> Response:
    return _answer(site, PICKS, is_api=True)


@blueprint.get("/sites/<site>/most-discussed/fragment")
def most_discussed_fragment(site: str) -> Response:
    return _answer(site, DISCUSSED, is_api=False)


@blueprint.get("/sites/<site>/picks/fragment")
def picks_fragment(site: str) -> Response:
    return _answer(site, PICKS, is_api=False)


def _answer(site: str, what: str, *, is_api: bool) -> Response:
    question = _question(site, what, request.args.to_dict(), parts().settings.public_url, is_api)
    with parts().database.read() as conn:
        made = question.make(conn)
    return Response(made.body, content_type=made.kind, headers=made.headers)


@blueprint.errorhandler(CommentsError)
def say_so(error: CommentsError) -> Response:
    """What is wrong, as the kind of answer has it."""
    return say(error) if request.path.endswith(FRAGMENT) else problem(error)


def discussed_of(conn: Connection, asked: DiscussedQuestion) -> Made:
    """Numbers, titles and addresses: as counts are, they are everybody's."""
    site = site_named(conn, asked.site)
    rows = recent.read_discussed(conn, site.id, asked.window)
    best = sorted(rows, key=lambda row: (-getattr(row, asked.by), -row.comments, row.article_id))[: asked.limit]
    if asked.lang is not None:
        articles = [(row, _address(asked, row)) for row in best]
        return _printed("most_discussed.html", site, asked, _counted(rows), articles=articles)
    shown = [
        {"id": row.key, "title": row.title, "url": row.url, "section": row.section, "comments": row.comments,
         "readers": row.readers, "total": row.total} for row in best
    ]  # fmt: skip
    body = msgspec.json.encode({"window": asked.window, "by": asked.by, "articles": shown})
    return Made(body, site, COUNTED, _counted(rows), is_whole=True, is_cheap=True)


def _counted(rows: Sequence[Any]) -> dict[int, int]:
    """What a list shows, under numbers that no article has: a comment more is no reason to make it anew, a new count
    and an article that is gone are.
    """
    return {-row.article_id: row.counted_at for row in rows}


def _address(asked: DiscussedQuestion, row: Any) -> str:
    return row.url if row.url and is_http_url(row.url) else asked.base + Asked(asked.site, row.key, asked.base).link()


def _open_site(conn: Connection, key: str) -> Site:
    """Raises NotFound where reading is not for everybody."""
    site = site_named(conn, key)
    if not may(NOBODY, Action.READ, Subject(site.id, site.settings), 0):
        raise NotFound("list of picks for everybody")
    return site


def _picked(conn: Connection, site: Site, limit: int) -> list[tuple[Any, Any]]:
    """The comments with their articles, as the public sees them."""
    ids = site_picks.read_site_picks(conn, site.id)
    of = {row.id: row.article_id for row in threads.read_comments(conn, ids, THE_PUBLIC)}
    articles = {one.id: one for one in threads.articles_by_id(conn, sorted(set(of.values())))}  # their seq first
    rows = {row.id: row for row in plain(threads.read_comments(conn, ids, THE_PUBLIC))}
    full = set(shown_in_full(rows.values()))
    found = [(rows[one], articles[of[one]]) for one in ids if one in full and one in of]
    return [pair for pair in found if pair[0].picked_at is not None and pair[1].mode != "off"][:limit]


def _picked_stand(found: Sequence[tuple[Any, Any]]) -> dict[int, int]:
    return {article.id: article.seq for _, article in found} | {-row.id: row.picked_at for row, _ in found}


def picks_of(conn: Connection, asked: PicksQuestion) -> Made:
    """What the newsroom picked, with where it is read."""
    site = _open_site(conn, asked.site)
    found = _picked(conn, site, asked.limit)
    places = [_place(asked, row, article) for row, article in found]
    if asked.lang is not None:
        html = threads.read_html(conn, [row.id for row, _ in found])
        said: list[Shown] = [nest([row], html)[0] for row, _ in found]
        picked = list(zip(said, (article for _, article in found), places, strict=True))
        return _printed("picks.html", site, asked, _picked_stand(found), picks=picked)
    shown: list[Json] = [
        {"comment": present(row, "full"), "article": present_article(article, article.key), "url": place}
        for (row, article), place in zip(found, places, strict=True)
    ]
    body = msgspec.json.encode({"picks": shown})
    return Made(body, site, COUNTED, _picked_stand(found), is_whole=True, is_cheap=True)


def _place(asked: PicksQuestion, row: Any, article: Any) -> str:
    """The comment in its article, where the widget opens it; else its permalink here."""
    if article.url and is_http_url(article.url):
        return f"{article.url.partition('#')[0]}#comment-{row.id}"
    return Asked(asked.site, article.key, asked.base).at(row.id)


def _printed(name: str, site: Site, asked: Any, shows: dict[int, int], **values: Any) -> Made:
    words = Words(asked.lang or pick_language([site.settings.locale], house_texts()), house_texts())
    body = template(name).render(words=words, time_text=time_text, **values)
    headers = HEADERS | {"Content-Language": words.language, "X-Robots-Tag": "noindex"}
    return Made(body.encode(), site, headers, shows, is_whole=True, is_cheap=True, kind=HTML)
