"""An independent look at HTML, by Python's own parser and by html5lib: what a reader of our output would build from
it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from bleach._vendor import html5lib

SAMPLES = Path(__file__).parent.parent / "samples"
ELEMENTS = {"p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
ATTRIBUTES = {("a", "href"), ("a", "rel"), ("ol", "start")}
WEB = re.compile(r"https?://[^\s<>\"'`\\@/?#]+(?:[/?#][^\s<>\"'`\\]*)?", re.IGNORECASE)
MAIL = re.compile(r"mailto:[^\s<>\"'`\\?@]+@[^\s<>\"'`\\?@]+", re.IGNORECASE)

Element = tuple[str, tuple[tuple[str, str], ...]]


def vectors() -> list[str]:
    """The attacks of samples/xss.txt."""
    text = (SAMPLES / "xss.txt").read_text(encoding="utf-8")
    return [part for part in re.split(r"(?m)^%%.*\n", text) if part.strip()]


COLLECTIONS = sorted(path.stem for path in (SAMPLES / "vectors").glob("*.json"))


def collected(name: str) -> list[str]:
    """The attacks of a public collection: samples/vectors/README.md says whose."""
    found: list[str] = json.loads((SAMPLES / f"vectors/{name}.json").read_text(encoding="utf-8"))
    return found


def elements_by_html5lib(html: str) -> list[Element]:
    """Every element, as the parsing rules of HTML 5 (those of browsers) build it; comments count as an element."""
    fragment = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    found: list[Element] = []
    for node in fragment.iter():
        if node is not fragment:
            tag = node.tag if isinstance(node.tag, str) else "#comment"
            found.append((tag, tuple(sorted((str(name), value) for name, value in node.attrib.items()))))
    return found


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(sorted((name, value or "") for name, value in attrs))))

    def handle_comment(self, data: str) -> None:
        self.found.append(("#comment", ()))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("#declaration", ()))

    def handle_pi(self, data: str) -> None:
        self.found.append(("#instruction", ()))


def elements_by_python(html: str) -> list[Element]:
    collector = _Collector()
    collector.feed(html)
    collector.close()
    return collector.found


def outside_the_list(html: str) -> list[str]:
    """What in this HTML is not on the list, by either parser; empty for what we may emit."""
    wrong: list[str] = []
    for tag, attributes in elements_by_html5lib(html) + elements_by_python(html):
        if tag not in ELEMENTS:
            wrong.append(f"<{tag}>")
        wrong += [f"{tag} {name}={value}" for name, value in attributes if not _is_listed(tag, name, value)]
    return wrong


def _is_listed(tag: str, name: str, value: str) -> bool:
    if (tag, name) not in ATTRIBUTES:
        return False
    if name == "rel":
        return value == "ugc nofollow noopener"
    if name == "start":
        return value.isdecimal()
    return bool(MAIL.fullmatch(value)) or bool(WEB.fullmatch(value) and _host(value))


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
