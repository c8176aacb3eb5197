"""What the author of a comment is told of a notice of defamation (section 5 of the Defamation Act 2013, England and
Wales): what the schedule of the Defamation (Operators of Websites) Regulations 2013 asks an operator to send, in the
mail and at their own page alike.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from comments.core.law.clock import answer_due, last_day
from comments.core.notifications import excerpt
from comments.core.words import Words

TEMPLATE = "notice_author"  # of the letter
OURS = ("contact", "email", "reference")  # neither is somebody's free text: it may be written to
LONGEST = 12_000  # code points of what somebody wrote; notices have 5000 characters as people count them
Params = dict[str, str | int]


def params_of(notice: Any, comment: Any, contact: str) -> Params:
    """What is told of a notice (a row whose author was told) about one of its comments. Who complains only if they
    agreed to it. `contact`: where authors answer.
    """
    details: Mapping[str, Any] = msgspec.json.decode(notice.details)
    given: Params = {
        "reference": notice.reference,
        "comment": excerpt(comment.text),
        "complaint": notice.text,
        "contact": contact,
        "until": answer_due(notice.author_told_at),
    }
    given |= {name: details[name] for name in ("meaning", "wrong") if details.get(name)}
    if details.get("may_be_named") and notice.name and notice.email:
        given |= {"name": notice.name, "email": notice.email}
    return given


def paragraphs(words: Words, params: Params, site: str, tamed: Callable[[str], str] = str) -> list[str]:
    """The same in sentences. `tamed`: what is done to somebody's words before they are shown."""
    until = params["until"]
    assert isinstance(until, int)
    shown = {name: text if name in OURS else tamed(str(text)) for name, text in params.items()}
    shown |= {"site": site, "until": words.day(last_day(until))}
    named = "named" if "email" in params else "unnamed"
    said = ["comment", "complaint", "meaning", "wrong", named, "answer", "else", "safe"]
    return [
        words.t(f"mail.{TEMPLATE}.{one}", **shown) for one in said if one not in ("meaning", "wrong") or one in params
    ]


def title(words: Words, params: Params) -> str:
    return words.t(f"mail.{TEMPLATE}.subject", reference=params["reference"])
