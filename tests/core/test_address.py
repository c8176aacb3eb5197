"""Addresses: which href may stay."""

import pytest

from comments.core.address import MAX_HREF, safe_href

STAY = [
    "http://x.example",
    "https://x.example/",
    "https://x.example:8443/a/b_(c)?d=e&f=%20#g",
    "https://sub.x-y.example./",
    "https://münchen.example/ü",
    "https://xn--mnchen-3ya.example/",
    "http://192.0.2.1/",
    "http://[2001:db8::1]:80/",
    "http://localhost/",
    "https://x.example/@someone/1?to=a@b.example",
    "mailto:a.b+c@x-y.example",
]
GO = [
    "",
    "x.example",
    "/a",
    "//x.example",
    "#a",
    "?a",
    "http:",
    "http://",
    "http:///x.example",
    "http:x.example",
    "http:/x.example",
    "https:\\\\x.example",
    "http://x.example\\@y.example",
    "http://a@x.example",
    "http://a:b@x.example",
    "http://@x.example",
    "http://x.example:port/",
    "http://x.example:99999/",
    "http://x..example/",
    "http://.example/",
    "http://-x.example/",
    "http://x_.-.example/",
    "http://%78.example/",
    "http://x\u3002example/",
    "http://x.exa\u00admple/",
    "http://x.example/\u202e",
    "http://x.example/a b",
    "http://x.example/\n",
    "http://x.example/\x7f",
    'http://x.example/"',
    "http://x.example/'",
    "http://x.example/<",
    "http://x.example/`",
    "http://[::1/",
    "http://[x]/",
    "http://[::1]x/",
    "http://" + "a" * 254 + "/",
    "http://x.example/" + "a" * MAX_HREF,
    "javascript:alert(1)",
    "javascript:123",
    "javascript://x.example/%0aalert(1)",
    " http://x.example",
    "\x01http://x.example",
    "data:text/html,x",
    "ftp://x.example",
    "mailto:",
    "mailto:x",
    "mailto:a@b",
    "mailto:a@b.example,c@d.example",
    "mailto:a@b.example?cc=c@d.example",
    "mailto://a@b.example",
    "mailto:a@b.example%0abcc:c@d.example",
]


@pytest.mark.parametrize("href", STAY)
def test_stays(href: str) -> None:
    assert safe_href(href) == href


@pytest.mark.parametrize("href", GO)
def test_goes(href: str) -> None:
    assert safe_href(href) is None


def test_the_scheme_is_written_small() -> None:
    assert safe_href("HtTpS://X.example/A") == "https://X.example/A"
    assert safe_href("MAILTO:A@x.example") == "mailto:A@x.example"
