"""The policies of the console and of plain pages in Chromium: nothing of ours is refused, and what is planted is."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browsers import Reader
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import Paper
from tests.served import Served

HEARD = """
    window.heard = [];
    addEventListener("securitypolicyviolation", (event) => heard.push(event.effectiveDirective));
"""
PLANTS = {  # what refuses it, and a number → what a hole would let in
    "require-trusted-types-for 1": "const one = document.createElement('script'); one.text = 'window.ran = 1'; "
    "document.head.append(one)",
    "require-trusted-types-for 2": "const one = document.createElement('img'); "
    "one.setAttribute('onerror', 'window.ran = 2'); one.src = 'data:,'; document.body.append(one)",
    "require-trusted-types-for 3": "document.body.innerHTML = '<b>x</b>'",
    "style-src-elem": "const one = document.createElement('style'); one.textContent = 'body { color: red }'; "
    "document.head.append(one)",
    "style-src-attr": "document.body.setAttribute('style', 'color: red')",
    "connect-src": "fetch('https://evil.example/').catch(() => 0)",
    "frame-src": "const one = document.createElement('iframe'); one.src = 'https://evil.example/'; "
    "document.body.append(one)",
    "form-action": "const one = document.createElement('form'); one.action = 'https://evil.example/'; "
    "document.body.append(one); one.submit()",
    "base-uri": "const one = document.createElement('base'); one.href = 'https://evil.example/'; "
    "document.head.append(one)",
}
REFUSED = "Content Security Policy|TrustedHTML|TrustedScript|Trusted Type|Failed to fetch|ERR_|document requires"


def planted(page: Page) -> dict[str, Any]:
    """What was heard of each thing planted; `ran`: whether a script of it did."""
    heard = {}
    for directive, script in PLANTS.items():
        page.evaluate(f"() => {{ heard.length = 0; try {{ {script} }} catch (error) {{ void error }} }}")
        page.evaluate("async () => { while (!heard.length) await new Promise(requestAnimationFrame) }")  # no eval here
        heard[directive] = page.evaluate("heard[0]")
    return heard | {"ran": page.evaluate("window.ran ?? 0")}


def test_the_console(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    paper.member("birke").post("news", "Something else.")
    console = enter(paper, role="administrator", foreseen=REFUSED)
    page = console.page
    page.add_init_script(HEARD)
    screens = ("waiting", "new", "search?q=else", "rules", "classifiers", "figures", "texts", "articles", "audit")
    for screen in screens:
        page.goto(f"{console.url}/{paper.key}/{screen}")
        expect(page.get_by_role("main")).to_be_visible()
        assert page.evaluate("heard") == [], screen
    assert page.evaluate("document.querySelector('script').nonce.length") == 24
    assert page.evaluate("document.querySelector('script').getAttribute('nonce')") in ("", None), "no style can read it"
    found = planted(page)
    assert {name: found[name] for name in PLANTS} == {name: name.split()[0] for name in PLANTS} and found["ran"] == 0


def test_a_plain_page(paper: Paper, reader: Callable[..., Reader], service: Served) -> None:
    paper.member("birke").post("news", "Something else.")
    someone = reader()
    someone.foresee(REFUSED)
    page = someone.page
    page.add_init_script(HEARD)
    for address in (f"/articles/{paper.key}/news", f"/articles/{paper.key}/news?sort=oldest"):
        page.goto(service.url + address)
        expect(page.get_by_text("Something else.")).to_be_visible()
        assert page.evaluate("heard") == []
        assert page.evaluate("getComputedStyle(document.body).fontFamily") != "", "its look is loaded"
    found = planted(page)
    assert {name: found[name] for name in PLANTS} == {name: name.split()[0] for name in PLANTS} and found["ran"] == 0
