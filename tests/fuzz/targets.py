"""What is fuzzed: from a strategy an example that JSON can hold, and a check that raises where its property fails.

Everywhere the same three things are asked: nothing but a refusal of ours may be raised, twice is once, and no example
takes more processor time than it may. run.py tries each for a time, test_found.py replays what was found.
"""

import base64
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hypothesis import currently_in_test_context
from hypothesis import strategies as st
from hypothesis import target as steer

from comments.core import tree as trees
from comments.core.address import safe_href
from comments.core.archive import SYSTEMS, BadLine, Found, decode_line, encode_comment, encode_header
from comments.core.characters import clean
from comments.core.errors import CommentsError
from comments.core.identity import identity_from_claims, name_key
from comments.core.markup import Draft, clean_line, render, render_html, sanitise
from comments.core.mentions import wanted
from comments.core.names import looks_like_one_of
from comments.core.search import marks, read_query
from comments.core.thread import Cursor, Sort, read_cursor
from comments.core.tokens import key_from_secret, read_access, sign_access, verify
from comments.importers import read_export
from comments.importers.sources import Source
from comments.live.engine import is_message
from comments.live.frames import LARGEST_MESSAGE, TEXT, TOO_MUCH, Ended, FrameReader
from tests.core.reading import outside_the_list
from tests.fuzz.service import Service
from tests.gazette import sign
from tests.grammar import attacks

Example = Any  # of what JSON has; bytes as Latin-1
MOST_CPU = 0.5  # seconds of an example, ten times the aim: the machine may be slow, a square is slower
WORST_CPU = 0.4  # of an input that was searched for; the aim is 50 ms on a quiet machine
SECRET = "fuzzing-with-this-secret-and-no-other-one"
NOW = 1_772_442_000_000_000


@dataclass(frozen=True)
class Target:
    """`says`: the property in a few words; `most_cpu`: seconds of one example."""

    name: str
    says: str
    examples: st.SearchStrategy[Example]
    check: Callable[[Example], None]
    most_cpu: float = MOST_CPU

    def run(self, example: Example) -> None:
        """Raises whatever is wrong with this example."""
        before = time.thread_time()
        self.check(example)
        spent = time.thread_time() - before
        if spent > self.most_cpu:  # once more: a collection of garbage is nobody's fault
            before = time.thread_time()
            self.check(example)
            spent = time.thread_time() - before
        assert spent <= self.most_cpu, f"{spent:.2f} s of processor time"


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal that says what is wrong is no fault."""
    try:
        yield
    except CommentsError as error:
        assert 400 <= error.status < 500, error


# ---- markup


def _is_ours(draft: Draft) -> None:
    assert outside_the_list(draft.html) == []
    assert sanitise(draft.html) == draft.html
    assert trees.write(draft.tree) == draft.html
    assert all(safe_href(href) == href for href in draft.links)


def _markdown(text: str) -> None:
    with refusals():
        draft = render(text)
        _is_ours(draft)
        assert render(draft.source).html == draft.html
        wanted(draft.tree)


def _html(text: str) -> None:
    with refusals():
        draft = render_html(text)
        _is_ours(draft)
        assert render_html(draft.html).tree == draft.tree


def _line(text: str) -> None:
    line = clean_line(text, 40)
    assert clean_line(line, 40) == line and len(line) <= 40 and "\n" not in line
    assert clean(clean(text)) == clean(text)
    name_key(line)
    looks_like_one_of(line, ("admin",), ("Desk",))


UNICODE = st.text(
    st.one_of(
        st.characters(), st.sampled_from("\u0301\u200d\u200c\u202e\u2066\ufe0f\U000e0067🏴👩ક🇩🇪\u1828\u034fא\u06cc<>&")
    ),
    max_size=60,
)
PIECE = st.one_of(
    st.sampled_from(
        [
            ">", "> ", "- ", "1. ", "*", "**a", "*a_ ", "_", "[", "](", "[a](", "]", "`", "``a", "<", "<a>", "</a>",
            "&", "&lt;", "|", "a|b\n", "[x]: y\n", "\\", "@", "@a ", "http://a.b ", "www.", "www.a.b,", "a.b/", "(",
            ")", "\n", "\n\n", "  \n", "\t", "  - x\n", "\u0301", "\u200d", "👩\u200d", "\u05d0\u200f", "<b>", "<p>",
            "<ul><li>", "<a href=x>", "<blockquote>", "<!--", "a@b.c ", "~~", "```\n", "é", "क\u094d\u200d", "=",
            "-", "\u00a0", "http://a:", "http://[", "[a](<", "<http://a", '"', "' ",
        ]
    ),
    attacks.filter(lambda text: len(text) < 12),
)  # fmt: skip
WORST = st.tuples(
    st.lists(PIECE, min_size=1, max_size=3), PIECE, st.integers(0, 2), st.sampled_from([300, 1190, 10_000])
)


def _long(example: Any, limit: int) -> str:
    """The pieces again and again, with another one at the beginning (1) or the end (2)."""
    pieces, other, place, most = example
    piece = "".join(pieces) or "x"
    text = (piece * min(most, limit // len(piece) + 1))[: limit - len(other)]
    return str([text, other + text, text + other][place])


def _searched(make: Callable[[str], Any], limit: int) -> Callable[[Example], None]:
    def check(example: Example) -> None:
        text = _long(example, limit)
        before = time.thread_time()
        with refusals():
            make(text)
        spent = time.thread_time() - before
        if currently_in_test_context():
            steer(spent * 1000)

    return check


# ---- tokens, cursors, searches


def _publishers(text: str) -> None:
    with refusals():
        claims = verify(text, [key_from_secret(SECRET, None), key_from_secret(SECRET[::-1], "k2")])
        identity_from_claims(claims, "https://a.example", "gazette", ("plus",), NOW)


def _access(text: str) -> None:
    with refusals():
        read_access(SECRET.encode(), text, NOW)


def _cursor(example: tuple[str, str]) -> None:
    text, sort = example
    with refusals():
        cursor = read_cursor(text, sort)
        assert cursor is None or read_cursor(cursor.encode(), sort) == cursor


def _search(example: tuple[str, str]) -> None:
    with refusals():
        query = read_query(example[0])
        for start, end in marks(query, example[1]):
            assert 0 <= start < end <= len(example[1])


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False), st.text(max_size=8),
        st.sampled_from([NOW // 1_000_000, "https://a.example", "gazette", "plus", "active", 1e300, -0.0, 2**63]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "aud", "sub", "name", "avatar", "badges", "iat", "exp", "nbf", "jti", "ent", "x"]), JSON
)
GOOD = {
    "iss": "https://a.example", "aud": "gazette", "sub": "a", "iat": NOW // 1_000_000, "exp": NOW // 1_000_000 + 60,
    "jti": "1", "ent": [{"product": "plus", "state": "active", "exp": NOW // 1_000_000}],
}  # fmt: skip


def _signed(claims: Any, header: Any, secret: str) -> str:
    head, body = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims))
    proper = sign(claims, secret) if isinstance(claims, dict) else "..x"
    return f"{head.decode()}.{body.decode()}.{proper.split('.')[2]}"


HEADERS = st.one_of(
    st.just({"alg": "HS256"}),
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "jku", "jwk", "crit", "zip", "cty"]), JSON, max_size=4),
)
TOKENS = st.one_of(
    CLAIMS.map(lambda claims: sign(GOOD | claims, SECRET)),
    st.tuples(st.one_of(CLAIMS, JSON), HEADERS).map(lambda pair: _signed(*pair, SECRET)),
    CLAIMS.map(lambda claims: sign_access(SECRET.encode(), {"iss": "comments", "exp": NOW // 1_000_000 + 9} | claims)),
    st.text(max_size=60),
    st.lists(st.text("abcDEF019-_=.", max_size=20), max_size=5).map(".".join),
)
CURSORS = st.tuples(
    st.one_of(
        st.builds(Cursor, st.text(max_size=8), st.integers(-(2**63), 2**63), st.integers(-5, 2**63))
        .filter(lambda cursor: cursor.value < 2**64)
        .map(lambda cursor: cursor.encode()),
        st.binary(max_size=40).map(lambda data: base64.urlsafe_b64encode(data).decode()),
        st.text(max_size=40),
    ),
    st.sampled_from([*Sort, "replies"]).map(str),
)
SEARCHES = st.tuples(
    st.lists(
        st.one_of(
            st.sampled_from(
                ['"', "-", "author:", "article:", "status:", "waiting", " ", '""', ":", "*", "%", "ß", "İ"]
            ),
            st.text(max_size=4),
        ),
        max_size=12,
    ).map("".join),
    UNICODE,
)

# ---- archives, sockets


def _archive(text: str) -> None:
    data = text.encode("latin-1")
    for found in read_export("archive", io.BytesIO(encode_header() + data), Source()):
        assert isinstance(found, Found | BadLine)
        if isinstance(found, Found):
            again = decode_line(1, encode_comment(found.comment))
            assert isinstance(again, Found) and again.comment == found.comment
    for system in SYSTEMS:
        with refusals():
            list(read_export(system, io.BytesIO(data), Source()))


LINES = st.one_of(
    st.dictionaries(
        st.sampled_from(
            ["key", "parent", "article", "author", "body", "format", "status", "created_at", "edited_at", "reactions"]
        ),
        st.one_of(
            JSON, st.sampled_from([{"id": "1"}, {"id": "1", "name": "x"}, "2020-01-01T00:00:00Z", "markdown", "k"])
        ),
    ).map(lambda line: json.dumps({"key": "k", "article": {"id": "a"}, "created_at": "2020-01-01T00:00:00Z"} | line)),
    JSON.map(json.dumps),
    st.text(max_size=30),
).map(lambda text: text.encode("utf-8", "surrogatepass").decode("latin-1"))
ARCHIVES = st.lists(st.one_of(LINES, st.binary(max_size=30).map(lambda data: data.decode("latin-1"))), max_size=6).map(
    "\n".join
)


def _frames(example: tuple[str, int]) -> None:
    """However the bytes are cut: the same messages, the same end."""
    data, cut = example[0].encode("latin-1"), example[1]

    def read(parts: list[bytes]) -> list[Any]:
        reader, found = FrameReader(), []
        try:
            for part in parts:
                for message in reader.feed(part):
                    found.append(message)  # also what came before the end
        except Ended as ended:
            return [*found, ended.code]
        return found

    whole = read([data])
    one_by_one = read([data[at : at + cut] for at in range(0, len(data), cut)])
    assert all(isinstance(one, int) or len(one[1]) <= LARGEST_MESSAGE for one in whole)
    if TOO_MUCH in (*whole[-1:], *one_by_one[-1:]):  # the more pieces, the earlier
        whole, one_by_one = ([one for one in side if one != TOO_MUCH] for side in (whole, one_by_one))
        shared = min(len(whole), len(one_by_one))
        whole, one_by_one = whole[:shared], one_by_one[:shared]
    assert whole == one_by_one


def _socket_message(text: str) -> None:
    if is_message(text) and text[:1] == "4" and text[1:2] in "02":
        json.loads(text.lstrip("0123456789") or "{}")


def _masked(opcode: int, final: bool, payload: bytes) -> bytes:
    size = len(payload)
    head = bytes([opcode | (0x80 if final else 0)])
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2)
    return head + length + b"\0\0\0\0" + payload


FRAMES = st.tuples(
    st.lists(
        st.one_of(
            st.builds(_masked, st.integers(0, 15), st.booleans(), st.binary(max_size=140)),
            st.just(_masked(TEXT, True, b"3")),
            st.binary(max_size=20),
        ),
        max_size=8,
    ).map(lambda parts: b"".join(parts).decode("latin-1")),
    st.integers(1, 40),
)
MESSAGES = st.one_of(
    st.tuples(
        st.sampled_from(["0", "1", "2", "3", "4", "40", "41", "42", "421", "42999999999", "45", "451-", "b", "6"]),
        st.one_of(JSON.map(json.dumps), st.just('["follow",{}]'), st.text(max_size=20), st.sampled_from(["[" * 2000])),
    ).map("".join),
    st.text(max_size=30),
)

# ---- requests

SERVICE = Service()
BODIES = st.tuples(
    st.integers(0, 500),
    st.sampled_from(["field", "body", "text", "more"]),
    st.integers(0, 9),
    JSON,
    st.text(max_size=20),
)
QUERIES = st.tuples(
    st.integers(0, 500),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["sort", "cursor", "limit", "after", "q", "article", "comment", "since", "lang", "from", "x"]
            ),
            st.one_of(UNICODE, st.integers(-(10**19), 10**19).map(str), CURSORS.map(lambda pair: pair[0])),
        ),
        max_size=3,
    ),
)
PATHS = st.tuples(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["articles", "gazette", "1", "..", ".", "%2e%2e", "%00", "%ff", "%F0%9F%98%80", "%", "%2F", "~", ";x"]
            ),
            st.text(max_size=6),
        ),
        max_size=4,
    ).map("/".join),
    st.lists(
        st.tuples(
            st.sampled_from(["sort", "cursor", "comment", "lang", "x", ""]),
            st.one_of(st.text(max_size=8), st.sampled_from(["newest", "1", "de"])),
        ),
        max_size=3,
    ),
)

TARGETS = [
    Target("markdown", "only our list, stable, tree = HTML", st.one_of(attacks, UNICODE), _markdown),
    Target("html", "only our list, stable, tree = HTML", st.one_of(attacks, UNICODE), _html),
    Target("lines", "one clean line, stable", UNICODE, _line),
    Target("worst markdown", f"≤ {WORST_CPU} s of processor", WORST, _searched(render, 10_000), WORST_CPU),
    Target("worst html", "≤ 2 s of processor", WORST, _searched(render_html, 40_000), 2.0),
    Target("publishers' tokens", "claims or 401", TOKENS, _publishers),
    Target("access tokens", "claims or 401", TOKENS, _access),
    Target("cursors", "a cursor or 400", CURSORS, _cursor),
    Target("searches", "a query or 400, marks inside", SEARCHES, _search),
    Target("archives", "a record or a bad line", ARCHIVES, _archive),
    Target("frames", "messages or an end, however cut", FRAMES, _frames),
    Target("socket messages", "ours or not", MESSAGES, _socket_message),
    Target("JSON bodies", "never a 5xx", BODIES, SERVICE.send_body, 5.0),
    Target("query parameters", "never a 5xx", QUERIES, SERVICE.send_query, 5.0),
    Target("page paths", "never a 5xx", PATHS, SERVICE.ask_path, 5.0),
]
