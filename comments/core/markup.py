"""The only HTML we emit: a member's text becomes sanitised HTML, a tree and plain text. Every path that takes a text
asks here.

Markdown (a subset, raw HTML off) → nh3 and our shape → bleach, which also makes links of bare addresses → nh3, which
has the last word (bleach is quadratic in depth and gets no more releases); a text of words alone, in which none of
them could find anything, goes to nh3 straight away, and words in elements without attributes pass bleach by. What
would cost too much is capped before
each step and then shown as plain text: no text is lost. benchmarks/markup_cost.py measures the worst inputs.
"""

import html as escapes
import re
from functools import partial
from typing import Any

import bleach.linkifier
import bleach.sanitizer
import msgspec
import nh3
import regex
from markupsafe import Markup  # noqa: TID251 - here, and nowhere else

from comments.core import tree as trees
from comments.core.characters import VEILS, clean, clean_line, count
from comments.core.errors import Malformed, TooLarge
from comments.core.markdown import parse
from comments.core.moderation.findings import Draft
from comments.core.shape import arrange

__all__ = [
    "MAX_CHARACTERS", "MAX_HTML", "Draft", "clean_line", "data_element", "render", "render_html", "sanitise", "stored",
]  # fmt: skip

MAX_CHARACTERS = 10_000  # of a source; it cannot have more than 40 kB in UTF-8 then
MAX_HTML = 40_000  # characters of another system's HTML, tags included; its text is held to MAX_CHARACTERS
MAX_ELEMENTS = 400  # bleach takes some 25 µs for each

_NH3 = nh3.Cleaner(
    tags=set(trees.TAGS),
    attributes={"*": set(), **{tag: set(names) for tag, names in trees.ATTRIBUTES.items()}},
    attribute_filter=trees.allowed,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=trees.REL,
)
_NOT_IN_ADDRESS = rf"\s<>\"`{{}}|\\^{VEILS[1:]}"
_ADDRESS = re.compile(
    rf"(?<![\w@./-])(?:https?://|www\.)[^{_NOT_IN_ADDRESS}]*[^{_NOT_IN_ADDRESS}'.,;:!?]", re.IGNORECASE
)
# Escaped characters pass bleach veiled, as characters that no cleaned text holds: as entities each is a token of 8 µs,
# and they cut addresses apart. Whatever comes back from them is escaped again, so they can hide nothing.
_VEILED = tuple(zip(("&amp;", "&lt;", "&gt;", "&nbsp;"), (*VEILS, "\u00a0"), strict=True))
# Words with single spaces between them, in scripts whose every letter is a character of its own; a line begins with a
# letter or a quotation mark, where neither a list nor a quote nor anything else of Markdown can begin.
_LETTER = r"[[\p{Latin}\p{Greek}\p{Cyrillic}]&&\p{L}]"
_SIGNS = r"0-9.,;:!?'\"()/%=+\-–—…„“”‚‘’«»€§°"
_WORD = rf"(?:{_LETTER}|[{_SIGNS}])"
_LINE = rf"(?:{_LETTER}|[\"„“«(])(?:{_WORD}| (?={_WORD}))*+"
_PLAIN = regex.compile(rf"{_LINE}(?:\n\n?{_LINE}){{0,100}}", regex.V1)
# The same in Western letters alone, by a table: a tenth of the time. What these two do not take, those above may.
_WESTERN = "A-Za-zªºÀ-ÖØ-öø-\u017f"
_WESTERN_LINE = rf"[{_WESTERN}\"„“«(][{_WESTERN}{_SIGNS}]*+(?: [{_WESTERN}{_SIGNS}]++)*+"
_WESTERN_PLAIN = re.compile(rf"{_WESTERN_LINE}(?:\n\n?{_WESTERN_LINE}){{0,100}}")
_WESTERN_TAGGED = re.compile(rf"(?:[{_WESTERN}{_SIGNS} ]++|</?(?:p|strong|em|del|blockquote|ul|ol|li)>|<br>)*+")
# Words in elements without attributes, as we write them: bleach knows all of these elements, and finds no address.
_TAGGED = regex.compile(rf"(?:</?(?:p|strong|em|del|blockquote|ul|ol|li)>|<br>|{_WORD}| )*+", regex.V1)
_ALIASES = {"b": "strong", "i": "em", "s": "del", "strike": "del", "div": "p", **{f"h{n}": "p" for n in range(1, 7)}}
_ALIAS = re.compile(  # by ASCII alone: else İ and ſ are an i and an s, whose small letters no table has
    rf"(</?)({'|'.join(_ALIASES)})(?=[\s/>])", re.IGNORECASE | re.ASCII
)


def render(source: str) -> Draft:
    """A member's Markdown. Raises TooLarge above MAX_CHARACTERS, Malformed at NUL and lone surrogates, nothing else."""
    _require_text(source, MAX_CHARACTERS)
    source = clean(source).strip("\n")
    if is_plain(source) and (draft := _plain(source)) is not None:
        return draft
    return _render(source)


def _render(source: str) -> Draft:
    """The long way, for any cleaned source."""
    html = parse(source)
    return _draft(source, _paragraphs(source) if html is None or _is_too_much(html) else html)


def is_plain(source: str) -> bool:
    """Whether a cleaned source is words and nothing else: neither Markdown nor HTML nor an address can be in it."""
    words = _WESTERN_PLAIN.fullmatch(source) or _PLAIN.fullmatch(source)
    return words is not None and "//" not in source and "www." not in source.lower()


def _plain(source: str) -> Draft | None:
    """What the long way makes of a plain source (tests/core/test_markup_plain.py), in a tenth of its time; None unless
    nh3, which has the last word here too, leaves it as it is.
    """
    tree: trees.Tree = []
    for paragraph in source.split("\n\n"):
        first, *others = paragraph.split("\n")
        tree.append(["p", first, *(node for line in others for node in (["br"], line))])
    html = f"<p>{source.replace(chr(10) * 2, '</p><p>').replace(chr(10), '<br>')}</p>"  # nothing in it to escape
    if _NH3.clean(html) != html:
        return None
    text = source.replace("\n\n", "\n")
    return Draft(source=source, html=html, tree=tree, text=text, links=(), length=len(text))


def render_html(html: str) -> Draft:
    """A text that another system kept as HTML; `source` is then that HTML. Raises as `render` does."""
    _require_text(html, MAX_HTML)
    draft = _draft(html, _ALIAS.sub(lambda match: match[1] + _ALIASES[match[2].lower()], html))
    if len(draft.text) > MAX_CHARACTERS:
        raise TooLarge(f"A comment may have {MAX_CHARACTERS} characters at most.", limit=MAX_CHARACTERS)
    return draft


def _require_text(text: str, limit: int) -> None:
    if len(text) > limit:
        raise TooLarge(f"A comment may have {limit} characters at most.", limit=limit)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("The text holds half a character (a lone surrogate).", field="body") from error
    if "\0" in text:
        raise Malformed("The text holds NUL.", field="body")


def _draft(source: str, unsafe: str) -> Draft:
    html, tree = _sanitised(unsafe)
    text = trees.plain_text(tree)
    links = tuple(href for href, _, _ in trees.link_spans(tree))
    return Draft(source=source, html=html, tree=tree, text=text, links=links, length=count(text))


def stored(html: str) -> Markup:
    """The `html` column of a comment, which `render` or `render_html` made, for a template: it alone is printed as it
    stands (and `data_element`). No other text becomes Markup.
    """
    return Markup(html)  # noqa: S704 - sanitised when it was written # nosec B704


def data_element(data: Any) -> Markup:
    """A value as JSON-LD inside of a page. Browsers run nothing of this type; and nothing in the text can end the
    element: neither `<` nor `>` nor `&` stands in it as itself.
    """
    text = msgspec.json.encode(data).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 # nosec B704


def sanitise(html: str) -> str:
    """Any HTML as HTML of our list and shape; what it once returned it returns unchanged. Limits: the callers."""
    return _sanitised(html)[0]


def _sanitised(html: str) -> tuple[str, trees.Tree]:
    nodes = arrange(trees.read(_NH3.clean(html)))
    safe = trees.write(nodes)
    if _is_too_much(safe):
        safe = _paragraphs(trees.plain_text(nodes))
    if not is_tagged(safe):
        safe = _bleached(safe)
    for _ in range(3):
        last = _NH3.clean(safe)
        nodes = arrange(trees.read(last))
        safe = trees.write(nodes)
        if safe == last:
            return last, nodes
    raise trees.Unexpected("the two sanitisers do not come to an end")


def is_tagged(safe: str) -> bool:
    """Whether HTML that we wrote ourselves is plain words in elements without attributes: bleach leaves it as it is."""
    words = _WESTERN_TAGGED.fullmatch(safe) or _TAGGED.fullmatch(safe)
    return words is not None and "//" not in safe and "www." not in safe.lower()


def _is_too_much(html: str) -> bool:
    return html.count("<") > 2 * MAX_ELEMENTS


def _bleached(safe: str) -> str:
    """Through bleach with the same list; bare addresses outside of code become links."""
    for entity, veil in _VEILED:
        safe = safe.replace(entity, veil)
    linkify = partial(
        bleach.linkifier.LinkifyFilter,
        callbacks=[_only_safe_links],
        skip_tags={"pre", "code"},
        url_re=_ADDRESS,
        parse_email=False,
    )
    cleaner = bleach.sanitizer.Cleaner(  # not thread-safe, and made in 20 µs: one for each call
        tags=trees.TAGS,
        attributes={tag: list(names) for tag, names in trees.ATTRIBUTES.items()},
        protocols={"http", "https", "mailto"},
        strip=True,
        filters=[linkify],
    )
    safe = cleaner.clean(safe)
    for entity, veil in _VEILED:
        safe = safe.replace(veil, entity)
    return safe


def _only_safe_links(attributes: dict[Any, str], is_new: bool) -> dict[Any, str] | None:
    href = attributes.get((None, "href"), "")
    return attributes if not is_new or trees.allowed("a", "href", href.replace(VEILS[0], "&")) else None


def _paragraphs(text: str) -> str:
    """HTML of a text as it stands: an empty line ends a paragraph. With too many lines for MAX_ELEMENTS all is one."""
    if text.count("\n") > MAX_ELEMENTS // 2:
        return f"<p>{escapes.escape(text, quote=False)}</p>"
    escaped = (escapes.escape(part, quote=False) for part in re.split(r"\n{2,}", text))
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in escaped)
