"""A mail as it is sent: plain text and HTML side by side, headers that nobody's name can break out of. Pure.

Mail has its own, stricter rendering than pages: of a member's text only a line of plain words, in which every address
is made harmless; no image at all; and no link but our own and, where it lies on the publisher's origins, the article's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import cache

import jinja2

from comments.core.characters import clean_line
from comments.core.entitlement import SECOND
from comments.core.words import Words

LONGEST_SUBJECT = 160  # code points
LONGEST_NAME = 60


class OnOneLine(UnstructuredHeader, BaseHeader):
    """A header that programs read. A word too long for a line is written by the library as an encoded word, which
    RFC 2047 allows in no such header: no mail program would find the address in it.
    """

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID"):
    _HEADERS.map_to_type(_name, OnOneLine)
_POLICY = SMTP.clone(header_factory=_HEADERS)

# whatever mail programs make a link of by themselves
_SCHEME = re.compile(
    r"(?:https?|ftps?|mailto|tel|sms|javascript|data|file|vbscript|wss?|magnet|callto|skype):\S", re.IGNORECASE
)
_DOT = re.compile(r"(?<=[^\W_])[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news: a sentence of ours, perhaps whose words they are and where, and our link to it."""

    says: str
    excerpt: str | None = None
    under: str | None = None
    link: str | None = None
    then: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it has a form. `items`, or `paragraphs` with a `link`."""

    subject: str
    words: Words
    site: str
    paragraphs: Sequence[str] = ()
    items: Sequence[Item] = ()
    link: str | None = None
    button: str = ""
    footer: str = ""
    out: tuple[str, str] | None = None  # the way out at the foot: words, address


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom to whom, and what else the headers say. `unsubscribe`: an address for RFC 8058, None for letters."""

    mail_from: str
    name: str
    to: str
    message_id: str
    now: int  # µs UTC
    list_id: str
    reply_to: str | None = None
    unsubscribe: str | None = None


def harmless(text: str, words: Words, longest: int) -> str:
    """One line of somebody's words: no mail program finds an address in it that it could make a link of."""
    line = clean_line(text, longest)
    return " ".join(words.t("mail.link") if _is_link(word) else _DOT.sub(". ", word) for word in line.split(" "))


def _is_link(word: str) -> bool:
    if "//" in word or "www." in word.lower() or _SCHEME.search(word):
        return True
    before, _, behind = word.partition("@")
    return bool(before) and "." in behind


def subject_of(text: str) -> str:
    return clean_line(text, LONGEST_SUBJECT)


# No colours of text or ground: each program's own, light or dark.
HTML = """\
<!doctype html>
<html lang="{{ letter.words.language }}" dir="{{ letter.words.direction }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{ letter.subject }}</title>
</head>
<body style="margin:0 auto;padding:24px 16px;max-width:560px;font:16px/1.5 sans-serif">
<p style="margin:0 0 16px;font-size:14px">{{ letter.site }}</p>
{% for paragraph in letter.paragraphs %}
<p style="margin:0 0 16px" dir="auto">{{ paragraph }}</p>
{% endfor %}
{% for item in letter.items %}
<h1 style="margin:0 0 4px;font-size:18px;line-height:1.3" dir="auto">{{ item.says }}</h1>
{% if item.under %}
<p style="margin:0 0 8px;font-size:14px" dir="auto">{{ item.under }}</p>
{% endif %}
{% if item.excerpt %}
<blockquote dir="auto" style="margin:0 0 12px;padding:0 12px;border:solid #888;border-width:0 0 0 3px">
{{ item.excerpt }}
</blockquote>
{% endif %}
{% if item.then %}
<p style="margin:0 0 12px" dir="auto">{{ item.then }}</p>
{% endif %}
{% if item.link %}
<p style="margin:0 0 28px"><a href="{{ item.link }}" style="{{ button }}">{{ letter.words.t("mail.open") }}</a></p>
{% endif %}
{% endfor %}
{% if letter.link %}
<p style="margin:0 0 28px"><a href="{{ letter.link }}" style="{{ button }}">{{ letter.button }}</a></p>
{% endif %}
<p style="margin:24px 0 0;padding:12px 0 0;border:solid #888;border-width:1px 0 0;font-size:13px" dir="auto">
{{ letter.footer }}
{% if letter.out %}
<a href="{{ letter.out[1] }}">{{ letter.out[0] }}</a>
{% endif %}
</p>
</body>
</html>
"""
BUTTON = "display:inline-block;padding:8px 16px;border:1px solid;border-radius:4px;text-decoration:none"


@cache
def _html() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(HTML)


def _text(letter: Letter) -> str:
    blocks = list(letter.paragraphs)
    for item in letter.items:
        blocks.append("\n".join(line for line in (item.says, item.under) if line))
        blocks += [f"    {item.excerpt}"] if item.excerpt else []
        blocks += [line for line in (item.then, item.link) if line]
    if letter.link:
        blocks.append(f"{letter.button}:\n{letter.link}")
    foot = [letter.footer, *([f"{letter.out[0]}:", letter.out[1]] if letter.out else [])]
    return "\n\n".join([*blocks, "\n".join(["--", *(line for line in foot if line)])]) + "\n"


def write(letter: Letter, envelope: Envelope) -> bytes:
    """The whole mail as it goes to the server, in ASCII with CRLF, lines of at most 998 bytes."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(envelope.name, envelope.mail_from)
    mail["To"] = _address("", envelope.to)
    mail["Subject"] = subject_of(letter.subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(envelope.now // SECOND, UTC))
    mail["Message-ID"] = envelope.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if envelope.reply_to:
        mail["Reply-To"] = _address("", envelope.reply_to)
    if envelope.unsubscribe:
        mail["List-Id"] = f"<{envelope.list_id}>"
        mail["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_text(letter), cte="quoted-printable")
    html = _html().render(letter=letter, button=BUTTON)
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = letter.words.language  # last: what sets contents takes such headers away
    return mail.as_bytes()


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(clean_line(name, LONGEST_NAME), local, domain)
