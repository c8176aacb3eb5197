"""Akismet's comment-check: is it spam? https://akismet.com/developers/detailed-docs/comment-check/

It asks for the author's address, which we neither keep nor hand on: we say 127.0.0.1 for everybody, so that it judges
by text, name and page.
"""

from typing import Annotated
from urllib.parse import urlencode

import msgspec

from comments.core.errors import Malformed
from comments.core.site import is_http_url
from comments.opinions import Asks, Kind, Opinion, OpinionError, Question

NOBODYS_ADDRESS = "127.0.0.1"
DISCARD, SPAM, HAM = 1.0, 0.9, 0.0


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    blog: Annotated[str, msgspec.Meta(max_length=2000)]  # the site's address, as it is registered there
    url: Annotated[str, msgspec.Meta(max_length=2000)] = "https://rest.akismet.com/1.1/comment-check"
    is_test: bool = False  # nothing is learnt from what is sent


def check(config: Config, _secret: str | None) -> None:
    for name, url in (("blog", config.blog), ("url", config.url)):
        if not is_http_url(url):
            raise Malformed(f"akismet: {name} must be an absolute http(s) URL.", field="config")


def ask(question: Question, config: Config, secret: str | None, post: Asks) -> Opinion:
    sent = {
        "api_key": secret,
        "blog": config.blog,
        "user_ip": NOBODYS_ADDRESS,
        "permalink": question.article_url,
        "comment_type": "reply" if question.is_reply else "comment",
        "comment_author": question.author_name,
        "comment_content": question.text,
        "blog_lang": question.language,
        "blog_charset": "UTF-8",
        "recheck_reason": "edit" if question.is_edit else None,
        "is_test": "1" if config.is_test else None,
    }
    body = urlencode({name: value for name, value in sent.items() if value}).encode()
    answer = post(config.url, body, {"Content-Type": "application/x-www-form-urlencoded"})
    said = answer.body.strip()
    if said not in (b"true", b"false"):
        why = answer.headers.get("x-akismet-debug-help", "it answered neither true nor false")
        raise OpinionError(f"akismet: {why[:200]}")
    spam = DISCARD if answer.headers.get("x-akismet-pro-tip") == "discard" else SPAM
    return Opinion({"spam": spam if said == b"true" else HAM}, "akismet", "1.1")


kind = Kind(config=Config, ask=ask, secret="needed", labels=("spam",), check=check)  # noqa: S106 - the word
