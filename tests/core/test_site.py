"""A site's settings: what may be stored, and what an origin is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.core.errors import Malformed
from comments.core.site import SiteSettings, is_http_url, origin_of, read_settings, read_stored, to_store


def test_nothing_chosen_is_the_defaults() -> None:
    assert read_settings(b"{}") == SiteSettings()


GOOD: list[dict[str, Any]] = [
    {"read": "registered", "write": "registered"},
    {"write_states": []},
    {"login_url": "https://www.gazette.example/login?next=1", "subscribe_url": "http://localhost:8001/"},
    {"login_url": None},
    {"locale": "de-AT"},
    {"reactions": []},
    {"reactions": ["recommend", "insightful"]},
    {"min_length": 5, "max_length": 5},
    {"gate_words": {"nobody": "Bitte anmelden"}},
    {"taste": 0, "ask_author": True, "author_badge": "Autorin"},
    {"taste": 10},
]
BAD: list[dict[str, Any]] = [
    {"raed": "everyone"},
    {"read": "all"},
    {"write": "everyone"},
    {"write_states": ["lapsed"]},
    {"write_states": "active"},
    {"locale": "English"},
    {"locale": "en\n"},
    {"login_url": "javascript:alert(1)"},
    {"login_url": "/login"},
    {"login_url": "//evil.example/"},
    {"login_url": "https://user:password@gazette.example/"},
    {"login_url": "https://"},
    {"login_url": "https://x.example/" + "a" * 2000},
    {"subscribe_url": "ftp://gazette.example/"},
    {"subscribe_url": "https://gazette.example/\\..\\"},
    {"subscribe_url": ""},
    {"taste": -1},
    {"taste": 11},
    {"taste": "3"},
    {"ask_author": "yes"},
    {"author_badge": ""},
    {"author_badge": "x" * 31},
    {"max_depth": -1},
    {"max_depth": 0},
    {"max_depth": 11},
    {"max_depth": "4"},
    {"max_depth": 4.5},
    {"max_depth": True},
    {"min_length": 0},
    {"min_length": 10, "max_length": 9},
    {"max_length": 10_001},
    {"edit_window": -1},
    {"edit_window": 86_400 * 30 + 1},
    {"reactions": ["Recommend"]},
    {"reactions": ["re/commend"]},
    {"reactions": ["recommend\n"]},
    {"reactions": [""]},
    {"reactions": "recommend"},
    {"report_reasons": [""]},
    {"gate_words": {"nobody": 1}},
    {"gate_words": []},
]


@pytest.mark.parametrize("change", GOOD, ids=str)
def test_good_settings(change: dict[str, Any]) -> None:
    settings = read_settings(json.dumps(change))
    for name, value in change.items():
        assert getattr(settings, name) == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize("change", BAD, ids=str)
def test_bad_settings(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="Site settings"):
        read_settings(json.dumps(change))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"read":'])
def test_what_is_no_settings_at_all(text: str) -> None:
    with pytest.raises(Malformed, match="Site settings"):
        read_settings(text)


ORIGINS: dict[str, str | None] = {
    "https://www.gazette.example": "https://www.gazette.example",
    "https://www.gazette.example/": "https://www.gazette.example",
    "https://www.gazette.example/a?b#c": "https://www.gazette.example",
    "HTTPS://WWW.Gazette.Example": "https://www.gazette.example",
    "https://www.gazette.example:443": "https://www.gazette.example",
    "http://www.gazette.example:80": "http://www.gazette.example",
    "http://www.gazette.example:443": "http://www.gazette.example:443",
    "http://localhost:8001": "http://localhost:8001",
    "http://[::1]:8001/x": "http://[::1]:8001",
    "null": None,
    "": None,
    "www.gazette.example": None,
    "//www.gazette.example": None,
    "ftp://www.gazette.example": None,
    "https://": None,
    "https://:443": None,
    "https://u@www.gazette.example": None,
    "https://@www.gazette.example": None,
    "https://www.gazette.example:port": None,
    "https://www.gazette.example:99999": None,
    "https://www.gazette.example /": None,
    "https://www.gazette.example\n": None,
    "https://www.gaz\\ette.example": None,
    "https://[::1": None,
    "javascript://www.gazette.example/%0aalert(1)": None,
}


@pytest.mark.parametrize(("url", "origin"), ORIGINS.items())
def test_origins(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin
    assert is_http_url(url) is (origin is not None)


@given(st.text(max_size=80) | st.from_regex(r"https?://[^/]{1,20}(:[0-9]{1,6})?/?", fullmatch=True))
def test_an_origin_is_its_own_origin(url: str) -> None:
    origin = origin_of(url)
    assert origin is None or origin_of(origin) == origin


def test_versions_side_by_side_read_what_the_other_stored() -> None:
    """While an upgrade goes on: what was not chosen is not stored, and what nobody here knows is left aside."""
    assert to_store(SiteSettings()) == "{}"
    chosen = SiteSettings(taste=0, login_url="https://paper.example/in")
    assert json.loads(to_store(chosen)) == {"taste": 0, "login_url": "https://paper.example/in"}
    assert read_stored(to_store(chosen)) == chosen
    assert read_stored('{"taste": 0, "of_the_next_version": {"deep": [1]}, "pace_seconds": 5}') == SiteSettings(taste=0)
