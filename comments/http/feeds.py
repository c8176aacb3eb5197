"""Atom feeds (RFC 4287) of an article's and of a site's comments, newest first, with threads as RFC 4685 and pages as
RFC 5005 have them: what the public sees, where everybody may read and the site has not switched them off.

A comment's text is escaped HTML, the sanitised one: nothing in a feed is markup to a browser that shows it raw.
"""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree  # nosec B405

from flask import Blueprint, Response, request

from comments.core.errors import Malformed, NotFound
from comments.core.identity import NOBODY
from comments.core.policy import THE_PUBLIC, Action, Subject, may
from comments.core.site import is_http_url
from comments.core.thread import is_article_key
from comments.core.times import time_text
from comments.core.words import Words, pick_language
from comments.http.nesting import shown_in_full
from comments.http.reading import COUNTED, plain
from comments.http.request import parts, read_article_key, read_id, site_named
from comments.http.snapshots import Made, Stand
from comments.spoken import house_texts
from comments.storage import recent, threads
from comments.storage.sites import Site
from comments.storage.transaction import Connection

blueprint = Blueprint("feeds", __name__)
FEED = "/feed"
PAGE = 50  # comments; of those that are not published a page says nothing, it may be shorter
ATOM, THREADS = "http://www.w3.org/2005/Atom", "http://purl.org/syndication/thread/1.0"
KIND = "application/atom+xml; charset=utf-8"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ElementTree.register_namespace("", ATOM)
ElementTree.register_namespace("thr", THREADS)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a page of a feed tells. `articles`: by id; `newest`: the last comment taken in; `after`: where the next page
    begins.
    """

    site: Site
    article: Any
    rows: list[Any]
    html: dict[int, str]
    articles: dict[int, Any]
    newest: int
    after: int | None


class FeedQuestion(NamedTuple):
    """The first page of a feed; `article` None: of the whole site."""

    site: str
    article: str | None
    base: str

    @property
    def name(self) -> str:
        return "feed"

    @property
    def weight(self) -> int:
        return 2 * len(self.article or "")

    def stand(self, conn: Connection) -> Stand:
        contents = read_contents(conn, self.site, self.article)
        return contents.site.version, _shows(contents)

    def make(self, conn: Connection) -> Made:
        return feed_of(conn, self)


def feed_asked(site: str, article: str | None, asked: dict[str, list[str]], base: str) -> FeedQuestion | None:
    """The question of a first page; None if something else is asked for."""
    if asked or (article is not None and not is_article_key(article)):
        return None
    return FeedQuestion(site, article, base)


def has_feeds(site: Site) -> bool:
    """Whether this site has feeds: never where reading is not for everybody."""
    return site.settings.feeds and may(NOBODY, Action.READ, Subject(site.id, site.settings), 0)


@blueprint.get("/articles/<site>/<article:article>/feed")
def article_feed(site: str, article: str) -> Response:
    return _feed(site, read_article_key(article))


@blueprint.get("/sites/<site>/feed")
def site_feed(site: str) -> Response:
    return _feed(site, None)


def _feed(site: str, article: str | None) -> Response:
    unknown = request.args.keys() - {"before"}
    if unknown:
        raise Malformed("A feed takes “before” and nothing else.", field=min(unknown))
    before = read_id(request.args["before"], "comment") if "before" in request.args else None
    with parts().database.read() as conn:
        made = feed_of(conn, FeedQuestion(site, article, parts().settings.public_url), before)
    return Response(made.body, content_type=made.kind, headers=made.headers)


def read_contents(
    conn: Connection, site_key: str, article_key: str | None, before: int | None = None, most: int = PAGE
) -> Contents:
    """Raises NotFound where there is no feed."""
    site = site_named(conn, site_key)
    if not has_feeds(site):
        raise NotFound("feed")
    article = None if article_key is None else threads.find_article(conn, site.id, article_key)
    if article_key is not None and (article is None or article.mode == "off"):
        return Contents(site, article, [], {}, {}, 0, None)
    of = None if article is None else article.id
    newest = recent.newest_of(conn, site.id, of)  # what is taken in meanwhile makes another page
    ids, found, after = recent.read_ids(conn, site.id, of, before, most)
    articles = {one.id: one for one in threads.articles_by_id(conn, sorted(found))}  # their seq before the rows
    rows = plain(threads.read_comments(conn, ids, THE_PUBLIC))
    full = set(shown_in_full(rows))
    rows = [row for row in reversed(rows) if row.id in full and articles[row.article_id].mode != "off"]
    return Contents(site, article, rows, threads.read_html(conn, [row.id for row in rows]), articles, newest, after)


def _shows(contents: Contents) -> dict[int, int]:
    """The articles, and under 0 the newest comment that was taken in: no article has that id."""
    shown = {one.id: one.seq for one in contents.articles.values()}
    if contents.article is not None:
        shown[contents.article.id] = contents.article.seq
    return shown | {0: contents.newest}


def feed_of(conn: Connection, asked: FeedQuestion, before: int | None = None, most: int = PAGE) -> Made:
    """A page of a feed."""
    contents = read_contents(conn, asked.site, asked.article, before, most)
    site, of = contents.site, None if contents.article is None else contents.article.id
    words = Words(pick_language([site.settings.locale], house_texts()), house_texts())
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {"xml:lang": site.settings.locale})
    thread = None if asked.article is None else _thread(asked, asked.article)
    own = f"{thread or f'{asked.base}/sites/{asked.site}'}{FEED}"
    _add(feed, "id", own)
    _add(feed, "title", _title(words, contents.article) if asked.article is not None else site.name)
    made = (contents.article or site).created_at  # there may be nothing recent in it
    _add(feed, "updated", time_text(max((row.edited_at or row.created_at for row in contents.rows), default=made)))
    author = ElementTree.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", site.name)
    _link(feed, "self", own if before is None else f"{own}?before={before}", "application/atom+xml")
    if thread is not None:
        _link(feed, "alternate", thread, "text/html")
    _link(feed, "first", own, "application/atom+xml")
    if before is not None:
        newer = recent.place_before(conn, site.id, of, before, most)
        _link(feed, "previous", own if newer is None else f"{own}?before={newer}", "application/atom+xml")
    if contents.after is not None:
        _link(feed, "next", f"{own}?before={contents.after}", "application/atom+xml")
    for row in contents.rows:
        _entry(feed, row, contents, asked, words)
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    whole = asked.article is None or contents.article is not None
    return Made(body, site, COUNTED, _shows(contents), whole, is_cheap=not contents.rows, kind=KIND)


def _entry(feed: ElementTree.Element, row: Any, contents: Contents, asked: FeedQuestion, words: Words) -> None:
    article = contents.articles[row.article_id]
    thread = _thread(asked, article.key)
    address = f"{thread}?comment={row.id}"
    name = row.name or words.t("comment.someone")
    entry = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
    _add(entry, "id", address)
    _add(entry, "title", f"{name} · {article.title or contents.site.name}")
    author = ElementTree.SubElement(entry, f"{{{ATOM}}}author")
    _add(author, "name", name)
    _add(entry, "published", time_text(row.created_at))
    _add(entry, "updated", time_text(row.edited_at or row.created_at))
    _link(entry, "alternate", f"{address}#comment-{row.id}", "text/html")
    if row.parent_id is not None:
        above = f"{thread}?comment={row.parent_id}"
        _answers(entry, above, f"{above}#comment-{row.parent_id}")
    elif article.url and is_http_url(article.url):
        _answers(entry, article.url, article.url)
    if row.reply_count:
        replies = _link(entry, "replies", f"{address}#comment-{row.id}", "text/html")
        replies.set(f"{{{THREADS}}}count", str(row.reply_count))
        total = ElementTree.SubElement(entry, f"{{{THREADS}}}total")
        total.text = str(row.reply_count)
    content = _add(entry, "content", contents.html[row.id])
    content.set("type", "html")
    if row.language:
        content.set("xml:lang", row.language)


def _thread(asked: FeedQuestion, article: str) -> str:
    """The address of a thread."""
    return f"{asked.base}/articles/{asked.site}/{quote(article, safe='')}"


def _title(words: Words, article: Any) -> str:
    title = article.title if article is not None else None
    return words.t("page.title", title=title) if title else words.t("thread.title")


def _add(parent: ElementTree.Element, name: str, text: str | None) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}")
    made.text = NOT_XML.sub("", text or "")
    return made


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "type": kind, "href": NOT_XML.sub("", href)})


def _answers(entry: ElementTree.Element, ref: str, href: str) -> None:
    """What this is a reply to: another comment, or the article itself."""
    ElementTree.SubElement(entry, f"{{{THREADS}}}in-reply-to", {"ref": ref, "href": href, "type": "text/html"})
