"""The rules, each as a table: a draft, what is known, what it finds."""

from dataclasses import replace
from typing import Any

import pytest

from comments.core.markup import render
from comments.core.moderation.findings import Approve, Facts, Finding, Hold, Refuse
from comments.core.moderation.rules import RULES
from comments.core.moderation.rules.article_open import article_open
from comments.core.moderation.rules.banned_author import banned_author
from comments.core.moderation.rules.banned_words import banned_words
from comments.core.moderation.rules.length import length
from comments.core.moderation.rules.links import links
from comments.core.moderation.rules.newcomer import newcomer
from comments.core.moderation.rules.pace import pace
from comments.core.moderation.rules.premoderated import premoderated
from comments.core.moderation.rules.repeat import repeat
from comments.core.moderation.rules.trusted_author import trusted_author
from comments.core.site import SiteSettings
from tests.configuring import told_apart

SECOND = 1_000_000
HOUR = 3600 * SECOND
NOW = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z
FACTS = Facts(settings=SiteSettings(), now=NOW)


def known(chosen: dict[str, Any] | None = None, **facts: Any) -> Facts:
    return replace(FACTS, **told_apart(chosen or {}), **facts)


def words(*listed: str) -> dict[str, Any]:
    return {"banned_words": listed}


CASES: list[tuple[Any, str, Facts, Finding | None]] = [
    (article_open, "hi", known(), None),
    (article_open, "hi", known(article_mode="premoderated"), None),
    (article_open, "hi", known(article_mode="closed"), Refuse("article_open", params={"mode": "closed"})),
    (article_open, "hi", known(article_mode="readonly"), Refuse("article_open", params={"mode": "readonly"})),
    (article_open, "hi", known(article_mode="off"), Refuse("article_open", params={"mode": "off"})),
    (article_open, "hi", known(article_mode="closed", is_edit=True), None),
    (
        article_open,
        "hi",
        known(article_mode="readonly", is_edit=True),
        Refuse("article_open", params={"mode": "readonly"}),
    ),
    (article_open, "hi", known(article_mode="off", is_edit=True), Refuse("article_open", params={"mode": "off"})),
    (banned_author, "hi", known(), None),
    (
        banned_author,
        "hi",
        known(author_banned=True, author_ban_reason="spam"),
        Refuse("banned_author", params={"until": None, "reason": "spam"}),
    ),
    (
        banned_author,
        "hi",
        known(author_suspended_until=NOW + HOUR, author_ban_reason="insults"),
        Refuse("banned_author", params={"until": "2026-01-01T01:00:00Z", "reason": "insults"}),
    ),
    (banned_author, "hi", known(author_suspended_until=NOW), None),
    (banned_author, "hi", known(author_suspended_until=NOW + 1, is_edit=True), Refuse),  # type: ignore[list-item]
    (length, "hi", known(), None),
    (length, "h", known(), Refuse("length", params={"length": 1, "min": 2, "max": 5000})),
    (length, "👨‍👩‍👧‍👦", known(), Refuse("length", params={"length": 1, "min": 2, "max": 5000})),
    (length, "👨‍👩‍👧‍👦", known({"min_length": 1}), None),
    (length, "", known({"min_length": 1}), Refuse("length", params={"length": 0, "min": 1, "max": 5000})),
    (
        length,
        "> \u200b\n\n> - ",
        known({"min_length": 1}),
        Refuse("length", params={"length": 0, "min": 1, "max": 5000}),
    ),
    (length, "**" + "x" * 10 + "**", known({"max_length": 10}), None),
    (length, "x" * 11, known({"max_length": 10}), Refuse("length", params={"length": 11, "min": 2, "max": 10})),
    (repeat, "hi", known(), None),
    (repeat, "hi", known(same_text_at=NOW - 24 * HOUR), None),
    (repeat, "hi", known(same_text_at=NOW - 24 * HOUR + 1), Refuse("repeat", params={"hours": 24})),
    (repeat, "hi", known({"repeat_hours": 1}, same_text_at=NOW - HOUR), None),
    (repeat, "hi", known({"repeat_hours": 0}, same_text_at=NOW), None),
    (repeat, "hi", known(same_text_at=NOW, is_edit=True), Refuse("repeat", params={"hours": 24})),
    (pace, "hi", known(), None),
    (pace, "hi", known(last_comment_at=NOW), Refuse("pace", params={"seconds": 5})),
    (pace, "hi", known(last_comment_at=NOW - 2 * SECOND), Refuse("pace", params={"seconds": 3})),
    (pace, "hi", known(last_comment_at=NOW - 4 * SECOND - 1), Refuse("pace", params={"seconds": 1})),
    (pace, "hi", known(last_comment_at=NOW - 5 * SECOND), None),
    (pace, "hi", known(last_comment_at=NOW + HOUR), Refuse("pace", params={"seconds": 5})),  # another machine's clock
    (pace, "hi", known(last_comment_at=NOW, is_edit=True), None),
    (pace, "hi", known({"pace_seconds": 0}, last_comment_at=NOW), None),
    (trusted_author, "hi", known(author_published=1000), None),
    (
        trusted_author,
        "hi",
        known({"trusted_comments": 20}, author_published=20),
        Approve("trusted_author", params={"published": 20}),
    ),
    (trusted_author, "hi", known({"trusted_comments": 20}, author_published=19), None),
    (trusted_author, "hi", known({"trusted_comments": 20}, author_published=20, author_rejected=1), None),
    (trusted_author, "hi", known({"trusted_comments": 20}, author_published=20, author_premoderated=True), None),
    (trusted_author, "hi", known({"trusted_comments": 20}, author_published=20, article_mode="premoderated"), None),
    (
        trusted_author,
        "hi",
        known({"trusted_comments": 20, "premoderate": True}, author_published=20),
        Approve("trusted_author", params={"published": 20}),
    ),
    (banned_words, "a fool", known(), None),
    (banned_words, "a *fo*ol!", known(words("fool")), Hold("banned_word", ((2, 6),), {"words": ["fool"]})),
    (banned_words, "fooling", known(words("fool")), None),
    (
        banned_words,
        "Fool, you FOOL",
        known(words("fool", "you")),
        Hold("banned_word", ((0, 4), (6, 9), (10, 14)), {"words": ["fool", "you"]}),
    ),
    (links, "http://x.example http://y.example", known(), None),
    (
        links,
        "[a](http://x.example)\n\n- b http://y.example <c@z.example>",
        known(),
        Hold("too_many_links", ((0, 1), (4, 20), (21, 32)), {"count": 3, "limit": 2}),
    ),
    (
        links,
        "see [that](http://x.example)",
        known({"max_links": 0}),
        Hold("too_many_links", ((4, 8),), {"count": 1, "limit": 0}),
    ),
    (newcomer, "hi", known(), None),
    (newcomer, "hi", known({"newcomer_comments": 3}), Hold("newcomer", params={"published": 0, "limit": 3})),
    (
        newcomer,
        "hi",
        known({"newcomer_comments": 3}, author_published=2),
        Hold("newcomer", params={"published": 2, "limit": 3}),
    ),
    (newcomer, "hi", known({"newcomer_comments": 3}, author_published=3), None),
    (premoderated, "hi", known(), None),
    (premoderated, "hi", known({"premoderate": True}), Hold("premoderated_site", params={"what": "site"})),
    (premoderated, "hi", known(article_mode="premoderated"), Hold("premoderated_article", params={"what": "article"})),
    (
        premoderated,
        "hi",
        known({"premoderate": True}, article_mode="premoderated", author_premoderated=True),
        Hold("premoderated_member", params={"what": "member"}),
    ),
]


@pytest.mark.parametrize(("rule", "source", "facts", "finding"), CASES)
def test_rules(rule: Any, source: str, facts: Facts, finding: Any) -> None:
    found = rule(render(source), facts)
    assert isinstance(found, finding) if isinstance(finding, type) else found == finding


def test_order() -> None:
    """What refuses comes before what approves, and what approves before what it overrules."""
    assert [rule.__name__ for rule in RULES] == [
        *("article_open", "banned_author", "length", "repeat", "pace"),
        "trusted_author",
        *("banned_words", "links", "newcomer", "premoderated"),
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_a_file_of_its_name_with_its_policy(rule: Any) -> None:
    assert rule.__module__.rpartition(".")[2] == rule.__name__
    assert rule.__doc__
    assert rule.__doc__.strip().endswith(".")
    assert any(case[0] is rule for case in CASES)
