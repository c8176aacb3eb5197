"""The widget in every state that a reader may find it in, in any language: what states.py acts on.

A state is reached by real acts on the real service, in the page's own language, so that a picture or an axe run of it
is of what readers have. test_widget_axe.py looks at all of them; `make pictures` makes their pictures.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Route, expect

import comments
from tests.e2e.browsers import Reader
from tests.e2e.cable import Cable
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Member, Paper

LOCALES = Path(comments.__file__).parent / "locales"
RIGHT_TO_LEFT = {"ar", "he"}
# The page's own looks, as a constructed sheet: its policy allows no others.
DRESS = """
    html { color-scheme: light dark; background: Canvas; color: CanvasText; }
    body { font: 1.0625rem/1.5 Georgia, serif; max-width: 44rem; margin: 0 auto; padding: 1rem; }
    h1 { font-size: 1.4em; margin-block: 0 .2em; }
"""
DRESSING = """css => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
}"""


@cache
def texts(language: str) -> dict[str, str]:
    english: dict[str, str] = json.loads((LOCALES / "en.json").read_text())
    own: dict[str, str] = json.loads((LOCALES / f"{language}.json").read_text())
    return english | own


@dataclass
class Stage:
    """One site and the reader who looks at it. `says` is what the widget says in the language of the page."""

    language: str
    new_paper: Callable[..., Paper]
    reader: Callable[..., Reader]
    newspaper: Newspaper
    cable: Cable
    service: str
    options: dict[str, Any] = field(default_factory=dict)  # of the browser
    paper: Paper = field(init=False)
    someone: Reader = field(init=False)

    def found(self, **settings: Any) -> Paper:
        self.paper = self.new_paper(**{"locale": self.language, "repeat_hours": 0} | settings)
        return self.paper

    def member(self, handle: str) -> Member:
        """Somebody who writes; on a page from right to left with a name in its letters."""
        named = {"name": ARABIC[handle]} if self.language in RIGHT_TO_LEFT and handle in ARABIC else {}
        return self.paper.member(handle, **named)

    def sit(
        self,
        name: str | None = None,
        state: str = "active",
        comment: str | None = None,
        through: Cable | None = None,
        asks: Callable[[Route], None] | None = None,
    ) -> Reader:
        """Somebody opens the article; without a name they are not logged in. It may not be there yet. `asks`: what
        becomes of the request for the first page.
        """
        self.someone = self.reader(locale=self.language, **self.options)
        if asks is not None:
            self.someone.context.route("**/comments?*", asks)
        if name is not None:
            self.newspaper.accounts[name] = state
            self.someone.context.add_cookies([{"name": "reader", "value": name, "url": self.newspaper.origin}])
        service = through.url if through else None
        self.someone.page.goto(self.newspaper.address(self.paper, "news", comment, service, self.language))
        self.dress()
        return self.someone

    def dress(self) -> None:
        self.someone.page.evaluate(DRESSING, DRESS)

    def read(self, name: str | None = None, state: str = "active", **options: Any) -> Reader:
        """The same, and wait until it is there."""
        someone = self.sit(name, state, **options)
        expect(self.box.get_by_role("heading", level=2)).to_be_visible()
        return someone

    @property
    def box(self) -> Locator:
        return self.someone.thread.box

    @property
    def comments(self) -> Locator:
        return self.someone.thread.comments

    def by(self, comment: str) -> Locator:
        return self.box.locator(f"#comment-{comment}")

    def says(self, key: str) -> re.Pattern[str]:
        """What a text is in this language, whatever fills its places and however many there are."""
        found = [text for name, text in texts(self.language).items() if name == key or PLURAL.sub("", name) == key]
        assert found, key
        return re.compile("|".join(f"^{'.*'.join(map(re.escape, PLACE.split(text)))}$" for text in found))

    def words(self, key: str) -> str:
        """The same as it stands, of a text without places."""
        return texts(self.language)[key]

    def in_days(self, days: int) -> str:
        return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds").replace("+00:00", "Z")

    def button(self, key: str, inside: Locator | None = None) -> Locator:
        return (inside or self.box).get_by_role("button", name=self.says(key))

    def compose(self, text: str = "") -> Locator:
        """Open the composer and write."""
        self.button("thread.join").click()
        field = self.box.get_by_role("textbox", name=self.says("write.label"))
        expect(field).to_be_visible()
        field.fill(text)
        return field

    def choose(self, comment: str, key: str) -> None:
        """An item of the menu behind a comment's dots."""
        self.button("comment.menu", self.by(comment)).click()
        self.by(comment).get_by_role("menuitem", name=self.says(key), exact=True).click()


State = Callable[[Stage], None]
STATES: dict[str, State] = {}  # all there are, by name


def state(make: State) -> State:
    STATES[make.__name__.replace("_", "-")] = make
    return make


PLURAL = re.compile(r"\.(zero|one|two|few|many|other)$")
PLACE = re.compile(r"\{\w+\}")
ARABIC = {"birke": "نخلة 7", "ahorn": "Ahorn و نخلة", "bach": "وادي"}
