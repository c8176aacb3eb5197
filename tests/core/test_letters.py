"""What a mail carries of people's words: no link, no image, no element, no header of theirs."""

import email
import email.policy
import re
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from comments.core.letters import Envelope, Item, Letter, harmless, write
from comments.core.words import Words
from comments.spoken import house_texts
from tests.core.reading import COLLECTIONS, collected

WORDS = Words("en", house_texts())
ATTRIBUTES = {"lang", "dir", "charset", "name", "content", "style", "href"}
OURS = {"html", "head", "meta", "title", "body", "p", "h1", "blockquote", "a"}
LINK = "https://comments.example/articles/gazette/1"


class Seen(HTMLParser):
    """What a mail program finds in the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements, self.attributes, self.hrefs = set[str](), set[str](), set[str | None]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.hrefs |= {value for name, value in attrs if name == "href"}


def mail_with(text: str, *others: str) -> tuple[EmailMessage, bytes]:
    items = [
        Item(f"{harmless(one, WORDS, 40)} replied", harmless(one, WORDS, 320), harmless(one, WORDS, 120), LINK)
        for one in (text, *others)
    ]
    letter = Letter(items[0].says, WORDS, "Gazette", items=items, footer="why", out=("out", LINK))
    envelope = Envelope("a@home.example", text, "b@home.example", "<1@x>", 0, "x", unsubscribe=LINK)
    raw = write(letter, envelope)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail, raw


HEADERS = sorted(mail_with("kiesel")[0].keys())


def wrong_with(text: str, *others: str) -> list[str]:
    mail, raw = mail_with(text, *others)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    found = []
    if sorted(mail.keys()) != HEADERS:
        found.append(f"headers {mail.keys()}")
    if mail["To"] != "b@home.example" or mail.defects or not raw.isascii():
        found.append("headers are broken")
    if max(map(len, raw.split(b"\r\n"))) > 998 or b"\n" in raw.replace(b"\r\n", b""):
        found.append("lines")
    seen = Seen(html.get_content())
    if seen.hrefs != {LINK}:
        found.append(f"links {seen.hrefs}")
    if not seen.elements <= OURS or not seen.attributes <= ATTRIBUTES:
        found.append(f"elements {seen.elements - OURS} {seen.attributes - ATTRIBUTES}")
    theirs = plain.get_content().replace(LINK, "")
    if re.search(r"(?i)[a-z]://|www\.\w", theirs):
        found.append(f"an address in the text: {theirs}")
    return found


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_public_attacks(collection: str) -> None:
    vectors = list(collected(collection))
    for at in range(0, len(vectors), 25):  # so many in one mail: each takes its time
        assert wrong_with(*vectors[at : at + 25]) == []


@pytest.mark.parametrize(
    "name",
    ["a\r\nBcc: c@home.example", "a\nX: y", "a\x00b", "\u202eevil", "a" * 5000, '"<x@home.example>', "=?utf-8?q?a?=",
     "Ünï, (x) <c@home.example>", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "a\u2028Bcc: b"],
)  # fmt: skip
def test_names_break_out_of_no_header(name: str) -> None:
    assert wrong_with(name) == []
    mail, _ = mail_with(name)
    assert mail["From"].addresses[0].addr_spec == "a@home.example" and len(mail["From"].addresses) == 1
    assert "\u202e" not in mail["Subject"] and mail["Bcc"] is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/x.", "see [link]"), ("www.evil.example", "[link]"), ("a@b.example", "[link]"),
        ("go to evil.example now", "go to evil. example now"), ("javascript:alert(1)", "[link]"),
        ("//evil.example", "[link]"), ("z.B. 3.50 Euro, e.g. so.", "z.B. 3.50 Euro, e.g. so."), ("@kiesel", "@kiesel"),
        ("note: this", "note: this"), ("evil。example", "evil. example"),
    ],
)  # fmt: skip
def test_addresses_are_made_harmless(text: str, shown: str) -> None:
    assert harmless(text, WORDS, 200) == shown


def test_what_programs_read_is_not_encoded() -> None:
    """However long it is: mail programs look for the bare address, and Python's own parser would undo the damage."""
    way_out = f"https://comments.{'long-' * 12}example/mail/unsubscribe?t={'Wz' * 60}"
    list_id, message_id = f"gazette.{'long-' * 20}example", f"<comments.1.2@{'long-' * 20}example>"
    letter = Letter("news", WORDS, "Gazette", paragraphs=["news"])
    raw = write(letter, Envelope("a@home.example", "G", "b@home.example", message_id, 0, list_id, unsubscribe=way_out))
    head = raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    for line in (
        f"Message-ID: {message_id}",
        f"List-Id: <{list_id}>",
        f"List-Unsubscribe: <{way_out}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ):
        assert line in head
