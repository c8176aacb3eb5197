"""The kinds that come with us, each against a service that speaks its protocol; and a kind of somebody else's."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from comments import opinions
from comments.core.errors import Malformed
from comments.opinions import OpinionError, Outside, Question, ask, kind_named, kind_names, profanity, read_config
from tests.opinions.service import Service, service

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes, or more").decode()
HERE = Outside(frozenset({"localhost"}), 5)
ASKED = Question(
    text="Buy “cheap” watches & more", language="de", site="gazette", site_url="https://www.gazette.example",
    article="1", article_url="https://www.gazette.example/1", author="7", author_name="kiesel", is_edit=True,
)  # fmt: skip


@pytest.fixture
def other() -> Iterator[Service]:
    with service() as told:
        yield told


def akismet(other: Service, **config: Any) -> opinions.Opinion:
    wanted = {"blog": "https://www.gazette.example", "url": other.url} | config
    return ask("akismet", wanted, "key", ASKED, HERE)


def test_akismet(other: Service) -> None:
    other.answers = b"false"
    assert akismet(other).scores == {"spam": 0.0}
    other.answers = b"true"
    assert akismet(other).scores == {"spam": 0.9}
    other.headers = {"X-akismet-pro-tip": "discard"}
    said = akismet(other, is_test=True)
    assert (said.scores, said.model, said.version) == ({"spam": 1.0}, "akismet", "1.1")
    first, *_, last = other.asked
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    sent = {name: value[0] for name, value in parse_qs(first.body.decode(), strict_parsing=True).items()}
    assert sent == {
        "api_key": "key", "blog": "https://www.gazette.example", "user_ip": "127.0.0.1", "blog_lang": "de",
        "permalink": "https://www.gazette.example/1", "comment_type": "comment", "comment_author": "kiesel",
        "comment_content": "Buy “cheap” watches & more", "blog_charset": "UTF-8", "recheck_reason": "edit",
    }  # fmt: skip
    assert parse_qs(last.body.decode())["is_test"] == ["1"]


def test_akismet_says_why_not(other: Service) -> None:
    other.answers, other.headers = b"invalid", {"X-akismet-debug-help": "We were unable to parse your blog URI"}
    with pytest.raises(OpinionError, match="unable to parse your blog"):
        akismet(other)
    other.headers = {}
    with pytest.raises(OpinionError, match="neither true nor false"):
        akismet(other)


def test_openai(other: Service) -> None:
    scores = {"hate": 0.01, "harassment/threatening": 0.83, "illicit": None}
    result = {"flagged": True, "categories": {"hate": False}, "category_scores": scores}
    said = {"id": "modr-1", "model": "omni-moderation-2024-09-26", "results": [result]}
    other.answers = json.dumps(said).encode()
    base = other.url.removesuffix("/judge") + "/v1/"
    found = ask("openai", {"base": base}, "sk-1", ASKED, HERE)
    assert found.scores == {"hate": 0.01, "harassment/threatening": 0.83}
    assert (found.model, found.version) == ("omni-moderation-latest", "omni-moderation-2024-09-26")
    ask("openai", {"base": base, "model": "m"}, None, ASKED, HERE)
    first, second = other.asked
    assert (first.path, first.headers["authorization"]) == ("/v1/moderations", "Bearer sk-1")
    assert first.json == {"model": "omni-moderation-latest", "input": ASKED.text}, "the text, and nobody's name"
    assert "authorization" not in second.headers
    for wrong in (
        b"{}",
        b'{"results":[]}',
        b'{"results":[{}]}',
        b'{"results":[{"category_scores":[]}]}',
        b"<",
        b"\xff",
    ):
        other.answers = wrong
        with pytest.raises(OpinionError, match="category_scores"):
            ask("openai", {"base": base}, None, ASKED, HERE)


def test_http_is_signed_as_webhooks_are(other: Service) -> None:
    """Checked as https://www.standardwebhooks.com tells a receiver to."""
    other.says(toxic=0.5)
    found = ask("http", {"url": other.url}, SECRET, ASKED, HERE)
    assert (found.scores, found.model, found.version) == ({"toxic": 0.5}, "moody", "3")
    ask("http", {"url": other.url}, SECRET, ASKED, HERE)
    first, second = other.asked
    message, at = first.headers["webhook-id"], first.headers["webhook-timestamp"]
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message}.{at}.".encode() + first.body, hashlib.sha256).digest()
    assert first.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert abs(time.time() - int(at)) < 60
    assert second.headers["webhook-id"] != message
    assert first.json["type"] == "opinion.asked"
    assert first.json["data"] == {
        "text": ASKED.text, "language": "de", "site": "gazette", "site_url": "https://www.gazette.example",
        "article": "1", "article_url": "https://www.gazette.example/1", "author": "7", "author_name": "kiesel",
        "is_reply": False, "is_edit": True,
    }  # fmt: skip


WRONG: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("akismet", {}, "tell nobody", "config"),
    ("akismet", {"blog": "x"}, "tell nobody", "config"),
    ("akismet", {"blog": "https://a.example"}, None, "secret"),
    ("openai", {"base": "file:///etc/passwd"}, None, "config"),
    ("openai", {"base": "https://user:password@a.example"}, None, "config"),
    ("openai", {"url": "https://a.example"}, None, "config"),
    ("openai", {"model": 1}, None, "config"),
    ("openai", {}, "two words", "secret"),
    ("openai", {}, "line\r\nX-Evil: 1", "secret"),
    ("http", {"url": "https://a.example"}, None, "secret"),
    ("http", {"url": "https://a.example"}, "short", "secret"),
    ("http", {"url": "https://a.example"}, "whsec_c2hvcnQ=", "secret"),
    ("http", {"url": "https://a.example"}, "whsec_%%%", "secret"),
    ("http", {"url": "gopher://a.example"}, SECRET, "config"),
    ("profanity", {}, "tell nobody", "secret"),
    ("profanity", {"x": 1}, None, "config"),
    ("nothing", {}, None, "kind"),
    ("", {}, None, "kind"),
]


@pytest.mark.parametrize(("kind", "config", "secret", "field"), WRONG)
def test_what_is_wrong_is_named(kind: str, config: dict[str, Any], secret: str | None, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_config(kind, config, secret)
    assert refused.value.extras == {"field": field}
    assert not secret or secret not in refused.value.detail


def test_no_private_host_is_asked(other: Service) -> None:
    with pytest.raises(OpinionError, match="private"):
        ask("http", {"url": other.url}, SECRET, ASKED, Outside())
    assert other.asked == []


@pytest.mark.skipif(profanity.installed() is not None, reason="the extra is installed")
def test_a_missing_extra_says_how_to_get_it() -> None:
    with pytest.raises(Malformed, match=r'pip install "comments\[profanity\]"'):
        read_config("profanity", {}, None)
    with pytest.raises(OpinionError, match="not installed"):
        ask("profanity", {}, None, ASKED, HERE)


@pytest.mark.skipif(profanity.installed() is None, reason="comments[profanity] is not installed here")
@pytest.mark.filterwarnings("ignore")
def test_the_local_model_knows_abuse() -> None:
    rude, kind = (Question(text=text, site="g") for text in ("you fucking idiot", "what a lovely day"))
    assert ask("profanity", {}, None, rude, HERE).scores["profanity"] > 0.9
    assert ask("profanity", {}, None, kind, HERE).scores["profanity"] < 0.3


def test_the_local_model_is_loaded_by_nobody_else() -> None:
    """What serves knows the kind and loads no model."""
    code = (
        "import sys; from comments.app import create_app; from comments.opinions import kind_named;"
        "kind_named('profanity'); sys.exit(any(n in sys.modules for n in ('profanity_check', 'sklearn', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


OF_OTHERS = """
import msgspec
from comments.opinions import Kind, Opinion

class Config(msgspec.Struct, forbid_unknown_fields=True):
    word: str

def ask(question, config, secret, post):
    if config.word == "bug":
        raise ZeroDivisionError(secret)
    return Opinion({"shouting": float(config.word in question.text)}, "words", "1")

kind = Kind(config=Config, ask=ask, labels=("shouting",), outside=False)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Install a package of others, as pip does: its module, and its entry points beside it."""

    def install(name: str, target: str) -> None:
        (tmp_path / "of_others.py").write_text(OF_OTHERS)
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (folder / "entry_points.txt").write_text(f"[comments.opinions]\n{name} = {target}\n")

    monkeypatch.syspath_prepend(tmp_path)
    kind_names.cache_clear()
    kind_named.cache_clear()
    yield install
    kind_names.cache_clear()
    kind_named.cache_clear()
    sys.modules.pop("of_others", None)


def test_a_package_of_others_adds_a_kind(installed: Callable[[str, str], None]) -> None:
    installed("shouting", "of_others:kind")
    installed("broken", "of_others:missing")
    installed("strange", "of_others:OF")
    assert {"akismet", "http", "openai", "profanity", "shouting", "broken"} <= set(kind_names())
    assert ask("shouting", {"word": "cheap"}, None, ASKED, HERE).scores == {"shouting": 1.0}
    with pytest.raises(OpinionError, match="the adapter failed with ZeroDivisionError"):
        ask("shouting", {"word": "bug"}, None, ASKED, HERE)
    with pytest.raises(Malformed, match="cannot be loaded"):
        kind_named("broken")
