"""The text of an imported comment as columns. For actions/reading.py and actions/archive.py."""

import html
import re
from typing import Any

from comments.core.archive import ArchivedComment
from comments.core.characters import clean
from comments.core.errors import CommentsError
from comments.core.markup import is_plain, render, render_html
from comments.core.moderation.findings import Draft
from comments.core.tree import Unexpected
from comments.storage.comments import draft_columns

Text = tuple[str, str]  # format (core/archive.py) and body
Rendered = tuple[dict[str, Any], bool] | str  # columns of `comments` and whether there is nothing to read; why not

_BETWEEN = re.compile(r"</p>\s*<p>")
_BREAK = re.compile(r"(?<!\s)\s*<br ?/?>\s*")
_EMPTY_LINES = re.compile(r"\n{2,}")


def text_of(comment: ArchivedComment) -> Text:
    return ("markdown", "") if comment.status == "erased" else (comment.format, comment.body)


def rendered(text: Text) -> Rendered:
    """One text as columns, or why it cannot be kept."""
    try:
        draft = _draft(*text)
    except (CommentsError, Unexpected, RecursionError) as error:
        return f"its text cannot be rendered: {error}"
    # the members of an archive write nothing new: nothing is compared with what they wrote
    return draft_columns(draft, compared=False), not draft.text.strip()


def _draft(form: str, body: str) -> Draft:
    if form == "markdown":
        return render(body)
    words = body.replace("\r\n", "\n") if form == "text" else _words_of(body)
    if words is not None and is_plain(clean(words).strip("\n")):
        return render(words)  # means the same in every format, and takes the short way
    if form == "html":
        return render_html(body)
    parts = _EMPTY_LINES.split(html.escape(body, quote=False).replace("\r\n", "\n").strip("\n"))
    return render_html("".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in parts))


def _words_of(body: str) -> str | None:
    """The words of HTML that has paragraphs and line ends alone; None of any other."""
    inner = body.strip().removeprefix("<p>").removesuffix("</p>")
    words = _BREAK.sub("\n", _BETWEEN.sub("\n\n", inner.replace("\n", " ")))
    return None if "<" in words or "&" in words else words
