"""What the author of a comment that is not public is told, and what they are never told."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import comments
from comments.core.errors import Malformed
from comments.core.moderation import rules
from comments.core.receipt import (
    APPEALS_FOR,
    LOOKED_AT_ANYWAY,
    PLACE,
    PLACES,
    TOLD,
    Plea,
    Ruling,
    Standing,
    Wording,
    check_templates,
    may_appeal,
    receipt,
    told,
)

HOUSE: dict[str, dict[str, str]] = {
    path.stem: json.loads(path.read_text()) for path in Path(comments.__file__).parent.glob("locales/*.json")
}
NOW = 1_772_000_000_000_000
TEXT = "Such a weasel, really: a Weasel."
ELSEWHERE = frozenset({"reports", "opinion", "awaiting_opinion", "rule_failed"})  # holds that no rule of the list finds
FILLED = {
    "count": 3,
    "limit": 2,
    "published": 0,
    "percent": 90,
    "hours": 24,
    "until": "08:00",
    "zone": "UTC",
    "label": "insult",
}
PREMODERATED = frozenset(f"premoderated_{what}" for what in ("member", "article", "section", "site"))


def words(*languages: str, **own: dict[str, str]) -> Wording:
    return Wording([*languages, "en"], own, HOUSE)


def hold(reason: str, spans: Any = (), rule: str | None = None, **params: Any) -> tuple[dict[str, Any], int]:
    finding = {"rule": rule or reason, "kind": "hold", "reason": reason, "spans": list(spans), "params": params}
    return finding, NOW


def decided(reason: str | None = "abuse") -> tuple[dict[str, Any], int]:
    params = {"reason": reason, "by": "moderator"}
    return {"rule": "decision", "kind": "refuse", "reason": "decision", "spans": [], "params": params}, NOW


def waiting(*found: Any, **more: Any) -> Standing:
    return Standing("waiting", TEXT, NOW - 1, found, **more)


def rejected(reason: str | None = "abuse", note: str | None = None, **more: Any) -> Standing:
    return Standing("rejected", TEXT, NOW - 1, (decided(reason),), Ruling(NOW, reason, note), **more)


def test_a_word_of_the_list() -> None:
    """The words stand as the author wrote them; the list's entry, which says more, does not."""
    shown = receipt(waiting(hold("banned_word", [(7, 13), (25, 31)], "banned_words", words=["weas*"])), words(), NOW)
    assert shown is not None
    assert (shown["by"], shown["rule"], shown["reason"]) == ("machine", "banned_words", "banned_word")
    assert shown["words"] == ["weasel", "Weasel"]
    assert shown["text"] == (
        "An automatic check found words that moderators here want to see first: weasel, Weasel. "
        "A moderator will look at it; until then only you can see it."
    )
    assert shown["appeal"] == {
        "possible": True, "until": "2026-08-27T06:13:20Z", "state": None, "text": None, "note": None, "decided_at": None
    }  # fmt: skip
    assert "weas*" not in str(shown)


def test_a_rejection() -> None:
    shown = receipt(rejected(note="No names, please."), words(), NOW)
    assert shown is not None
    assert (shown["by"], shown["rule"], shown["reason"], shown["words"]) == ("moderator", "decision", "abuse", [])
    assert shown["text"].startswith("A moderator did not publish this comment because it insults")
    assert shown["text"].endswith("The moderator writes: No names, please.")


def test_a_reason_of_the_publishers_own() -> None:
    shown = receipt(rejected("Below our standards"), words(), NOW)
    assert shown is not None
    assert shown["text"] == "A moderator did not publish this comment. Reason: Below our standards."


def test_imported_without_a_reason() -> None:
    shown = receipt(Standing("rejected", TEXT, NOW, ()), words(), NOW)
    assert shown is not None
    assert (shown["reason"], shown["text"]) == (None, "A moderator did not publish this comment.")


def test_what_is_public_has_none() -> None:
    for status in ("published", "withdrawn", "erased"):
        assert receipt(Standing(status, TEXT, NOW, (hold("banned_word"),)), words(), NOW) is None


def test_in_the_authors_language_and_the_sites_words() -> None:
    german = receipt(rejected("spam"), words("de"), NOW)
    assert german is not None and german["text"].startswith("Die Moderation hat diesen Kommentar nicht veröffentlicht")
    own = {"decision.spam": {"de": "Werbung ({reason}). {note}", "fr": "Publicité.", "zh": "广告。"}}
    said = {
        language: receipt(rejected("spam", note="Nein."), words(language, **own), NOW)
        for language in ("de", "fr", "zh", "es", "sv")
    }
    assert said["de"] is not None and said["de"]["text"] == "Werbung (Spam oder Werbung). Nein."
    assert said["fr"] is not None and said["fr"]["text"] == "Publicité. La modération écrit\N{NO-BREAK SPACE}: Nein."
    assert said["zh"] is not None and said["zh"]["text"] == "广告。 The moderator writes: Nein."
    assert said["es"] is not None and said["es"]["text"].startswith("La moderación no ha publicado")
    assert said["sv"] is not None and said["sv"]["text"].startswith("A moderator did not publish")


@pytest.mark.parametrize("language", sorted(HOUSE))
def test_in_every_language(language: str) -> None:
    """Each kind of receipt is written in it whole, with all that the author is to know filled in."""
    held = [
        hold(reason, [(7, 13)], words=["weas*"], **FILLED) for reason in sorted(reasons_of_rules("Hold") | ELSEWHERE)
    ]
    for standing in (waiting(*held), rejected("abuse", "A note."), rejected("Our own reason"), rejected(None)):
        shown = receipt(standing, words(language), NOW)
        assert shown is not None
        assert not PLACE.search(shown["text"]), shown["text"]
        english = receipt(standing, words("en"), NOW)
        assert english is not None and (shown["text"] != english["text"]) == (language != "en")


def test_newcomers_are_told_how_many_are_left() -> None:
    shown = receipt(waiting(hold("newcomer", published=1, limit=3)), words(), NOW)
    assert shown is not None and "with this one: 2." in shown["text"]


def test_newcomers_by_time() -> None:
    shown = receipt(waiting(hold("newcomer", published=5, limit=3, hours=24)), words(), NOW)
    assert shown is not None and "first 24 hours" in shown["text"]


def test_a_model_and_readers_are_named_as_such() -> None:
    """A score, a threshold, how many reported and who: none of it is the author's."""
    model = hold("opinion", classifier="toxic", model="m-1", label="insult", score=0.93, threshold=0.9)
    readers = hold("reports", reporters=["anna"], weight=340)
    shown = receipt(waiting(model, readers), words(), NOW)
    assert shown is not None
    assert "computer model" in shown["text"] and "insult" in shown["text"] and "Readers have reported" in shown["text"]
    for secret in ("0.93", "0.9", "anna", "340"):
        assert secret not in str(shown)
        assert secret not in str([told(finding, TEXT) for finding, _ in (model, readers)])


@pytest.mark.parametrize("reason", sorted(LOOKED_AT_ANYWAY))
def test_no_appeal_where_a_moderator_looks_anyway(reason: str) -> None:
    assert not may_appeal(waiting(hold(reason)), NOW)
    assert may_appeal(waiting(hold(reason), hold("banned_word", [(7, 13)])), NOW)


def test_an_appeal_is_one_and_has_its_time() -> None:
    assert may_appeal(rejected(), NOW + APPEALS_FOR)
    assert not may_appeal(rejected(), NOW + APPEALS_FOR + 1)
    assert not may_appeal(rejected(plea=Plea("Please.", NOW)), NOW)
    assert not may_appeal(rejected(plea=Plea("Please.", NOW, NOW, "upheld")), NOW)
    assert may_appeal(rejected(plea=Plea("Please.", NOW, NOW, "closed")), NOW), "nobody has looked at that one"
    assert not may_appeal(Standing("published", TEXT, NOW), NOW)


def test_the_outcome() -> None:
    plea = Plea("Please.", NOW, NOW + 1, "upheld", "It stays.")
    shown = receipt(rejected(plea=plea), words(), NOW)
    assert shown is not None
    assert shown["appeal"] == {
        "possible": False, "until": None, "state": "upheld", "text": "Please.", "note": "It stays.",
        "decided_at": "2026-02-25T06:13:20.000001Z",
    }  # fmt: skip


def test_templates_are_checked() -> None:
    check_templates({"spam": {"en": "{reason}: {words} {note}"}})
    with pytest.raises(Malformed) as error:
        check_templates({"spam": {"en": "{reason}: {member}"}})
    assert error.value.extras == {"field": "receipts"}
    assert "{member}" in error.value.detail


def reasons_of_rules(kind: str) -> set[str]:
    """Every reason that a rule holds or refuses for, read from the rules' own source."""
    found: set[str] = set()
    for path in sorted(Path(rules.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kind:
                (reason, *_) = node.args
                known = PREMODERATED if path.stem == "premoderated" else {ast.literal_eval(reason)}
                found |= known
    return found


def test_every_reason_has_words() -> None:
    """A rule with a new reason is not done before its author can be told."""
    reasons = reasons_of_rules("Hold") | ELSEWHERE
    assert len(reasons) >= 9
    missing = [
        f"receipt.{one} in {name}" for one in sorted(reasons) for name in HOUSE if f"receipt.{one}" not in HOUSE[name]
    ]
    assert missing == []
    assert set(LOOKED_AT_ANYWAY) <= reasons


def test_every_place_in_the_texts_can_be_filled() -> None:
    for name, texts in HOUSE.items():
        for key, text in texts.items():
            if key.startswith("receipt."):
                assert set(PLACE.findall(text)) <= PLACES, (name, key)


def test_every_place_of_a_refusal_is_told() -> None:
    """What the widget says of a refusal it fills from the params that authors are given."""
    refusals = reasons_of_rules("Refuse")
    assert {"length", "pace", "repeat"} <= refusals
    for name, texts in HOUSE.items():
        for reason in refusals:
            assert set(PLACE.findall(texts[f"finding.{reason}"])) <= TOLD | {"words"}, (name, reason)
