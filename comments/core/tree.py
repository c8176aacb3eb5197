"""The body of a comment as a tree: the one form that browsers get. For core/markup.py and the rules.

A node is a text, or `[tag, child, …]`, or `[tag, {attribute: value}, child, …]`; a tree is a list of block nodes.
`read` takes only what nh3 writes for our list of elements and raises at anything else; `write` says a tree in exactly
the words of nh3, so that `nh3(write(tree)) == write(tree)` can be demanded.
"""

import re
from typing import Any

from comments.core.address import safe_href

Node = str | list[Any]
Tree = list[Node]

BLOCKS = frozenset({"p", "pre", "blockquote", "ul", "ol", "li"})
INLINE = frozenset({"strong", "em", "del", "code", "a"})
TAGS = BLOCKS | INLINE | {"br"}
ATTRIBUTES = {"a": frozenset({"href"}), "ol": frozenset({"start"})}
REL = "ugc nofollow noopener"  # on every link, in HTML only: the tree's readers set it themselves
MAX_READ_DEPTH = 60  # deeper elements are read as if they were not there, only their words

_TOKEN = re.compile(r'<(/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)>|([^<>]+)')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_OTHER_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp);)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", "\u00a0"), ("&amp;", "&"))  # & last
_ESCAPED = re.compile("[&<>\u00a0]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u00a0": "&nbsp;"})


class Unexpected(Exception):
    """The sanitised HTML held something outside the list: a fault of ours, never of the writer."""


def open_node(node: list[Any]) -> tuple[str, dict[str, str], Tree]:
    """Tag, attributes and children of an element."""
    if len(node) > 1 and isinstance(node[1], dict):
        return node[0], node[1], node[2:]
    return node[0], {}, node[1:]


def read(html: str) -> Tree:
    """The nodes of HTML as nh3 writes it for our list. Raises Unexpected at anything else."""
    root: Tree = []
    stack: list[tuple[str, list[Any]]] = [("", root)]
    end = 0
    for match in _TOKEN.finditer(html):
        if match.start() != end:
            break
        end = match.end()
        closing, tag, attributes, text = match.groups()
        if text is not None:
            stack[-1][1].append(_unescape(text))
        elif closing:
            if stack[-1][0] != tag:
                raise Unexpected(f"</{tag}>")
            stack.pop()
        else:
            _begin(tag, attributes, stack)
    if end != len(html) or len(stack) != 1:
        raise Unexpected(html[end : end + 40])
    return root


def _begin(tag: str, attributes: str, stack: list[tuple[str, list[Any]]]) -> None:
    node = _element(tag, {name: _unescape(value) for name, value in _ATTRIBUTE.findall(attributes)})
    parent = stack[-1][1]
    if len(stack) > MAX_READ_DEPTH and tag != "br":
        stack.append((tag, parent))
        return
    parent.append(node)
    if tag != "br":
        stack.append((tag, node))


def _element(tag: str, attributes: dict[str, str]) -> list[Any]:
    if tag not in TAGS:
        raise Unexpected(tag)
    if tag == "a" and attributes.pop("rel", None) != REL:
        raise Unexpected("a link without rel")
    if attributes.keys() - ATTRIBUTES.get(tag, frozenset()):
        raise Unexpected(f"{tag} with {sorted(attributes)}")
    if any(allowed(tag, name, value) != value for name, value in attributes.items()):
        raise Unexpected(f"{tag} with {attributes}")
    return [tag, attributes] if attributes else [tag]


def allowed(tag: str, name: str, value: str) -> str | None:
    """The value that an attribute may have on this element, None if it has to go. nh3 asks it too."""
    match tag, name:
        case "a", "href":
            return safe_href(value.strip(" \t\r\n\f"))  # browsers strip it too
        case "a", "rel":
            return value if value == REL else None
        case "ol", "start":
            return value if re.fullmatch(r"[1-9][0-9]{0,8}", value) else None
    return None


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    if strange := _OTHER_ENTITY.search(text):
        raise Unexpected(text[strange.start() : strange.start() + 20])
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def write(nodes: Tree) -> str:
    """HTML of the nodes, in the words of nh3."""
    parts: list[str] = []
    _write(nodes, parts)
    return "".join(parts)


def _write(nodes: Tree, parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node.translate(_ESCAPES) if _ESCAPED.search(node) else node)
            continue
        tag, attributes, children = open_node(node)
        parts.append(f"<{tag}")
        for name, value in attributes.items():
            parts.append(f' {name}="{value.translate(_ESCAPES).replace(chr(34), "&quot;")}"')
        parts.append(f' rel="{REL}">' if tag == "a" else ">")
        if tag != "br":
            _write(children, parts)
            parts.append(f"</{tag}>")


def plain_text(tree: Tree) -> str:
    """The words: a line end for each br and after each p, pre and li (unless it ends in one), none at the end."""
    return _told(tree)[0]


def link_spans(tree: Tree) -> list[tuple[str, int, int]]:
    """(href, start, end) of each link, in code points of `plain_text(tree)`."""
    text, links = _told(tree)
    return [(href, min(start, len(text)), min(end, len(text))) for href, start, end in links]


def _told(tree: Tree) -> tuple[str, list[tuple[str, int, int]]]:
    parts: list[str] = []
    links: list[tuple[str, int, int]] = []
    _tell(tree, 0, parts, links)
    return "".join(parts).rstrip("\n"), links


def _tell(nodes: Tree, at: int, parts: list[str], links: list[tuple[str, int, int]]) -> int:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
            at += len(node)
            continue
        tag, attributes, children = open_node(node)
        start = at
        at = _tell(children, at, parts, links)
        if tag in ("br", "p", "pre") or (tag == "li" and (at == start or not parts[-1].endswith("\n"))):
            parts.append("\n")
            at += 1
        if tag == "a":
            links.append((attributes["href"], start, at))
    return at
