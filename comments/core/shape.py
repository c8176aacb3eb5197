"""Brings a body, as a sanitiser leaves it, into the one shape that we store. Only core/markup.py asks.

Blocks hold blocks, words stand in p, pre or li; nothing is empty, nothing is deeper than MAX_DEPTH, white space is
folded, texts are cleaned of what nobody sees, a link that lost its address is shown as its words. Arranging twice
changes nothing.
"""

from collections.abc import Iterator

import regex

from comments.core.characters import clean
from comments.core.tree import BLOCKS, INLINE, Node, Tree, open_node

MAX_DEPTH = 20  # elements within elements
MAX_CONTAINER_DEPTH = 15  # quotes and lists leave room for item, paragraph and a link in bold

_SPACE = " \t\n\r\f"
_SPACES = regex.compile(r"[ \t\n\r\f]+")
_LEANING = regex.compile(r"\A[\p{M}\u200C\u200D]+")  # without its letter a mark sits on a neighbour
_BR: Node = ["br"]


def arrange(nodes: Tree) -> Tree:
    """The same words in our shape."""
    return _flow(nodes, 1)


def _flow(nodes: Tree, depth: int) -> Tree:
    """Blocks at this depth; runs of words between them become paragraphs."""
    out: Tree = []
    run: Tree = []
    for node in _spread(nodes):
        if isinstance(node, str) or node[0] not in BLOCKS:
            run.append(node)
            continue
        out += _paragraph(run, depth)
        run = []
        out += _block(node, depth)
    return out + _paragraph(run, depth)


def _spread(nodes: Tree) -> Iterator[Node]:
    """The nodes, with words' elements (strong, a, …) opened where they hold blocks."""
    for node in nodes:
        if not isinstance(node, str) and node[0] in INLINE and _holds_block(node):
            yield from _spread(open_node(node)[2])
        else:
            yield node


def _holds_block(node: Node) -> bool:
    return not isinstance(node, str) and (node[0] in BLOCKS or any(_holds_block(child) for child in open_node(node)[2]))


def _paragraph(run: Tree, depth: int) -> Tree:
    words = _trimmed(_words(run, depth + 1, frozenset()))
    return [["p", *words]] if _visible(words) else []


def _block(node: Node, depth: int) -> Tree:
    """What becomes of a block: itself, nothing if there is nothing to see, its children where it cannot be."""
    tag, attributes, children = open_node(list(node))
    if tag == "pre":
        return _preformatted(children)
    if tag == "blockquote" and depth <= MAX_CONTAINER_DEPTH:
        quoted = _flow(children, depth + 1)
        return [["blockquote", *quoted]] if quoted else []
    if tag in ("ul", "ol") and depth <= MAX_CONTAINER_DEPTH:
        items = _items(children, depth + 1)
        start = [{"start": attributes["start"]}] if attributes.get("start", "1") != "1" else []
        return [[tag, *start, *items]] if items else []
    return _flow(children, depth)


def _items(nodes: Tree, depth: int) -> Tree:
    """The items of a list; whatever else stands in it becomes one."""
    out: Tree = []
    for node in _spread(nodes):
        is_item = not isinstance(node, str) and node[0] == "li"
        content = _flow(open_node(list(node))[2] if is_item else [node], depth + 1)
        if len(content) == 1 and content[0][0] == "p":
            content = list(content[0][1:])  # a single paragraph needs no p
        if content:
            out.append(["li", *content])
    return out


def _preformatted(children: Tree) -> Tree:
    text = clean("".join(_letters(children))).strip("\n")  # HTML drops a line end after <pre>: have none
    if not text.strip():
        return []
    is_code = any(not isinstance(child, str) and child[0] == "code" for child in children)
    return [["pre", ["code", text] if is_code else text]]


def _letters(nodes: Tree) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from ("\n",) if node[0] == "br" else _letters(open_node(node)[2])


def _words(nodes: Tree, depth: int, within: frozenset[str]) -> Tree:
    """Texts, line breaks and elements of words, cleaned, merged and folded; `within`: the elements around them."""
    merged: Tree = []
    for node in nodes:
        for piece in [node] if isinstance(node, str) else _word_element(node, depth, within):
            if isinstance(piece, str) and merged and isinstance(merged[-1], str):
                merged[-1] += piece
            else:
                merged.append(piece)
    return _folded(merged, "code" in within)


def _word_element(node: Node, depth: int, within: frozenset[str]) -> Tree:
    tag, attributes, children = open_node(list(node))
    if tag == "br":
        return [_BR]
    if depth > MAX_DEPTH or tag in within or (tag == "a" and "href" not in attributes):
        return _words(children, depth, within)
    words = _words(children, depth + 1, within | {tag})
    return [[tag, *([attributes] if attributes else []), *words]] if _visible(words) else words


def _folded(nodes: Tree, code: bool) -> Tree:
    """White space folded (in code only line ends are), none beside a line break, at most two line breaks in a row."""
    out: Tree = []
    for index, node in enumerate(nodes):
        if not isinstance(node, str):
            if node != _BR or out[-2:] != [_BR, _BR]:
                out.append(node)
            continue
        text = _LEANING.sub("", clean(node))
        text = text.replace("\n", " ") if code else _SPACES.sub(" ", text)
        if index and nodes[index - 1] == _BR:
            text = text.lstrip(_SPACE)
        if index + 1 < len(nodes) and nodes[index + 1] == _BR:
            text = text.rstrip(_SPACE)
        if text:
            out.append(text)
    return out


def _trimmed(words: Tree) -> Tree:
    """Without white space and line breaks at either end."""
    for end, strip in ((0, str.lstrip), (-1, str.rstrip)):
        while words and (words[end] == _BR or isinstance(words[end], str)):
            text = strip("" if words[end] == _BR else str(words[end]), _SPACE)
            if text:
                words[end] = text
                break
            del words[end]
    return words


def _visible(nodes: Tree) -> bool:
    return any(bool(node.strip()) if isinstance(node, str) else _visible(open_node(node)[2]) for node in nodes)
