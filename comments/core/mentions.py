"""Mentions: `@Name` of somebody in the thread is a node of its own in the tree, `["mention", {"member": id}, "@Name"]`.
The words stay as they are, to the code point; who has which name is storage's business (storage/mentions.py).

Names may have spaces, so that every `@` has several readings, the longest first. They are compared by `name_key`, for
which nobody is equal who only looks alike. Nothing is a mention in code, in a link or behind a letter (as in an e-mail
address).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from comments.core.identity import MAX_NAME, name_key
from comments.core.tree import Node, Tree, open_node

MOST = 10  # mentions in one comment
MOST_SIGNS = 30  # signs that are looked at: a text of nothing else costs no more
MOST_READINGS = 12  # places where the name behind one sign may end
NOT_INSIDE = frozenset({"a", "code", "pre"})
_GLUED = re.compile(r"[\w@.%+/\\=&#~-]")  # in front of a sign: an address of some kind
_END = re.compile(r"(?<=\S)(?!\w)(?![-.@]\w)")  # a name may end here


@dataclass(frozen=True, slots=True)
class Sign:
    """An `@` in a text node, at `at`; `readings`: where the name may end, with its key, the longest first."""

    at: int
    readings: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class _Reader:
    """Walks over a tree once; `before`: the character in front, across elements that run in a line."""

    signs: int = 0
    before: str = ""

    def signs_of(self, text: str) -> Iterator[Sign]:
        at = text.find("@")
        while at >= 0 and self.signs < MOST_SIGNS:
            before = text[at - 1] if at else self.before
            if not before or not _GLUED.match(before):
                self.signs += 1
                yield Sign(at, _readings(text, at + 1))
            at = text.find("@", at + 1)
        self.before = text[-1:] or self.before


def _readings(text: str, start: int) -> tuple[tuple[int, str], ...]:
    line = text[start : start + MAX_NAME + 2].partition("\n")[0]
    if not line[:1].strip("@ "):
        return ()
    inside = text[start : start + len(line) + 2]  # what follows decides whether a word ends
    ends = [match.start() for match in _END.finditer(inside) if 0 < match.start() <= len(line)][:MOST_READINGS]
    return tuple((start + end, name_key(inside[:end])) for end in reversed(ends))


def wanted(tree: Tree) -> set[str]:
    """The keys of all names that this text may mean; none where nobody is mentioned."""
    keys: set[str] = set()
    reader = _Reader()

    def look(text: str) -> list[Node]:
        keys.update(key for sign in reader.signs_of(text) for _, key in sign.readings)
        return [text]

    _walk(tree, look, reader)
    return keys


def marked(tree: Tree, people: Mapping[str, int]) -> tuple[Tree, list[int]]:
    """The tree with its mentions, and who they are, each once in their order. `people`: key of a name → member."""
    found: list[int] = []
    reader = _Reader()

    def mark(text: str) -> list[Node]:
        nodes: list[Node] = []
        done = 0
        for sign in reader.signs_of(text):
            known = next(((end, people[key]) for end, key in sign.readings if key in people), None)
            if known is None or sign.at < done or len(found) == MOST:
                continue
            end, member = known
            nodes += [text[done : sign.at]] if sign.at > done else []
            nodes.append(["mention", {"member": str(member)}, text[sign.at : end]])
            found.append(member)
            done = end
        return [*nodes, text[done:]] if done < len(text) or not text else nodes

    return _walk(tree, mark, reader), list(dict.fromkeys(found))


def mentioned(tree: Tree) -> list[int]:
    """Whom a marked tree mentions, each once."""
    found: dict[int, None] = {}
    waiting = list(tree)
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            continue
        tag, attributes, children = open_node(node)
        if tag == "mention":
            found[int(attributes["member"])] = None
        waiting += children
    return list(found)


def _walk(nodes: Tree, text: Callable[[str], list[Node]], reader: _Reader) -> Tree:
    """The nodes with every text replaced by what `text` makes of it."""
    out: Tree = []
    for node in nodes:
        if isinstance(node, str):
            out += text(node)
            continue
        tag, attributes, children = open_node(node)
        if tag in NOT_INSIDE:
            out.append(node)
            reader.before = "x"  # what stands right behind belongs to it
            continue
        is_inline = tag in ("strong", "em", "del")
        reader.before = reader.before if is_inline else ""
        inner = _walk(children, text, reader)
        reader.before = reader.before if is_inline else ""
        out.append([tag, attributes, *inner] if attributes else [tag, *inner])
    return out
