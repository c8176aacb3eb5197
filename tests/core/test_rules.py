"""The rules, each as a table: a draft, what is known, what it finds."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from comments.core.markup import render
from comments.core.moderation.findings import Approve, Facts, Finding, Hold, Note, Refuse
from comments.core.moderation.likeness import simhash
from comments.core.moderation.opinions import Said
from comments.core.moderation.rules import RULES
from comments.core.moderation.rules.article_open import article_open
from comments.core.moderation.rules.banned_author import banned_author
from comments.core.moderation.rules.banned_words import banned_words
from comments.core.moderation.rules.blocked_domains import blocked_domains
from comments.core.moderation.rules.capitals import capitals
from comments.core.moderation.rules.length import length
from comments.core.moderation.rules.links import links
from comments.core.moderation.rules.near_repeat import near_repeat
from comments.core.moderation.rules.newcomer import newcomer
from comments.core.moderation.rules.newcomer_links import newcomer_links
from comments.core.moderation.rules.opinion import opinion
from comments.core.moderation.rules.pace import pace
from comments.core.moderation.rules.premoderated import premoderated
from comments.core.moderation.rules.quiet_hours import quiet_hours
from comments.core.moderation.rules.repeat import repeat
from comments.core.moderation.rules.suspect_words import suspect_words
from comments.core.moderation.rules.thread_locked import thread_locked
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


def new(published: int, limit: int = 3, hours: int = 0) -> dict[str, Any]:
    return {"published": published, "limit": limit, "hours": hours}


NIGHT = {"time_zone": "Europe/Vienna", "quiet_hours": [{"start": "22:00", "end": "06:00", "days": ["wed", "fri"]}]}
SPAM = "Buy the very best watches of this city in our little shop today"
POLITICS = {"sections": {"politics": {"premoderate": True}}}


def until(end: str) -> Hold:
    return Hold("quiet_hours", params={"until": end, "zone": "Europe/Vienna"})


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


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
    (repeat, "hi", known({"repeat_hours": 0}, same_text_at=NOW + HOUR), None),  # the clock was set back
    (repeat, "hi", known(same_text_at=NOW, is_edit=True), Refuse("repeat", params={"hours": 24})),
    (pace, "hi", known(), None),
    (pace, "hi", known(last_comment_at=NOW), Refuse("pace", params={"seconds": 5})),
    (pace, "hi", known(last_comment_at=NOW - 2 * SECOND), Refuse("pace", params={"seconds": 3})),
    (pace, "hi", known(last_comment_at=NOW - 4 * SECOND - 1), Refuse("pace", params={"seconds": 1})),
    (pace, "hi", known(last_comment_at=NOW - 5 * SECOND), None),
    (
        pace,
        "hi",
        known(last_comment_at=NOW + 2 * SECOND),
        Refuse("pace", params={"seconds": 5}),
    ),  # another clock
    (pace, "hi", known(last_comment_at=NOW + HOUR), None),  # the clock was set back
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
    (
        links,
        "http://x.example http://www.gazette.example/a https://gazette.example.org",
        known({"max_links": 1, "allowed_domains": ["gazette.example"]}),
        Hold("too_many_links", ((0, 16), (46, 73)), {"count": 2, "limit": 1}),
    ),
    (links, "http://a.b.example http://b.example", known({"max_links": 0, "allowed_domains": ["b.example"]}), None),
    (blocked_domains, "see http://x.example", known(), None),
    (blocked_domains, "see http://notbad.example", known({"blocked_domains": ["bad.example"]}), None),
    (
        blocked_domains,
        "see http://www.BAD.example:8080/x and <a@mail.bad.example>",
        known({"blocked_domains": ["other.example", "bad.example"]}),
        Hold("blocked_domain", ((4, 33), (38, 56)), {"domains": ["bad.example"]}),
    ),
    (
        blocked_domains,
        "[here](https://xn--bcher-kva.example/)",
        known({"blocked_domains": ["Bücher.example"]}),
        Hold("blocked_domain", ((0, 4),), {"domains": ["Bücher.example"]}),
    ),
    (
        blocked_domains,
        "http://bücher.example",
        known({"blocked_domains": ["xn--bcher-kva.example"]}),
        Hold("blocked_domain", ((0, 21),), {"domains": ["xn--bcher-kva.example"]}),
    ),
    (newcomer_links, "http://x.example", known(), None),
    (newcomer_links, "http://x.example", known({"newcomer_links": False}, author_published=1), None),
    (newcomer_links, "nothing", known({"newcomer_links": False}), None),
    (
        newcomer_links,
        "http://x.example",
        known({"newcomer_links": False}),
        Hold("newcomer_link", ((0, 16),), {"count": 1}),
    ),
    (
        newcomer_links,
        "http://x.example",
        known({"newcomer_links": False, "newcomer_comments": 3}, author_published=2),
        Hold("newcomer_link", ((0, 16),), {"count": 1}),
    ),
    (newcomer_links, "http://x.example", known({"newcomer_links": False, "allowed_domains": ["x.example"]}), None),
    (thread_locked, "hi", known(thread_locked=True), None),
    (thread_locked, "hi", known(is_reply=True), None),
    (thread_locked, "hi", known(is_reply=True, thread_locked=True), Refuse("thread_locked")),
    (thread_locked, "hi", known(is_reply=True, thread_locked=True, is_edit=True), None),
    (
        banned_words,
        "a fool",
        known({"banned_words": ["fool"], "banned_words_action": "refuse"}),
        Refuse("banned_words", ((2, 6),), {"words": ["fool"]}),
    ),
    (suspect_words, "a fool", known(words("fool")), None),
    (
        suspect_words,
        "a fool",
        known({"suspect_words": ["fool"]}),
        Note("suspect_word", ((2, 6),), {"words": ["fool"]}),
    ),
    (near_repeat, SPAM, known({"near_repeat_percent": 80}), None),
    (near_repeat, SPAM, known({}, recent_texts=(simhash(SPAM) or 0,)), None),
    (near_repeat, "hi", known({"near_repeat_percent": 80}, recent_texts=(0,)), None),
    (
        near_repeat,
        f"{SPAM}!!",
        known({"near_repeat_percent": 80}, recent_texts=(0, simhash(SPAM.upper()) or 0)),
        Hold("near_repeat", params={"percent": 100, "limit": 80}),
    ),
    (
        near_repeat,
        "What a council decides about its roads is a thing of all who live beside them",
        known({"near_repeat_percent": 80}, recent_texts=(simhash(SPAM) or 0,)),
        None,
    ),
    (capitals, "THIS IS ALL IN CAPITAL LETTERS", known(), None),
    (capitals, "NATO, EU AND UN: IAEA", known({"capitals_percent": 50}), None),  # 16 letters
    (capitals, "The NATO and the EU are in Brussels", known({"capitals_percent": 50}), None),
    (
        capitals,
        "THIS IS ALL IN CAPITAL LETTERS",
        known({"capitals_percent": 50}),
        Hold("capitals", params={"percent": 100, "limit": 50}),
    ),
    (
        capitals,
        "ЭТО ВСЁ БОЛЬШИМИ буквами 傻瓜傻瓜",
        known({"capitals_percent": 50}),
        Hold("capitals", params={"percent": 66, "limit": 50}),
    ),
    (capitals, "傻瓜" * 20 + "ABC", known({"capitals_percent": 50}), None),
    (quiet_hours, "hi", known(), None),
    (quiet_hours, "hi", known(NIGHT, now=at("2026-01-02T20:59+00:00")), None),
    (quiet_hours, "hi", known(NIGHT, now=at("2026-01-02T21:00+00:00")), until("06:00")),
    (quiet_hours, "hi", known(NIGHT, now=at("2026-01-03T04:59+00:00")), until("06:00")),  # Saturday
    (quiet_hours, "hi", known(NIGHT, now=at("2026-01-03T05:00+00:00")), None),
    (quiet_hours, "hi", known(NIGHT, now=at("2026-01-03T22:00+00:00")), None),  # Saturday night
    (quiet_hours, "hi", known(NIGHT, now=at("2026-07-03T20:00+00:00")), until("06:00")),  # summer time
    (quiet_hours, "hi", known(NIGHT, now=at("2026-07-03T19:59+00:00")), None),
    (newcomer, "hi", known(), None),
    (newcomer, "hi", known(author_first_seen=NOW + HOUR), None),  # the clock was set back
    (newcomer, "hi", known({"newcomer_comments": 3}), Hold("newcomer", params=new(0))),
    (newcomer, "hi", known({"newcomer_comments": 3}, author_published=2), Hold("newcomer", params=new(2))),
    (
        newcomer,
        "hi",
        known({"newcomer_hours": 24}, author_published=9, author_first_seen=NOW - 24 * HOUR + 1),
        Hold("newcomer", params=new(9, limit=0, hours=24)),
    ),
    (newcomer, "hi", known({"newcomer_hours": 24}, author_first_seen=NOW - 24 * HOUR), None),
    (newcomer, "hi", known({"newcomer_comments": 3}, author_published=3), None),
    (premoderated, "hi", known(), None),
    (premoderated, "hi", known({"premoderate": True}), Hold("premoderated_site", params={"what": "site"})),
    (premoderated, "hi", known(POLITICS, section="politics"), None),  # the rules that hold there come merged
    (
        premoderated,
        "hi",
        known(POLITICS | {"premoderate": True}, section="politics"),
        Hold("premoderated_section", params={"what": "section"}),
    ),
    (
        premoderated,
        "hi",
        known(POLITICS | {"premoderate": True}, section="sport"),
        Hold("premoderated_site", params={"what": "site"}),
    ),
    (premoderated, "hi", known(article_mode="premoderated"), Hold("premoderated_article", params={"what": "article"})),
    (
        premoderated,
        "hi",
        known({"premoderate": True}, article_mode="premoderated", author_premoderated=True),
        Hold("premoderated_member", params={"what": "member"}),
    ),
]


def said(name: str = "moody", action: str = "hold", **scores: float) -> dict[str, Any]:
    """Facts with an opinion of somebody who is asked about `hate` from 0.5 and `spam` from 0.9 on."""
    rule = {"thresholds": {"hate": 0.5, "spam": 0.9}, "action": action}
    return {"chosen": {"opinions": {name: rule}}, "opinions": {name: Said(scores, "m1")}}


WANTED = {"classifier": "moody", "model": "m1"}
FIRST = {"opinions": {"moody": {"thresholds": {"hate": 0.5}, "first": "wait"}, "spamalot": {"thresholds": {"x": 0.5}}}}
CASES += [
    (opinion, "hi", known(), None),
    (opinion, "hi", known(**said(hate=0.49, spam=0.89)), None),
    (
        opinion,
        "hi",
        known(**said(hate=0.5)),
        Hold("opinion", params=WANTED | {"label": "hate", "score": 0.5, "threshold": 0.5}),
    ),
    (
        opinion,
        "hi",
        known(**said(hate=0.6, spam=0.9512)),
        Hold("opinion", params=WANTED | {"label": "spam", "score": 0.951, "threshold": 0.9}),
    ),
    (
        opinion,
        "hi",
        known(**said(action="note", hate=1.0)),
        Note("opinion", params=WANTED | {"label": "hate", "score": 1.0, "threshold": 0.5}),
    ),
    (opinion, "hi", known(FIRST), None),  # tried on an old comment
    (opinion, "hi", known(FIRST, awaits_opinions=True), Hold("awaiting_opinion", params={"classifiers": ["moody"]})),
    (opinion, "hi", known(FIRST, awaits_opinions=True, opinions={"moody": Said({"hate": 0.1})}), None),
]


@pytest.mark.parametrize(("rule", "source", "facts", "finding"), CASES)
def test_rules(rule: Any, source: str, facts: Facts, finding: Any) -> None:
    found = rule(render(source), facts)
    assert isinstance(found, finding) if isinstance(finding, type) else found == finding


def test_order() -> None:
    """What refuses comes first; then the publisher's lists, which hold for everybody; then what approves, before what
    it overrules.
    """
    assert [rule.__name__ for rule in RULES] == [
        *("article_open", "banned_author", "thread_locked", "length", "repeat", "pace"),
        *("banned_words", "blocked_domains", "suspect_words"),
        "trusted_author",
        *("links", "newcomer_links", "near_repeat", "capitals", "newcomer", "quiet_hours", "premoderated"),
        "opinion",
    ]


def test_an_hour_that_is_there_twice_is_quiet_twice() -> None:
    """On the last Sunday of October the clock shows 02:30 twice in Vienna, and in March never."""
    night = {"time_zone": "Europe/Vienna", "quiet_hours": [{"start": "02:15", "end": "02:45"}]}
    for moment, quiet in (
        ("2026-10-25T00:30+00:00", True),
        ("2026-10-25T01:30+00:00", True),
        ("2026-10-25T02:30+00:00", False),
        ("2026-03-29T00:30+00:00", False),
        ("2026-03-29T01:30+00:00", False),
    ):
        found = quiet_hours(render("hi"), known(night, now=at(moment)))
        assert (found is not None) == quiet, moment


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_a_file_of_its_name_with_its_policy(rule: Any) -> None:
    assert rule.__module__.rpartition(".")[2] == rule.__name__
    assert rule.__doc__
    assert rule.__doc__.strip().endswith(".")
    assert any(case[0] is rule for case in CASES)
