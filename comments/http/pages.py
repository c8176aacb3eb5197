"""Threads as plain HTML, for readers without JavaScript and for crawlers: a thread in its orders, page by page, and one
comment with what stands above and below it; and a thread's first page as a fragment for the publisher's own page.

Everybody gets the same page, whoever asks: what the public sees and, where reading is not for everybody, the gate's
words with the taste. Nobody's token or cookie is looked at. First pages are prepared bytes (prepared.py).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import jinja2
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from comments.core.errors import CommentsError, Malformed, NotFound, Unavailable
from comments.core.identity import NOBODY
from comments.core.markup import data_element
from comments.core.policy import THE_PUBLIC, Action, Subject, may
from comments.core.site import is_http_url
from comments.core.thread import Cursor, Sort, is_article_key, read_cursor
from comments.core.times import time_text
from comments.core.words import Words, pick_language
from comments.http.bundles import built
from comments.http.headers import NO_SCRIPTS
from comments.http.linked_data import discussion
from comments.http.nesting import Shown, count_rest, nest, shown_in_full
from comments.http.reading import BACK, KEPT_BY_ALL, PAGE, cursor_before, plain, roots_of
from comments.http.request import parts, read_article_key, read_id, site_named, unforeseen
from comments.http.snapshots import Made, Stand
from comments.spoken import house_texts
from comments.storage import threads
from comments.storage.sites import Site
from comments.storage.transaction import Connection

blueprint = Blueprint("pages", __name__)
PAGES, FRAGMENT = "/articles/", "/fragment"
REPLIES = 50  # on the page of one comment
POLICY = (
    "default-src 'none'; style-src 'self'; img-src https: data:; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'none'; {NO_SCRIPTS}"
)
HEADERS = {
    "Cache-Control": KEPT_BY_ALL,
    "Vary": "Accept-Encoding",
    "Content-Security-Policy": POLICY,
}
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a thread is asked for. `lang` "": the site's language; `base`: where browsers reach the service."""

    site: str
    article: str
    base: str
    lang: str = ""
    sort: Sort = Sort.NEWEST
    cursor: Cursor | None = None
    comment: int | None = None
    is_fragment: bool = False  # a part of somebody else's page, whose links lead here

    @property
    def is_whole(self) -> bool:
        """The first page of the whole thread."""
        return self.comment is None and self.cursor is None

    def link(self, **query: Any) -> str:
        """This thread's address with another question."""
        asked = {name: value for name, value in (query | {"lang": self.lang}).items() if value not in (None, "")}
        path = f"{self.base if self.is_fragment else ''}{PAGES}{self.site}/{quote(self.article, safe='')}"
        return f"{path}?{urlencode(asked)}" if asked else path

    def at(self, comment: int) -> str:
        """The permalink of a comment."""
        return f"{self.base}{Asked(self.site, self.article, self.base).link(comment=comment)}#comment-{comment}"

    def notice_of(self, comment: int | None) -> str:
        """Where a notice about this comment is given, its address filled in; None: about any."""
        asked = {"url": comment and self.at(comment), "lang": self.lang}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/notice/{self.site}?{query}" if query else f"/notice/{self.site}"

    def ordered(self, sort: Sort, cursor: str | None = None) -> str:
        """… in this order; the usual one is not named."""
        return self.link(sort=None if sort is Sort.NEWEST else sort, cursor=cursor)

    def canonical(self, comments: list[Shown]) -> str:
        """The one address of what is shown: a reply's is that of its conversation, an order's that of the thread."""
        whole = Asked(self.site, self.article, self.base)
        if self.comment is not None:
            return self.base + whole.link(comment=comments[0].row.id if comments else None)
        if self.sort is Sort.NEWEST and self.cursor is not None:
            return self.base + whole.link(cursor=self.cursor.encode())
        return self.base + whole.link()


class ThreadQuestion(NamedTuple):
    """The first page of a thread as HTML; `lang` "": in the site's language."""

    site: str
    article: str
    sort: str
    lang: str
    base: str
    is_fragment: bool = False

    @property
    def name(self) -> str:
        return "fragment" if self.is_fragment else "html"

    @property
    def weight(self) -> int:
        return 2 * len(self.article)

    def stand(self, conn: Connection) -> Stand:
        article_id, seq, version = threads.page_version(conn, self.site, self.article) or (None, 0, -1)
        return version, {} if article_id is None else {article_id: seq}

    def make(self, conn: Connection) -> Made:
        asked = Asked(self.site, self.article, self.base, self.lang, Sort(self.sort), is_fragment=self.is_fragment)
        return page_of(conn, asked)


def first_page(site: str, article: str, asked: dict[str, list[str]], base: str) -> ThreadQuestion | None:
    """The question of a first page or of a fragment; None if something else is asked for, or nonsense."""
    is_fragment = article.endswith(FRAGMENT)
    article = article.removesuffix(FRAGMENT)
    sort, lang = asked.pop("sort", [str(Sort.NEWEST)]), asked.pop("lang", [""])
    if asked or len(sort) != 1 or sort[0] not in set(Sort) or not is_article_key(article):
        return None
    return ThreadQuestion(site, article, sort[0], _language(lang[-1]), base, is_fragment)


@blueprint.get("/articles/<site>/<article:article>")
def thread(site: str, article: str) -> Response:
    asked = request.args
    try:
        sort = Sort(asked.get("sort", Sort.NEWEST))
    except ValueError as error:
        raise Malformed(f"sort is one of {', '.join(Sort)}.", field="sort") from error
    comment = read_id(asked["comment"], "comment") if asked.get("comment") else None
    found = Asked(
        site,
        read_article_key(article),
        parts().settings.public_url,
        _language(asked.get("lang", "")),
        sort,
        read_cursor(asked.get("cursor"), sort if comment is None else "replies"),
        comment,
    )
    return _printed(found)


@blueprint.get("/articles/<site>/<article:article>/fragment")
def fragment(site: str, article: str) -> Response:
    unknown = request.args.keys() - {"lang", "sort"}
    if unknown:
        raise Malformed("A fragment takes “lang” and “sort” and nothing else.", field=min(unknown))
    try:
        sort = Sort(request.args.get("sort", Sort.NEWEST))
    except ValueError as error:
        raise Malformed(f"sort is one of {', '.join(Sort)}.", field="sort") from error
    base, lang = parts().settings.public_url, _language(request.args.get("lang", ""))
    return _printed(Asked(site, read_article_key(article), base, lang, sort, is_fragment=True))


def _printed(asked: Asked) -> Response:
    with parts().database.read() as conn:
        made = page_of(conn, asked)
    return Response(made.body, content_type=made.kind, headers=made.headers)


@blueprint.errorhandler(CommentsError)
def say(error: CommentsError) -> Response:
    """A page that says in words what is wrong. Nobody keeps it, so it may speak the asker's language."""
    wished = [request.args.get("lang", "")[:20], *(name for name, _ in request.accept_languages), g.get("locale", "")]
    words = Words(pick_language(wished, house_texts()), house_texts())
    kind = {400: "bad_address", 404: "gone"}.get(error.status, "failed")
    is_fragment = request.path.endswith(FRAGMENT)
    body = template("problem_fragment.html" if is_fragment else "problem.html").render(
        words=words, kind=kind, style=style(), whole=request.path if request.query_string else None
    )
    headers = HEADERS | {"Cache-Control": "no-store"}
    if "retry_after" in error.extras:
        headers["Retry-After"] = str(error.extras["retry_after"])
    return Response(body, error.status, content_type=HTML, headers=headers)


@blueprint.errorhandler(Exception)
def fail(error: Exception) -> Response | HTTPException:
    """The same for what nobody foresaw."""
    return error if isinstance(error, HTTPException) else say(unforeseen(error))


def style() -> str | None:
    """The address of what plain pages look like; None where nothing is built: a page that says so needs no look."""
    try:
        return built("pages.css")
    except Unavailable:
        return None


def page_of(conn: Connection, asked: Asked, most: int | None = None) -> Made:
    """The page, with what the public sees and nothing else; `most`: roots or replies. Raises NotFound."""
    site = site_named(conn, asked.site)
    article = threads.find_article(conn, site.id, asked.article)  # seq first: no page claims more than it shows
    is_open = may(NOBODY, Action.READ, Subject(site.id, site.settings), 0)
    before: str | None = None
    if not is_open:  # there is one page, whatever is asked for
        asked = Asked(asked.site, asked.article, asked.base, asked.lang, is_fragment=asked.is_fragment)
        comments, after = _taste(conn, site, article), None
    elif asked.comment is not None:
        comments, after = _conversation(conn, article, asked, most or REPLIES)
    else:
        comments, after = _thread(conn, article, asked, most or PAGE)
        before = _address_before(conn, article, asked, comments, most or PAGE)
    words = Words(asked.lang or pick_language([site.settings.locale], house_texts()), house_texts())
    page = template("fragment.html" if asked.is_fragment else "thread.html").render(
        asked=asked,
        site=site,
        article=article,
        words=words,
        comments=comments,
        after=after,
        before=before,
        feed=Asked(asked.site, asked.article, asked.base).link() + "/feed" if is_open and site.settings.feeds else None,
        oembeds=_oembeds(asked, comments) if is_open and article and article.mode != "off" else [],
        data=_data(site, article, asked, words, comments) if is_open else None,
        is_open=is_open,
        sorts=list(Sort),
        gate=_gate(site, words, is_open),
        back=_address_of(article),
        style=built("pages.css"),
        time_text=time_text,
        login=_leading(site.settings.login_url, asked, article),
        subscribe=_leading(site.settings.subscribe_url, asked, article),
    )
    shows = {article.id: article.seq} if article else {}
    headers = HEADERS | {"Content-Language": words.language}
    if asked.is_fragment:
        headers["X-Robots-Tag"] = "noindex"  # of its own; what includes it is the publisher's page
    return Made(page.encode(), site, headers, shows, article is not None, is_cheap=not comments, kind=HTML)


def _thread(conn: Connection, article: Any, asked: Asked, most: int) -> tuple[list[Shown], str | None]:
    """Roots with their first replies, and the cursor of the next page."""
    if article is None:
        return [], None
    rows, after = roots_of(conn, article.id, asked.sort, asked.cursor, most)
    rows = plain(rows)
    comments = nest(rows, threads.read_html(conn, shown_in_full(rows)))
    count_rest(comments)
    return comments, after


def _address_before(conn: Connection, article: Any, asked: Asked, comments: list[Shown], most: int) -> str | None:
    """The address of the page before this one, for crawlers; of an order by rank nobody needs it."""
    if asked.cursor is None or not comments or asked.sort not in BACK:
        return None
    return asked.ordered(asked.sort, cursor_before(conn, article.id, asked.sort, comments[0].row, most))


def _oembeds(asked: Asked, comments: list[Shown]) -> list[tuple[str, str]]:
    """(type, address) of the links by which consumers find what oembed.py tells of this thread or comment."""
    if not comments:
        return []
    url = asked.base + Asked(asked.site, asked.article, asked.base).link(comment=asked.comment)
    return [
        (f"{kind}+oembed", f"{asked.base}/oembed?{urlencode({'url': url, 'format': name})}")
        for name, kind in (("json", "application/json"), ("xml", "text/xml"))
    ]


def _data(site: Site, article: Any, asked: Asked, words: Words, comments: list[Shown]) -> Any:
    """The thread for search engines, as an element; None where there is nothing to tell."""
    if article is None or not comments or article.mode == "off":
        return None
    title = article.title and words.t("page.title", title=article.title)
    url = asked.base + Asked(asked.site, asked.article, asked.base).link()
    return data_element(discussion(site, article, url, title or words.t("thread.title"), comments, asked.at))


def _conversation(conn: Connection, article: Any, asked: Asked, most: int) -> tuple[list[Shown], str | None]:
    """One comment: what stands above it, itself and a page of its replies (all of them below a root)."""
    here = next(iter(threads.read_comments(conn, [asked.comment or 0], THE_PUBLIC)), None)
    if here is None or article is None or here.article_id != article.id:
        raise NotFound("comment")
    above = threads.read_ancestors(conn, here, THE_PUBLIC)
    below, after = threads.read_replies(conn, here, THE_PUBLIC, asked.cursor, most)
    rows = [*plain(above), *plain([here]), *plain(below)]
    known = {row.id for row in rows}
    answered = {row.parent_id for row in rows if row.parent_id is not None} - known
    elsewhere = {row.id: row for row in threads.read_comments(conn, sorted(answered), THE_PUBLIC)}
    comments = nest(rows, threads.read_html(conn, shown_in_full(rows)), elsewhere)
    if here.depth:
        count_rest(node for node in _all(comments) if node.row.parent_id == here.id)
    return comments, after


def _all(comments: list[Shown]) -> list[Shown]:
    return [one for node in comments for one in (node, *_all(node.children))]


def _taste(conn: Connection, site: Site, article: Any) -> list[Shown]:
    """What everybody may see of a thread whose reading is not for everybody: as much as a refused reader is given."""
    if article is None or not site.settings.taste:
        return []
    rows = plain(threads.read_roots(conn, article.id, THE_PUBLIC, Sort.NEWEST, None, PAGE)[0])
    ids = shown_in_full(rows)[: site.settings.taste]
    return nest([row for row in rows if row.id in ids], threads.read_html(conn, ids))


def _gate(site: Site, words: Words, is_open: bool) -> str:
    """The sentence that tells a stranger what they need, in the publisher's words where it has some."""
    if not is_open:
        code = "read_subscribers" if site.settings.read == "subscribers" else "read_registered"
        return site.settings.gate_words.get(code) or words.t(f"gate.{code}")
    code = "nobody_free" if site.settings.write == "registered" else "nobody"
    return site.settings.gate_words.get("nobody") or words.t(f"gate.{code}")


def _address_of(article: Any) -> str | None:
    """Where the article lies, if that is an address a link may have."""
    url = article.url if article is not None else None
    return url if url and is_http_url(url) else None


def _leading(url: str | None, asked: Asked, article: Any) -> str | None:
    """The site may say where a log-in leads back to: {url} in its address is the article, or this page."""
    back = _address_of(article) or asked.base + asked.link()
    return url and url.replace("{url}", quote(back, safe="")).replace("{ref}", quote(asked.article, safe=""))


def _language(wished: str) -> str:
    """A language that there are words for, or "": so few that each may have a page of its own."""
    found = pick_language([wished[:20]], house_texts())
    return found if wished.lower().startswith(found) else ""


@cache
def template(name: str) -> jinja2.Template:
    """A page's frame from templates/: everything that is put into it is escaped."""
    folder = Path(__file__).parent / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
