"""Firefox and WebKit, where Debian's packages of them are installed (firefox-esr; webkit2gtk-driver and xvfb): somebody
reads a thread, writes, and sees live what another writes. On a page of another origin with the strictest policy.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.engines import Driven, click, firefox, mini_browser, type_text, wait_until, webkit
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Paper

ROOT = "document.querySelector('comment-thread').shadowRoot"
THERE = {
    "firefox": bool(shutil.which("firefox-esr") or shutil.which("firefox")),
    "webkit": bool(shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and mini_browser()),
}


@pytest.fixture(params=["firefox", "webkit"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driven]:
    if not THERE[request.param]:
        pytest.skip(f"{request.param} is not installed")
    with (firefox if request.param == "firefox" else webkit)(tmp_path) as browser:
        yield browser


def one(selector: str) -> str:
    return f"document.querySelector('comment-thread')?.shadowRoot.querySelector({selector!r})"


def shown(text: str) -> str:
    """Is there a comment with this text?"""
    return f"document.querySelector('comment-thread')?.shadowRoot.textContent.includes({text!r})"


@pytest.mark.timeout(240)
def test_read_write_and_see_live(engine: Driven, new_paper: Callable[..., Paper], newspaper: Newspaper) -> None:
    paper = new_paper()
    birke = paper.member("birke")
    birke.post("news", "Read in every browser.")
    newspaper.accounts["kiesel"] = "active"
    back = quote(newspaper.address(paper, "news"), safe="")
    engine.go(f"{newspaper.origin}/{paper.key}/enter?name=kiesel&back={back}")
    wait_until(engine, shown("Read in every browser."))
    wait_until(engine, "document.querySelector('[data-comment-count]').textContent === '1'")

    click(engine, one(".join"))
    wait_until(engine, f"{ROOT}.activeElement?.tagName === 'TEXTAREA'")
    type_text(engine, "Written here.")
    click(engine, one("form [type=submit]"))
    wait_until(engine, f"!{one('form')} && {shown('Written here.')}")
    assert paper.page("news")["comments"][0]["body"] == [["p", "Written here."]]

    birke.post("news", "Said elsewhere.")
    wait_until(engine, one("[part=arrivals]") + " !== null")
    click(engine, one("[part=arrivals]"))
    wait_until(engine, shown("Said elsewhere."))
