"""Plain HTML as a browser's parser builds it: what stands in it, in which nesting, and whether it is well formed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from bleach._vendor import html5lib
from werkzeug.test import TestResponse

from tests.core.reading import outside_the_list

OURS = {
    "html", "head", "meta", "title", "link", "body", "header", "main", "nav", "section", "article", "div", "p",
    "span", "script",
    "blockquote", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "ul", "li", "a", "time", "bdi", "strong", "img",
}  # fmt: skip
NAMED = {
    "lang", "dir", "charset", "name", "content", "rel", "href", "class", "id", "aria-label", "aria-current", "datetime",
    "src", "alt", "width", "height", "loading", "type",
}  # fmt: skip


BODY = ("body", "comments-body")  # of a page, of a fragment
FRAME = "<!doctype html><html lang=en><head><title>a page</title></head><body><main>{}</main></body></html>"


@dataclass
class Comment:
    """One comment as it is printed. `above`: the id of the comment that it is nested in."""

    id: str
    above: str | None
    node: Element

    @property
    def body(self) -> str | None:
        found = next((one for one in self.node.iter("div") if one.get("class") in BODY), None)
        return None if found is None else text_of(found)

    @property
    def heading(self) -> str:
        return next(text_of(one) for one in self.node.iter() if one.tag in ("h2", "h3", "h4", "h5", "h6"))

    @property
    def level(self) -> int:
        return next(int(one.tag[1]) for one in self.node.iter() if one.tag in ("h2", "h3", "h4", "h5", "h6"))


class Printed:
    """The document of an answer, or a part of one in a page of somebody's; any fault that the parser had to mend fails
    the test.
    """

    def __init__(self, answer: TestResponse, status: int = 200, *, is_whole: bool = True) -> None:
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        self.text = answer.get_data(as_text=True)
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        whole = self.text if is_whole else FRAME.format(self.text)
        self.root: Element = parser.parse(whole)
        assert parser.errors == []

    def all(self, tag: str) -> list[Element]:
        return [node for node in self.root.iter() if node.tag == tag]

    def links(self) -> dict[str, str]:
        """Where a link leads, by its words; of several with the same words the last."""
        return {text_of(one): one.get("href", "") for one in self.all("a")}

    def link(self, words: str) -> str:
        """The address behind these words on this service."""
        return self.links()[words]

    @property
    def canonical(self) -> str:
        return next(one.get("href", "") for one in self.all("link") if one.get("rel") == "canonical")

    @property
    def data(self) -> list[Any]:
        """What the page tells search engines, as JSON."""
        return [json.loads(one.text or "") for one in self.all("script")]

    @property
    def is_indexed(self) -> bool:
        return not any(one.get("name") == "robots" for one in self.all("meta"))

    @property
    def comments(self) -> list[Comment]:
        return list(_comments(self.root, None))

    def words(self) -> str:
        return text_of(self.root)


def _comments(node: Element, above: str | None) -> Iterator[Comment]:
    """Down the tree: a list that follows an article in its item is nested in that article."""
    for child in node:
        inside = above
        if node.tag == "li" and child.tag == "ol" and (article := node.find("article")) is not None:
            inside = article.get("id", "").removeprefix("comment-")
        if child.tag == "article":
            yield Comment(child.get("id", "").removeprefix("comment-"), above, child)
        yield from _comments(child, inside)


def text_of(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())


def harmful(page: Printed) -> list[str]:
    """What stands in the page that no template of ours wrote; members' texts have a list of their own."""
    wrong: list[str] = []
    for parent in page.root.iter():
        for node in list(parent):
            if node.get("class") in BODY:
                inner = html5lib.serialize(node, tree="etree", omit_optional_tags=False, quote_attr_values="always")
                wrong += outside_the_list(inner.partition(">")[2].rpartition("</div>")[0])
                parent.remove(node)
    wrong += [f"data of {one.get('@type')}" for one in page.data if one.get("@type") != "DiscussionForumPosting"]
    wrong += ["a script" for one in page.all("script") if one.attrib != {"type": "application/ld+json"}]
    for node in page.root.iter():
        wrong += [f"<{node.tag}>"] if node.tag not in OURS else []
        wrong += [f"{node.tag} {name}={value}" for name, value in node.attrib.items() if not _is_ours(name, value)]
    return wrong


def _is_ours(name: str, value: Any) -> bool:
    if name in ("href", "src", "cite"):
        return str(value).startswith(("/", "?", "#", "https://", "http://")) or value == "data:,"
    return name in NAMED
