"""In front of everything: first pages, counts and the front end's files are answered from prepared bytes before Flask,
Socket.IO or any turn-taking sees the request. What cannot be answered so goes on to the application.
"""

import logging
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from comments.core.errors import CommentsError
from comments.core.site import is_site_key
from comments.core.thread import Sort, is_article_key
from comments.http.bundles import NAMED, STATIC, bundle_at
from comments.http.feeds import FEED, feed_asked
from comments.http.limits import COUNTED, count_before
from comments.http.pages import PAGES, first_page
from comments.http.reading import MOST_COUNTS, counts_of, page_of, require_reading, telling_strangers
from comments.http.request import REFUSED, Parts, site_named
from comments.http.snapshots import Made, Question, Ready, Snapshots, Stand, Told
from comments.http.teasers import DISCUSSED, PICKS, teaser_asked
from comments.seen.counted import PREPARED, Tally
from comments.storage.threads import page_version
from comments.storage.transaction import Connection

log = logging.getLogger(__name__)

OF_SITES = "/sites/"  # feeds and fragments
SITES, ARTICLES, COMMENTS, COUNTS = "/api/v1/sites/", "articles/", "/comments", "counts"
SORTS = frozenset(map(str, Sort))
TURN = 8  # requests
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


class PageQuestion(NamedTuple):
    """The first page of a thread."""

    site: str
    article: str
    sort: str

    @property
    def name(self) -> str:
        return "page"

    @property
    def weight(self) -> int:
        return 2 * len(self.article)

    def stand(self, conn: Connection) -> Stand:
        article_id, seq, version = page_version(conn, self.site, self.article) or (None, 0, -1)
        return version, {} if article_id is None else {article_id: seq}

    def make(self, conn: Connection) -> Made:
        return page_of(conn, site_named(conn, self.site), self.article, Sort(self.sort))


class CountsQuestion(NamedTuple):
    """How many comments these articles have."""

    site: str
    articles: tuple[str, ...]

    @property
    def name(self) -> str:
        return "counts"

    @property
    def weight(self) -> int:
        return sum(100 + 4 * len(key) for key in self.articles)

    def stand(self, conn: Connection) -> Stand:
        return self.make(conn).stand

    def make(self, conn: Connection) -> Made:
        return counts_of(conn, self.site, self.articles)


def in_front(snapshots: Snapshots, parts: Parts, app: Wsgi, in_turn: Callable[[Wsgi], Wsgi] | None = None) -> Wsgi:
    """The WSGI layer. `in_turn` lets others have their turn before it goes on: every few requests will do, because
    answering so few takes less time than one page that is made.
    """
    asked = 0

    def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
        address = path, _ = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if path.startswith((*NAMED, STATIC)):
            return _send_bundle(path, app, environ, start_response)
        found = snapshots.at(address)
        if found is None or environ["REQUEST_METHOD"] != "GET":
            question = _question(environ, parts.settings.public_url)
            if question is None:
                return app(environ, start_response)
            try:
                if not snapshots.has(question):
                    count_before(parts, environ)
                found = snapshots.find(question, address)
            except CommentsError as error:
                return _say(error, app, environ, start_response)
            except Exception:  # it fails in the application too, which logs it and has words for it
                return app(environ, start_response)
        made = found.made
        if made.article is not None and ("HTTP_AUTHORIZATION" in environ or made.site.settings.read != "everyone"):
            try:
                if "HTTP_AUTHORIZATION" in environ and COUNTED not in environ:
                    count_before(parts, environ)
                _check_door(parts, made, environ)
            except CommentsError as error:
                return _say(error, app, environ, start_response)
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        ready = found.ready.get(encoding) or snapshots.ready(found, encoding)
        return _send(ready, found.tally, environ, start_response)

    # without DEBUG no line: it would cost more than the answer
    front: Wsgi = _with_a_line(answer) if log.isEnabledFor(logging.DEBUG) else answer
    if in_turn is None:
        return front
    after_others = in_turn(front)

    def fairly(environ: Environ, start_response: Any) -> Iterable[bytes]:
        nonlocal asked
        asked += 1
        return front(environ, start_response) if asked % TURN else after_others(environ, start_response)

    return fairly


def _with_a_line(answer: Wsgi) -> Wsgi:
    """Say of every request that came so far, prepared or not, what it was answered."""

    def told(environ: Environ, start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: Any, *error: Any) -> Any:
            log.debug("in front", extra={"status": int(status[:3]), "ms": round((time.monotonic() - began) * 1000, 2)})
            return start_response(status, headers, *error)

        began = time.monotonic()
        return answer(environ, start)

    return told


def _send_bundle(path: str, app: Wsgi, environ: Environ, start_response: Any) -> Iterable[bytes]:
    found = bundle_at(path, encoding_for(environ.get("HTTP_ACCEPT_ENCODING", "")))
    if found is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return app(environ, start_response)  # it says that there is nothing
    return _send(found, PREPARED["file"], environ, start_response)


def _check_door(parts: Parts, made: Made, environ: Environ) -> None:
    """As the view has it; nothing of it is remembered."""
    assert made.article is not None
    with telling_strangers(parts, made.site.key, made.article, made.told), parts.database.read() as conn:
        require_reading(parts, conn, made.site, environ.get("HTTP_AUTHORIZATION", ""))


def told_at_the_door(snapshots: Snapshots, site: str, article: str) -> Told:
    """What those are told who may not read this thread, whatever they asked of it: its newest page knows."""
    path = f"{SITES}{site}/{ARTICLES}{article}{COMMENTS}".encode().decode("latin-1")  # as WSGI has it
    found = snapshots.find(PageQuestion(site, article, str(Sort.NEWEST)), (path, ""))
    return found.made.told or Told(0, b"")


def _say(error: CommentsError, app: Wsgi, environ: Environ, start_response: Any) -> Iterable[bytes]:
    """What is refused here the application says, in its own words and without asking the database again."""
    return app(environ | {REFUSED: error}, start_response)


def _send(ready: Ready, tally: Tally, environ: Environ, start_response: Any) -> Iterable[bytes]:
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and _is_known(ready.tag, known):
        tally.unchanged += 1
        start_response("304 Not Modified", [*ready.unchanged])
        return []
    tally.whole += 1
    start_response("200 OK", [*ready.headers])
    return [ready.body] if environ["REQUEST_METHOD"] == "GET" else []


def _is_known(tag: str, known: str) -> bool:
    """Whether If-None-Match names this tag: one tag or a list, weak (a proxy compressed) or not, or `*`."""
    if known == tag:
        return True
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in known.split(","))


@lru_cache(maxsize=500)
def encoding_for(accepted: str) -> str:
    """The best of our encodings that this Accept-Encoding allows."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameter = part.partition(";")
        try:
            weights[name.strip()] = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[name.strip()] = 0
    offered = {name: weights.get(name, weights.get("*", 0)) for name in ("br", "gzip")}
    return next((name for name, weight in offered.items() if weight > 0), "identity")


def _question(environ: Environ, public_url: str) -> Question | None:
    """What is asked for; None if prepared bytes do not answer it, or it is so wrong that the application says why."""
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    door = next((one for one in (SITES, PAGES, OF_SITES) if path.startswith(one)), None)
    if door is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not query.isascii():
        return None
    try:
        site, _, rest = path.removeprefix(door).encode("latin-1").decode().partition("/")
        asked = parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_COUNTS)
    except ValueError:
        return None
    if not is_site_key(site):
        return None
    if door == OF_SITES:
        if rest == FEED[1:]:
            return feed_asked(site, None, asked, public_url)
        return teaser_asked(site, rest, asked, public_url, is_api=False)
    if door == PAGES:
        if rest.endswith(FEED):
            return feed_asked(site, rest.removesuffix(FEED), asked, public_url)
        return first_page(site, rest, asked, public_url)
    if rest == COUNTS:
        return _counts(site, asked)
    if rest in (DISCUSSED, PICKS):
        return teaser_asked(site, rest, asked, public_url, is_api=True)
    if rest.startswith(ARTICLES) and rest.endswith(COMMENTS):
        return _page(site, rest[len(ARTICLES) : -len(COMMENTS)], asked)
    return None


def _page(site: str, article: str, asked: dict[str, list[str]]) -> PageQuestion | None:
    sort = asked.pop("sort", [str(Sort.NEWEST)])
    if asked or len(sort) != 1 or sort[0] not in SORTS or not is_article_key(article):
        return None
    return PageQuestion(site, article, sort[0])


def _counts(site: str, asked: dict[str, list[str]]) -> CountsQuestion | None:
    keys = asked.pop("article", [])
    if asked or not all(map(is_article_key, keys)):
        return None
    return CountsQuestion(site, tuple(keys))
