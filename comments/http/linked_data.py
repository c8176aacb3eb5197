"""A thread as schema.org has it, for search engines: a DiscussionForumPosting with its comments below each other.

Made from what a page prints (nesting.py), so it says what the public sees and nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from comments.core.present import Json
from comments.core.site import is_http_url
from comments.core.times import time_text
from comments.http.nesting import Shown
from comments.storage.sites import Site

SCHEMA = "https://schema.org"
Address = Callable[[int], str]  # of a comment, by its id


def discussion(site: Site, article: Any, url: str, headline: str, comments: Sequence[Shown], at: Address) -> Json:
    """The thread under this article as JSON-LD. `url`: its canonical address; `comments`: those of one page."""
    told: Json = {
        "@context": SCHEMA,
        "@type": "DiscussionForumPosting",
        "@id": url,
        "url": url,
        "headline": headline,
        "author": {"@type": "Organization", "name": site.name},
        "datePublished": time_text(min([article.created_at, *_times(comments)])),  # what was moved in may be older
        "inLanguage": site.settings.locale,
        "commentCount": article.total,
    }
    if article.url and is_http_url(article.url):
        told["sharedContent"] = {"@type": "WebPage", "url": article.url}
    return told | {"comment": [_comment(one, at) for one in comments]}


def _times(comments: Sequence[Shown]) -> Iterator[int]:
    for one in comments:
        yield one.row.created_at
        yield from _times(one.children)


def _comment(one: Shown, at: Address) -> Json:
    url = at(one.row.id)
    told: Json = {"@type": "Comment", "@id": url, "url": url}
    if one.body is None:
        told["creativeWorkStatus"] = "Deleted"
    else:
        told |= _said(one)
    if one.answers is not None:
        told["parentItem"] = {"@type": "Comment", "@id": at(one.answers.id)}
    if one.children:
        told["comment"] = [_comment(child, at) for child in one.children]
    return told


def _said(one: Shown) -> Json:
    row = one.row
    told: Json = {"text": row.text, "datePublished": time_text(row.created_at), "upvoteCount": row.recommends}
    if row.name:
        told["author"] = {"@type": "Person", "name": row.name}
    if row.edited_at is not None:
        told["dateModified"] = time_text(row.edited_at)
    if row.language:
        told["inLanguage"] = row.language
    return told
