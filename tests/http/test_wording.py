"""Problems in people's words: every code that a widget's call may get has some, in the reader's language where there
is one, then in the site's, then in English.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from comments.core.errors import CommentsError
from comments.core.policy import NOT_ENTITLED, WHY
from comments.http.wording import message_of
from comments.spoken import house_texts
from tests.conftest import FakeClock
from tests.gazette import Gazette, refused

PACKAGE = Path(__file__).resolve().parents[2] / "comments"
RAISED = re.compile(r"\b(?:Forbidden|Conflict|Unauthenticated|Refused)\(\s*\"(\w+)\"")
REFUSES = re.compile(r"\bRefuse\(\"(\w+)\"")
OF_THE_CONSOLE = {  # and of the command line: the console has words of its own
    "site_exists", "user_exists", "appeal_decided", "banned_everywhere", "not_banned", "seen", "unchanged",
    "own_second_opinion", "claimed", "own_decision", "undo_too_late", "appealed", "signed_out", "csrf",
    "bad_credentials", "classifier_exists", "too_many_classifiers", "mode", "secret_unopened", "code_needed",
    "code_wrong", "second_factor_exists", "second_factor_missing", "second_factor_needed", "proof_needed",
    "too_many_keys", "key_exists", "scope", "key_invalid", "key_expired", "key_revoked", "key_not_here",
    "upload_unfinished", "upload_finished", "chunk_missing", "import_running", "import_not_running", "export_running",
    "too_many_webhooks", "webhook_off", "not_replayable", "too_many_flaggers", "complaint_decided", "notice_decided",
    "escalated", "no_clock", "no_contact", "no_author",
}  # fmt: skip
GENERAL = {"malformed", "not_found", "too_large", "too_many_requests", "unavailable", "internal"}


def codes() -> set[str]:
    """Every code that is raised anywhere, and those that are made of states."""
    sources = [path.read_text() for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts]
    raised = {code for source in sources for code in RAISED.findall(source)}
    reading, writing = {"registered_only", "subscribers_only"}, {f"not_entitled_{end}" for end in NOT_ENTITLED.values()}
    return raised | set(WHY) | reading | writing | GENERAL


def test_every_code_that_a_widget_may_get_has_words() -> None:
    found = codes()
    assert len(found) > 40 and found >= OF_THE_CONSOLE
    english = house_texts()["en"]
    without = [
        code
        for code in found - OF_THE_CONSOLE
        if f"error.{'token' if code.startswith('token_') else code}" not in english and f"finding.{code}" not in english
    ]
    assert without == []


def test_every_rule_that_refuses_has_words() -> None:
    sources = [path.read_text() for path in (PACKAGE / "core/moderation/rules").glob("*.py")]
    reasons = {reason for source in sources for reason in REFUSES.findall(source)}
    assert reasons >= {"length", "pace", "repeat", "banned_words", "thread_locked", "article_open", "banned_author"}
    assert [one for one in reasons if f"finding.{one}" not in house_texts()["en"]] == []


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        ({}, "A comment may have 2 to 5000 characters; this one has 1."),
        ({"Accept_Language": "de-AT, en;q=0.5"}, "Ein Kommentar darf 2 bis 5000 Zeichen haben; dieser hat 1."),
        ({"Accept_Language": "pt-BR"}, "Um comentário pode ter de 2 a 5000 caracteres; este tem 1."),
        ({"Accept_Language": "zh-Hant-TW, nl;q=0.5"}, "Een reactie mag 2 tot 5000 tekens hebben; deze heeft er 1."),
        ({"Accept_Language": "zh-Hant-TW"}, "A comment may have 2 to 5000 characters; this one has 1."),
        ({"Accept_Language": "xx, *;q=0.1"}, "A comment may have 2 to 5000 characters; this one has 1."),
        ({"Accept_Language": "\x7f" * 3000}, "A comment may have 2 to 5000 characters; this one has 1."),
    ],
)
def test_a_finding_is_told_in_the_readers_language(paper: Gazette, languages: dict[str, str], said: str) -> None:
    sent = {"body": "x", "parent_id": None}
    kiesel = paper.reader("kiesel")
    path = f"{paper.article()}/comments"
    answer = kiesel.call("POST", path, sent, Idempotency_Key="k", **languages)
    assert refused(answer, 422, "length")["message"] == said


def test_the_words_concerned_are_named_and_marked(app: Flask, clock: FakeClock) -> None:
    """As they stand in the text; the entry of the list that they fit stays the site's."""
    paper = Gazette.make(app, clock, banned_words=["weasel*"], banned_words_action="refuse")
    problem = refused(paper.reader().send("You **WEASELS**, hello"), 422, "banned_words")
    assert problem["message"] == "Contains words that are not wanted here: WEASELS"
    assert problem["finding"]["spans"] == [[4, 11]] and "*" not in str(problem)


def test_a_site_speaks_its_own_language_where_it_does_not_have_the_readers(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, "zeitung", locale="de-CH", read="registered")
    answer = paper.call("GET", f"{paper.article()}/comments", Accept_Language="xx")
    assert refused(answer, 401, "token_missing")["message"].startswith("Ihre Anmeldung")
    kiesel = paper.reader("kiesel")
    gone = kiesel.call("POST", "/comments/999/reports", {"reason": "abuse"}, Accept_Language="fr-FX")
    assert refused(gone, 404)["message"]
    asked = kiesel.call("GET", f"{paper.article()}/comments?sort=x&lang=en", Accept_Language="de")
    assert refused(asked, 400)["message"] == house_texts()["en"]["error.malformed"]


def test_reasons_are_words_and_strange_values_harm_nobody(app: Flask) -> None:
    """A reason of the site's own is said as it is; places that nothing fills stay, and nothing raises."""

    def said(code: str, **extras: Any) -> str | None:
        with app.test_request_context("/"):
            return message_of(CommentsError(code, "detail", **extras))

    finding = {"rule": "decision", "reason": "decision", "params": {"reason": "hate"}, "spans": []}
    assert said("decision", finding=finding) == "A moderator decided: hate speech."
    finding["params"] = {"reason": "Not about trams"}
    assert said("decision", finding=finding) == "A moderator decided: Not about trams."
    assert said("nobody_knows_this") is None
    assert said("nobody_knows_this", finding={"reason": "nor_this", "params": {}}) is None
    assert said("length", finding={"reason": "length", "params": {"min": None}}) == (
        "A comment may have None to {max} characters; this one has {length}."
    )
