"""oEmbed (oembed.com, version 1.0) for threads and permalinks: a quotation with its source, without script, so that it
is the same on every page that takes it in; or a plain link where it would not fit.
"""

import math
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree  # nosec B405

from flask import Blueprint, Response, request

from comments.core.errors import Malformed, NotFound
from comments.core.identity import NOBODY
from comments.core.policy import THE_PUBLIC, Action, Subject, may
from comments.core.present import Json
from comments.core.site import is_site_key
from comments.core.thread import is_article_key
from comments.core.times import time_text
from comments.core.words import Words, pick_language
from comments.http.feeds import NOT_XML
from comments.http.nesting import nest, shown_in_full
from comments.http.pages import PAGES, Asked, template
from comments.http.reading import KEPT_BY_ALL, plain
from comments.http.request import answer, parts, read_id, site_named, whole_number
from comments.spoken import house_texts
from comments.storage import threads
from comments.storage.transaction import Connection

blueprint = Blueprint("oembed", __name__)
WIDTH = 550  # pixels; no wider
LINE, LETTER, AROUND = 24, 8, 96  # pixels: what a quotation takes at 16 px, rather too much
AGE = 300  # seconds that a consumer may keep it
LONGEST = 2000  # characters of an address


@blueprint.get("/oembed")
def oembed() -> Response:
    kind = request.args.get("format", "json")
    if kind not in ("json", "xml"):
        wrong = Malformed("format is json or xml.", field="format")
        wrong.status, wrong.title = 501, "Not implemented"  # type: ignore[misc] # as oEmbed has it
        raise wrong
    width = min(WIDTH, whole_number("maxwidth", WIDTH, 100_000))
    height = whole_number("maxheight", 100_000, 100_000)
    asked = _address(request.args.get("url", ""), parts().settings.public_url)
    with parts().database.read() as conn:
        told = _told(conn, asked, width, height)
    headers = {"Cache-Control": KEPT_BY_ALL}
    if kind == "json":
        return answer(told, headers=headers)
    root = ElementTree.Element("oembed")
    for name, value in told.items():
        ElementTree.SubElement(root, name).text = NOT_XML.sub("", str(value))
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type="text/xml; charset=utf-8", headers=headers)


def _address(url: str, base: str) -> Asked:
    """Which thread or comment of this service an address names. Raises Malformed without one, NotFound for others."""
    if not url or len(url) > LONGEST:
        raise Malformed("url is the address of a thread or of a comment here.", field="url")
    try:
        found = urlsplit(url)
        query = parse_qs(found.query, max_num_fields=20)
    except ValueError as error:
        raise NotFound("address here") from error
    path = found.path.removeprefix(urlsplit(base).path)
    if f"{found.scheme}://{found.netloc}{found.path}"[: len(base) + 1] != f"{base}/" or not path.startswith(PAGES):
        raise NotFound("address here")
    site, _, article = path.removeprefix(PAGES).partition("/")
    article = unquote(article)
    if not is_site_key(site) or not is_article_key(article):
        raise NotFound("address here")
    comment = read_id(query["comment"][-1], "comment") if "comment" in query else None
    return Asked(site, article, base, comment=comment, is_fragment=True)


def _told(conn: Connection, asked: Asked, width: int, most: int) -> Json:
    """What the public sees. Raises NotFound."""
    site = site_named(conn, asked.site)
    article = threads.find_article(conn, site.id, asked.article)
    is_open = may(NOBODY, Action.READ, Subject(site.id, site.settings), 0)
    if article is None or not is_open or article.mode == "off":
        raise NotFound("thread for everybody")
    words = Words(pick_language([site.settings.locale], house_texts()), house_texts())
    title = words.t("page.title", title=article.title) if article.title else words.t("thread.title")
    told: Json = {"version": "1.0", "type": "link", "title": title}
    told |= {"provider_name": site.name, "provider_url": asked.base, "cache_age": AGE}
    one, url, text = None, asked.link(), title
    if asked.comment is not None:
        rows = plain(threads.read_comments(conn, [asked.comment], THE_PUBLIC))
        if not shown_in_full(rows) or rows[0].article_id != article.id:
            raise NotFound("comment")
        one, url, text = nest(rows, threads.read_html(conn, [rows[0].id]))[0], asked.at(rows[0].id), rows[0].text
        name = rows[0].name or words.t("comment.someone")
        told |= {"author_name": name, "title": f"{name} · {article.title or site.name}"}
    height = AROUND + LINE * sum(math.ceil(max(1, len(line)) * LETTER / width) for line in text.split("\n"))
    if height > most:
        return told
    printed = template("oembed.html").render(
        words=words, one=one, url=url, title=title, total=article.total, time_text=time_text
    )
    return told | {"type": "rich", "html": printed.strip(), "width": width, "height": height}
