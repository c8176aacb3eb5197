"""The Markdown subset: bold, italic, quote, list, code, fence, links, line breaks. Only core/markup.py asks; its
HTML is not safe yet.

What is not in the subset (HTML, images, headings, tables, rules, entities, indented code) stays the text that was
typed, and so does a link to an address that we would not show. Depth and the number of marks are bounded here, where
the parser would be quadratic.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import link as parse_link
from markdown_it.token import Token

from comments.core.address import safe_href

MAX_MARKS = 1200  # characters that may mean something; a long comment full of links and lists has some 300
MAX_BRACKETS = 200  # `[` looked at as the start of a link, each a walk through the rest of the paragraph
MAX_BLOCK_DEPTH = 11  # quotes, lists and items within one another
MAX_BOLD_DEPTH = 5  # strong and em within one another

_LONE_MARKER = re.compile(r"\s*(?:[-+*]|[0-9]{1,9}[.)])\s*")
_MARKS = re.compile(r"[*_`\[<\\>\n]|[-+]\s|\d[.)]\s")


def parse(source: str) -> str | None:
    """HTML of the source, or None if it has too many marks to be parsed: it is then better shown as it was typed."""
    if len(_MARKS.findall(source)) > MAX_MARKS:
        return None
    seen: dict[str, int] = {}
    tokens = _PARSER.parse(source, seen)
    if seen.get("brackets", 0) > MAX_BRACKETS:
        return None
    for token in tokens:
        _flatten(token.children or ())
    html: str = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return html


def _flatten(tokens: Sequence[Token]) -> None:
    """Bold in italic in bold …: below MAX_BOLD_DEPTH the marks stay as they were typed."""
    depth = 0
    for token in tokens:
        if token.type in ("em_open", "strong_open"):
            depth += 1
        too_deep = depth > MAX_BOLD_DEPTH
        if token.type in ("em_close", "strong_close"):
            depth -= 1
        if too_deep and token.tag in ("em", "strong"):
            token.type, token.tag, token.nesting, token.content = "text", "", 0, token.markup


def _deep(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Block rule: a line at MAX_BLOCK_DEPTH is text, whatever it begins with (the parser itself would drop it)."""
    if state.level < MAX_BLOCK_DEPTH or silent:
        return False
    state.line = start_line + 1
    state.push("paragraph_open", "p", 1)
    token = state.push("inline", "", 0)
    token.content = state.getLines(start_line, state.line, state.blkIndent, False).strip()
    token.map = [start_line, state.line]
    token.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _list(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Block rule: the parser's own, but a list does not begin with nothing: "102." may be somebody's whole answer."""
    line = state.src[state.bMarks[start_line] : state.eMarks[start_line]]
    begins_with_nothing = state.level == 0 and _LONE_MARKER.fullmatch(line)
    return not begins_with_nothing and list_block(state, start_line, end_line, silent)


def _link(state: StateInline, silent: bool) -> bool:
    """Inline rule: the parser's own, asked only where a link can still follow, and not too often."""
    if state.src[state.pos] != "[" or state.src.find("](", state.pos) < 0:
        return False
    state.env["brackets"] = state.env.get("brackets", 0) + 1
    return state.env["brackets"] <= MAX_BRACKETS and parse_link(state, silent)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"breaks": True, "html": False, "maxNesting": 20})
    parser.enable(["fence", "blockquote", "list", "newline", "escape", "backticks", "emphasis", "link", "autolink"])
    parser.block.ruler.before("fence", "deep", _deep)
    parser.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.inline.ruler.at("link", _link)
    parser.inline.terminator_re = re.compile(r"[\n*<\[\\\]_`]")  # only our marks: each stop costs 3 µs
    parser.validateLink = lambda url: safe_href(url) is not None  # type: ignore[method-assign]
    return parser


_PARSER = _parser()  # keeps no state of a text: one for all threads
