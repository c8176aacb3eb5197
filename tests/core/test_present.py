"""The one shape of a comment: what everybody gets, what a stub keeps back, what its author gets besides."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from comments.core.entitlement import State
from comments.core.identity import Role, Viewer
from comments.core.moderation.ruleset import RuleSet
from comments.core.present import present, present_article, present_private, present_site, present_viewer
from comments.core.site import SiteSettings

NOW = 1_772_442_000_000_000


@dataclass(frozen=True)
class Row:
    id: int = 12
    parent_id: int | None = 11
    root_id: int = 11
    depth: int = 1
    status: str = "published"
    tree: str = '[["p","CANARY"]]'
    source: str = "CANARY"
    text: str = "CANARY"
    created_at: int = 1_772_442_000_000_000
    edited_at: int | None = 1_772_442_000_500_000
    reactions: str = '{"recommend":3}'
    reply_count: int = 2
    seq: int = 9
    version: int = 4
    member_id: int | None = 5
    name: str | None = "kiesel"
    avatar: str | None = "https://pictures.example/k.png"
    badges: str | None = '["staff"]'
    picked_at: int | None = None
    locked_at: int | None = None
    question: bool = False
    answer_id: int | None = None
    by_author: bool = False


@dataclass(frozen=True)
class Member:
    badges: str = '["staff"]'
    avatar: str | None = None
    restriction_reason: str | None = "spam"
    premoderated: bool = True
    premoderated_reason: str | None = "links"
    published: int = 1
    reports_upheld: int = 1
    reports_rejected: int = 0
    created_at: int = NOW - 3600 * 1_000_000


@dataclass
class Unseen:
    id: int = 7
    reason: str = "abuse"
    text: str | None = "Stay polite."
    comment_id: int | None = 12
    created_at: int = NOW


FULL = {
    "id": "12", "parent_id": "11", "root_id": "11", "depth": 1,
    "author": {"id": "5", "name": "kiesel", "badges": ["staff"], "avatar": "https://pictures.example/k.png"},
    "body": [["p", "CANARY"]], "status": "published", "created_at": "2026-03-02T09:00:00Z",
    "edited_at": "2026-03-02T09:00:00.500000Z", "reactions": {"recommend": 3}, "reply_count": 2, "seq": 9,
}  # fmt: skip


def as_json(shape: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(shape))


def test_full() -> None:
    assert as_json(present(Row(), "full")) == FULL


def test_a_root() -> None:
    shown = as_json(present(Row(id=11, parent_id=None, depth=0, edited_at=None), "full"))
    assert shown == FULL | {"id": "11", "parent_id": None, "depth": 0, "edited_at": None}


@pytest.mark.parametrize("status", ["withdrawn", "rejected", "erased"])
def test_a_stub_keeps_everything_back_but_its_place(status: str) -> None:
    shape = present(Row(status=status), "stub")
    hidden = {"author": None, "body": None, "reactions": {}, "edited_at": None, "status": status}
    assert as_json(shape) == FULL | hidden
    written = msgspec.json.encode(shape)
    for secret in (b"CANARY", b"kiesel", b"pictures", b"staff", b"recommend"):
        assert secret not in written


def test_an_erased_author() -> None:
    assert as_json(present(Row(member_id=None, name=None, avatar=None, badges=None), "full"))["author"] is None


def test_a_member_without_a_name() -> None:
    shown = as_json(present(Row(name=None, badges=None, avatar=None), "full"))
    assert shown["author"] == {"id": "5", "name": "", "badges": [], "avatar": None}


def test_for_its_author() -> None:
    found = msgspec.Raw(b'{"rule":"links"}')
    shown = as_json(present_private(Row(), [found]))
    assert shown == FULL | {"source": "CANARY", "findings": [{"rule": "links"}], "version": 4}
    assert as_json(present_private(Row(), [], text=True))["text"] == "CANARY"


def test_an_article_that_nobody_wrote_under() -> None:
    assert present_article(None, "a/b") == {"id": "a/b", "title": None, "url": None, "mode": "open"}


def test_a_site_shows_nothing_of_its_rules() -> None:
    settings = SiteSettings(reserved_names=("CANARY",), login_url="https://x.example/")
    shown = as_json(present_site("gazette", "The Gazette", settings))
    public = {"key", "name", "locale", "read", "write", "login_url", "subscribe_url", "max_depth", "max_length"}
    public |= {"min_length", "edit_window", "reactions", "report_reasons", "gate_words", "ask_author", "notices"}
    assert set(shown) == public
    assert "CANARY" not in str(shown)


READER = Viewer(role=Role.MEMBER, id=5, site_id=1, name="kiesel", state=State.ACTIVE)
EVERYTHING = {"read": True, "write": True, "react": True, "report": True}
VIEWERS: dict[str, tuple[Viewer, dict[str, Any], dict[str, Any]]] = {
    "subscriber": (READER, {}, {}),
    "registered": (
        replace(READER, state=State.REGISTERED),
        {},
        {"state": "registered", "can": EVERYTHING | {"write": False}, "gate": "registered"},
    ),
    "on trial": (
        replace(READER, state=State.TRIAL, state_until=NOW + 1_000_000),
        {},
        {"state": "trial", "state_until": "2026-03-02T09:00:01Z"},
    ),
    "lapsed where subscribers read": (
        replace(READER, state=State.LAPSED),
        {"read": "subscribers"},
        {
            "state": "lapsed",
            "can": {"read": False, "write": False, "react": False, "report": True},
            "gate": "lapsed",
        },
    ),
    "nameless": (
        replace(READER, name=None),
        {},
        {"name": None, "can": EVERYTHING | {"write": False}, "gate": "name_needed"},
    ),
    "suspended": (
        replace(READER, suspended_until=NOW + 1_000_000),
        {},
        {
            "can": EVERYTHING | {"write": False, "react": False},
            "gate": "suspended",
            "suspended_until": "2026-03-02T09:00:01Z",
            "restriction_reason": "spam",
        },
    ),
    "suspended until now": (replace(READER, suspended_until=NOW), {}, {}),
    "banned": (
        replace(READER, banned=True),
        {},
        {
            "can": {"read": True, "write": False, "react": False, "report": False},
            "gate": "banned",
            "restriction_reason": "spam",
        },
    ),
}


@pytest.mark.parametrize(("viewer", "settings", "change"), VIEWERS.values(), ids=VIEWERS)
def test_a_viewer(viewer: Viewer, settings: dict[str, Any], change: dict[str, Any]) -> None:
    rules = RuleSet(newcomer_comments=3, newcomer_hours=2)
    shown = as_json(present_viewer(viewer, Member(), msgspec.convert(settings, SiteSettings), rules, [Unseen()], NOW))
    assert shown.pop("limits") == {
        "premoderated": {"reason": "links"}, "site_premoderated": False, "newcomer_left": 2,
        "newcomer_until": "2026-03-02T10:00:00Z", "pace_seconds": 5, "report_percent": 133,
    }  # fmt: skip
    assert shown.pop("warnings") == [
        {"id": "7", "reason": "abuse", "text": "Stay polite.", "comment_id": "12", "created_at": "2026-03-02T09:00:00Z"}
    ]
    assert shown == {
        "id": "5", "name": "kiesel", "badges": ["staff"], "avatar": None, "state": "active", "state_until": None,
        "can": EVERYTHING, "gate": None, "suspended_until": None, "restriction_reason": None,
    } | change  # fmt: skip
