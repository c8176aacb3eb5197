"""Other rules over comments that were written already: what differs, with which examples, and what was known then."""

from dataclasses import dataclass
from typing import Any

import pytest

from comments.core.moderation.differences import SHOWN, differences
from comments.core.moderation.findings import text_hash
from comments.core.moderation.likeness import simhash
from comments.core.moderation.opinions import Said
from comments.core.moderation.replay import EXAMPLES, Author, Past, Place, excerpt, replay
from comments.core.moderation.ruleset import OpinionRule, RuleSet, narrowed
from comments.core.site import SiteSettings

SECOND = 1_000_000
HOUR = 3600 * SECOND
BEGAN = 1_767_225_600 * SECOND
CALM = RuleSet(pace_seconds=0, repeat_hours=0)


@dataclass
class Row:
    """A comment as storage.trials.read_past gives it."""

    id: int
    text: str
    created_at: int
    member_id: int = 1
    article_id: int = 1
    parent_id: int | None = None
    status: str = "published"
    tree: str = "[]"

    @property
    def text_hash(self) -> str:
        return text_hash(self.text)

    @property
    def simhash(self) -> int | None:
        return simhash(self.text)


def written(*texts: str, every: int = HOUR, **more: Any) -> list[Row]:
    return [Row(at + 1, text, BEGAN + at * every, **more) for at, text in enumerate(texts)]


def tried(rows: list[Row], changed: RuleSet, today: RuleSet = CALM, author: Author | None = None, **past: Any) -> Any:
    """A replay under one article; `author` is everybody's."""
    place = Place("1", "One", "open", None, today, changed)
    someone = author or Author("kiesel", published=len(rows), rejected=0, first_seen=BEGAN, premoderated=False)
    everybody = {row.member_id: someone for row in rows}
    return replay(Past(SiteSettings(), list(reversed(rows)), {1: place}, everybody, **past))


def change(**values: Any) -> RuleSet:
    return narrowed(CALM, values)


def test_nothing_changed() -> None:
    found = tried(written("one", "two"), CALM)
    assert (found["looked_at"], found["since"]) == (2, BEGAN)
    assert found["today"] == found["changed"] == {"published": 2, "held": 0, "refused": 0}
    assert all(one == {"count": 0, "rules": [], "words": [], "examples": []} for one in found["differences"].values())
    assert tried([], CALM)["since"] is None


TWO_LINKS = '[["p",["a",{"href":"https://a.example"},"a"]," ",["a",{"href":"https://b.example"},"b"]]]'
CASES: list[tuple[list[Row], dict[str, Any], dict[str, Any], tuple[int, int, int]]] = [  # held, refused, let through
    (written("a fool", "wise"), {"banned_words": ["fool"]}, {}, (1, 0, 0)),
    (written("a fool", "wise"), {"banned_words": ["fool"], "banned_words_action": "refuse"}, {}, (0, 1, 0)),
    (written("a fool", "wise"), {}, {"banned_words": ["fool"]}, (0, 0, 1)),
    (written("a b", tree=TWO_LINKS), {"max_links": 1}, {}, (1, 0, 0)),
    (written("one", "two", every=SECOND), {"pace_seconds": 5}, {}, (0, 1, 0)),
    (written("one", "two"), {"pace_seconds": 5}, {}, (0, 0, 0)),
    (written("One more", "else", "one  more"), {"repeat_hours": 2}, {}, (0, 0, 0)),
    (written("One more", "else", "one  more"), {"repeat_hours": 3}, {}, (0, 1, 0)),
    (written(*[f"the very same words, all {n}" for n in (1, 1, 2)]), {"near_repeat_percent": 100}, {}, (1, 0, 0)),
    (written("one", "two", "three"), {"newcomer_comments": 2}, {}, (2, 0, 0)),
    (written("one", "two", "three"), {"newcomer_hours": 2}, {}, (2, 0, 0)),
    (written("one", "two", "three", tree=TWO_LINKS), {"trusted_comments": 2, "max_links": 0}, {}, (2, 0, 0)),
    (written("one"), {"premoderate": True}, {}, (1, 0, 0)),
    (written("HOW VERY LOUD ALL OF THIS IS, AND LONG"), {"capitals_percent": 50}, {}, (1, 0, 0)),
    (written("one"), {"quiet_hours": [{"start": "23:00", "end": "02:00"}]}, {}, (1, 0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "changed", "today", "told"), CASES)
def test_each_rule(rows: list[Row], changed: dict[str, Any], today: dict[str, Any], told: tuple[int, int, int]) -> None:
    found = tried(rows, change(**changed), change(**today))
    counts = tuple(found["differences"][name]["count"] for name in ("held", "refused", "let_through"))
    assert counts == told


def test_what_was_refused_and_would_wait_is_newly_held() -> None:
    refusing = change(banned_words=["fool"], banned_words_action="refuse")
    found = tried(written("a fool"), change(banned_words=["fool"]), refusing)
    assert [found["differences"][name]["count"] for name in ("held", "refused", "let_through")] == [1, 0, 0]
    assert found["differences"]["held"]["examples"][0]["before"] == "refused"


def test_examples_show_each_cause_before_the_newest() -> None:
    texts = ["a rare one", *[f"fool {number}" for number in range(100)]]
    held = tried(written(*texts), change(banned_words=["fool", "rare"]))["differences"]["held"]
    assert (held["count"], len(held["examples"])) == (101, EXAMPLES)
    assert held["words"] == [{"word": "fool", "count": 100}, {"word": "rare", "count": 1}]
    ids = [int(example["comment_id"]) for example in held["examples"]]
    assert ids == [*range(101, 101 - EXAMPLES + 1, -1), 1]
    assert held["examples"][-1]["findings"] == [
        {"rule": "banned_words", "kind": "hold", "reason": "banned_word", "params": {"words": ["rare"]}}
    ]


def test_figures_are_reckoned_back() -> None:
    """Of five published comments, two were before the three that are looked at; a rejected one ends trust later on."""
    rows = written("link 1", "link 2", "link 3", tree=TWO_LINKS)
    author = Author("kiesel", published=5, rejected=0, first_seen=0, premoderated=False)
    strict = {"max_links": 1}
    found = tried(rows, change(**strict, trusted_comments=3), change(**strict), author)
    assert [one["comment_id"] for one in found["differences"]["let_through"]["examples"]] == ["3", "2"]
    rows[1].status = "rejected"
    author = Author("kiesel", published=4, rejected=1, first_seen=0, premoderated=False)
    found = tried(rows, change(**strict, trusted_comments=3), change(**strict), author)
    assert [one["comment_id"] for one in found["differences"]["let_through"]["examples"]] == ["2"]


def test_opinions_by_changed_thresholds() -> None:
    said = {1: {"local": Said({"toxic": 0.7, "spam": 0.1}, "m1")}, 2: {"other": Said({"toxic": 1.0})}}
    local = OpinionRule(thresholds={"toxic": 0.6, "spam": 0.1})
    rules = RuleSet(pace_seconds=0, repeat_hours=0, opinions={"local": local})
    found = tried(written("one", "two"), rules, opinions=said)
    assert found["differences"]["held"]["rules"] == [{"rule": "opinion", "count": 1}]


def test_excerpts() -> None:
    assert excerpt("short", [(0, 2), (1, 3), (5, 9)]) == [
        {"text": "sho", "marked": True}, {"text": "rt", "marked": False}
    ]  # fmt: skip
    assert excerpt("x" * 400, []) == [{"text": "x" * 320, "marked": False}, {"text": "…", "marked": False}]
    far = excerpt("x" * 500 + "fool" + "y" * 500, [(500, 504)])
    assert [piece["marked"] for piece in far] == [False, False, True, False, False]
    assert (far[0]["text"], len(far[1]["text"]), far[2]["text"], far[-1]["text"]) == ("…", 120, "fool", "…")
    assert "".join(piece["text"] for piece in excerpt("👍🏽 fool", [(3, 7)])) == "👍🏽 fool"


def test_differences() -> None:
    before = {"max_links": 2, "banned_words": ["a", "b"], "sections": {"sport": {"premoderate": True}}}
    after = {"max_links": 3, "banned_words": ["b", *map(str, range(60))], "sections": {"sport": {"max_links": 0}}}
    was, now = differences(before, after)
    assert was == {
        "max_links": 2, "banned_words": {"entries": 2, "removed": ["a"]},
        "sections.sport.premoderate": True, "sections.sport.max_links": None,
    }  # fmt: skip
    assert now["banned_words"] == {"entries": 61, "added": [str(n) for n in range(SHOWN)], "more": 10}
    assert (now["sections.sport.max_links"], now["sections.sport.premoderate"]) == (0, None)
    assert differences(before, before) == ({}, {})
