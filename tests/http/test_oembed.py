"""oEmbed: what oembed.com's version 1.0 asks of an answer, in both formats; the public's comments alone, harmless."""

from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from flask import Flask
from lxml import etree

from tests.conftest import FakeClock
from tests.core.reading import vectors
from tests.gazette import Gazette, good, refused
from tests.http.printed import FRAME, Printed, harmful, text_of

WHERE = "https://www.gazette.example/a"
BASE = "http://localhost:8000"
THREAD = f"{BASE}/articles/gazette/1"
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
PIXELS = {"type": "integer", "minimum": 1}
SCHEMA = {  # section 2.3.4 of the specification
    "type": "object",
    "required": ["type", "version"],
    "properties": {
        "type": {"enum": ["photo", "video", "link", "rich"]}, "version": {"const": "1.0"}, "title": TEXT,
        "author_name": TEXT, "author_url": {"type": "string", "format": "uri"}, "provider_name": TEXT,
        "provider_url": {"type": "string", "format": "uri"}, "cache_age": PIXELS, "html": TEXT, "width": PIXELS,
        "height": PIXELS,
    },
    "additionalProperties": False,
    "if": {"properties": {"type": {"const": "rich"}}},
    "then": {"required": ["html", "width", "height"]},
    "else": {"not": {"anyOf": [{"required": [name]} for name in ("html", "width", "height")]}},
}  # fmt: skip


def embed(app: Flask, url: str, more: str = "") -> Any:
    answer = app.test_client().get(f"/oembed?url={quote(url, safe='')}{more}")
    found = good(answer)
    jsonschema.validate(found, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert answer.headers["Cache-Control"].startswith("public")
    return found


class Quoted:
    """An answer as a page has it that took it in."""

    status_code, headers = 200, {"Content-Type": "text/html; charset=utf-8"}

    def __init__(self, html: str) -> None:
        self.html = FRAME.format(html)

    def get_data(self, *, as_text: bool) -> str:
        return self.html


def printed(found: Any) -> Printed:
    return Printed(Quoted(found["html"]))  # type: ignore[arg-type]


def test_a_permalink_is_a_quotation(app: Flask, paper: Gazette) -> None:
    about = {"article_title": "Dogs & cats", "article_url": WHERE}
    here = good(paper.reader("kiesel").send("The **first** one.", **about), 201)["id"]
    url = f"{THREAD}?comment={here}#comment-{here}"
    found = embed(app, url)
    assert {name: found[name] for name in ("type", "title", "author_name", "provider_name", "provider_url")} == {
        "type": "rich", "title": "kiesel · Dogs & cats", "author_name": "kiesel", "provider_name": "Gazette",
        "provider_url": BASE,
    }  # fmt: skip
    page = printed(found)
    assert text_of(page.all("div")[0]) == "The first one." and page.all("strong")
    assert page.all("blockquote")[0].get("cite") == url and list(page.links().values()) == [url]
    assert harmful(page) == []
    assert embed(app, url, "&maxwidth=320")["width"] == 320
    assert embed(app, url, "&maxheight=50")["type"] == "link", "what does not fit is a link"
    answer = app.test_client().get(f"/oembed?format=xml&url={quote(url, safe='')}")
    told = {one.tag: one.text for one in etree.fromstring(answer.data)}
    assert answer.mimetype == "text/xml" and told == {name: str(value) for name, value in found.items()}


def test_a_thread_is_its_title_and_number(app: Flask, paper: Gazette) -> None:
    paper.reader().post("hello", article="a/b")
    found = embed(app, f"{BASE}/articles/gazette/a%2Fb?sort=oldest")
    page = printed(found)
    assert page.links() == {"Comments": f"{BASE}/articles/gazette/a%2Fb"} and "1 comment" in page.words()
    for path in (
        "/articles/gazette/a%2Fb",
        f"/articles/gazette/a%2Fb?comment={paper.page('a%2Fb')['comments'][0]['id']}",
    ):
        plain = Printed(app.test_client().get(path))
        links = {one.get("type"): one.get("href", "") for one in plain.all("link") if "oembed" in one.get("type", "")}
        assert set(links) == {"application/json+oembed", "text/xml+oembed"}
        assert good(app.test_client().get(links["application/json+oembed"].removeprefix(BASE)))["type"] == "rich"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("url=", 400), (f"url={THREAD}&format=html", 501), (f"url={THREAD}&maxwidth=x", 400),
        ("url=https://other.example/articles/gazette/1", 404), (f"url={BASE}.evil.example/articles/gazette/1", 404),
        (f"url={BASE}/articles/none/1", 404), (f"url={BASE}/articles/gazette/none", 404), (f"url={BASE}/console", 404),
        (f"url={THREAD}?comment=999", 404), (f"url={THREAD}?comment=x", 404), ("url=http://[/articles/gazette/1", 404),
        (f"url={BASE}/articles/closed/1", 404), (f"url={BASE}/articles/gazette/2?comment={{id}}", 404),
    ],
)  # fmt: skip
def test_what_there_is_not(app: Flask, paper: Gazette, clock: FakeClock, query: str, status: int) -> None:
    here = paper.reader().post("hello")["id"]
    paper.reader().post("hello elsewhere", article="2")
    Gazette.make(app, clock, "closed", read="registered").reader().post("for us alone")
    refused(app.test_client().get(f"/oembed?{query.format(id=here)}"), status)


def test_the_public_alone_is_quoted(app: Flask, clock: FakeClock) -> None:
    herald = Gazette.make(app, clock, "herald", banned_words=["weasel"])
    kiesel = herald.reader()
    held, shown = kiesel.post("a weasel word")["id"], kiesel.post("shown")["id"]
    address = quote(f"{BASE}/articles/herald/1?comment=", safe="")
    assert embed(app, f"{BASE}/articles/herald/1?comment={shown}")
    kiesel.post("a reply that keeps its place", shown)
    good(kiesel.withdraw(shown))
    for one in (held, shown):
        refused(app.test_client().get(f"/oembed?url={address}{one}"), 404)


def test_attacks_are_quoted_harmlessly(app: Flask, paper: Gazette) -> None:
    kiesel = paper.reader("kiesel")
    for number, attack in enumerate(one.replace("\0", "") for one in vectors()):
        sent = kiesel.send(attack, article=f"{number // 20}", article_title=attack[:300] or "x", article_url=WHERE)
        if sent.status_code == 201:
            found = embed(app, f"{BASE}/articles/gazette/{number // 20}?comment={sent.get_json()['id']}")
            assert harmful(printed(found)) == []
