"""Reads WordPress's export (WXR): RSS whose items are posts, with their comments within.

A comment's article is its post's number, `wp:post_id`; the address serves where there is none. Times are UTC
(`comment_date_gmt`). Texts are HTML in which line ends count.
"""

import html
import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import urlsplit

from comments.core.archive import BadLine, Found
from comments.importers.sources import Fields, Source, path_of, record, utc
from comments.importers.xml_records import LONGEST_TEXT, Wanted, XmlRecord, read_records

PARTS = ("id", "author", "author_email", "date", "date_gmt", "content", "approved", "type", "parent", "user_id")
WANTED = {
    "base_blog_url": Wanted(frozenset({""})),
    "item": Wanted(frozenset({"title", "link", "post_id"})),
    "comment": Wanted(frozenset({f"comment_{part}" for part in PARTS}), within="item", listed=True),
}
STATUSES = {"1": "published", "approved": "published", "0": "waiting", "hold": "waiting"}
_OWN_LINES = re.compile(r"<(?:p|br|div|ul|ol|li|blockquote|pre)\b", re.IGNORECASE)


def read(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """The comments, each under the article of its post. Pings of other sites are refused: nobody wrote them."""
    blog = ""
    for one in read_records(stream, "rss", WANTED):
        if one.name == "base_blog_url":
            address = urlsplit(one.text(""))
            blog = f"{address.netloc}{address.path.rstrip('/')}:"
        elif one.name == "comment" and one.outer is not None:
            yield _comment(one, one.outer, f"wordpress:{blog}", source)


def _comment(one: XmlRecord, post: XmlRecord, system: str, source: Source) -> Found | BadLine:
    get = {part: one.text(f"comment_{part}") for part in PARTS}
    key = f"{system}{get['id']}"
    if not get["id"]:
        return BadLine(one.line, "it has no comment_id")
    if get["type"] not in ("", "comment"):
        return BadLine(one.line, f"it is a {get['type'][:40]}, not a comment", key)
    if one.too_long:
        return BadLine(one.line, f"its {min(one.too_long)} is longer than {LONGEST_TEXT} characters", key)
    link = post.text("link")
    article = source.article(post.text("post_id"), path_of(link), link, url=link, title=post.text("title"))
    if not article["id"]:
        return BadLine(one.line, "its post has neither number nor link", key)
    fields: Fields = {
        "key": key,
        "article": article,
        "status": STATUSES.get(get["approved"], "rejected"),
        "created_at": utc(get["date_gmt"]) or utc(get["date"]),
        **_body(get["content"]),
    }
    if get["parent"] not in ("", "0"):
        fields["parent"] = f"{system}{get['parent']}"
    number = get["user_id"] if get["user_id"] != "0" and not get["author_email"] else ""
    if author := source.guest("wordpress", get["author"], get["author_email"], number):
        fields["author"] = author
    return record(one.line, fields, one.notes)


def _body(text: str) -> Fields:
    """As WordPress shows it: an empty line ends a paragraph, a line end is one."""
    if "<" not in text and "&" not in text:
        return {"body": text, "format": "text"}
    if _OWN_LINES.search(text):
        return {"body": text, "format": "html"}
    if "<" not in text:
        return {"body": html.unescape(text), "format": "text"}
    parts = re.split(r"\n{2,}", text.replace("\r\n", "\n"))
    return {"body": "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in parts), "format": "html"}
