"""A statement of reasons as the DSA Transparency Database takes it (API v2, in force since 1 July 2025).

Source: “API Documentation” of transparency.dsa.ec.europa.eu and its source text, digital-services-act/
transparency-database on GitHub (resources/markdown/api-documentation-two.md). The schema beside this file says the same
for programs; it is ours, they publish none.

No personal data (Article 24(5)): what people wrote, moderators, members or those who notified, does not go out; facts
and explanations are sentences of ours, and a provision that somebody typed goes through `scrubbed`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from comments.core.law.categories import named
from comments.core.site import EEA, LawSettings
from comments.core.times import NAIVE_EPOCH

COLUMNS = (  # of the CSV, in this order
    "puid", "decision_visibility", "decision_provision", "decision_account", "account_type", "decision_ground",
    "decision_ground_reference_url", "illegal_content_legal_ground", "illegal_content_explanation",
    "incompatible_content_ground", "incompatible_content_explanation", "incompatible_content_illegal", "category",
    "category_specification", "content_type", "content_type_other", "content_language", "content_date",
    "territorial_scope", "application_date", "end_date_visibility_restriction", "end_date_account_restriction",
    "end_date_service_restriction", "decision_facts", "source_type", "automated_detection", "automated_decision",
)  # fmt: skip
MEASURES: dict[str, dict[str, Any]] = {  # measure → attributes of the decision
    "remove": {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]},
    "hide": {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]},
    "suspend": {"decision_account": "DECISION_ACCOUNT_SUSPENDED", "account_type": "ACCOUNT_TYPE_PRIVATE"},
    "ban": {"decision_account": "DECISION_ACCOUNT_TERMINATED", "account_type": "ACCOUNT_TYPE_PRIVATE"},
    "premoderate": {"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"},
}
ENDS = {"remove": "visibility", "hide": "visibility", "suspend": "account", "ban": "account", "premoderate": "service"}
SOURCES = {
    "own": "SOURCE_VOLUNTARY",
    "reports": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "notice": "SOURCE_ARTICLE_16",
    "flagger": "SOURCE_TRUSTED_FLAGGER",
}
AUTOMATED = {
    "no": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "partly": "AUTOMATED_DECISION_PARTIALLY",
    "fully": "AUTOMATED_DECISION_FULLY",
}
FACTS = {
    "remove": "A comment under a news article was removed.",
    "hide": "A comment under a news article was hidden until a moderator has looked at it.",
    "suspend": "A commenter's account was suspended for a time.",
    "ban": "A commenter's account was closed for writing.",
    "premoderate": "A commenter's contributions are looked at by a moderator before they appear.",
}
FOUND = {
    "own": "The service noticed it by itself.",
    "reports": "Readers reported it to the service.",
    "notice": "Somebody gave notice under Article 16.",
    "flagger": "A trusted flagger gave notice under Article 16.",
}
DECIDED = {
    "no": "A moderator decided.",
    "partly": "Automated rules or a classifier pointed it out; a moderator decided.",
    "fully": "Automated rules of the service decided; no person took part.",
}
LANGUAGE = re.compile(r"[a-z]{2}")
_PERSONAL = re.compile(
    r"(?:https?://|www\.)\S+|(?<![^\s@])[^\s@]++@[^\s@]+|(?<!\w)@\w+|(?:\+|\b00)[\d\s()/.-]{7,}\d|\b\d[\d\s()/-]{8,}\d\b",
    re.IGNORECASE,
)


def scrubbed(text: str, most: int) -> str:
    """The text without addresses, handles and telephone numbers."""
    return " ".join(_PERSONAL.sub("…", text).split())[:most]


def day(micros: int) -> str:
    """YYYY-MM-DD in UTC."""
    return f"{NAIVE_EPOCH + timedelta(microseconds=micros):%Y-%m-%d}"


def statement_of_reasons(row: Any, law: LawSettings) -> dict[str, Any]:
    """One statement (a row) in the database's words; nothing that nobody said."""
    category, keyword = named(row.about, row.reason)
    content = {
        "puid": row.puid,
        **MEASURES[row.measure],
        **_ground(row, law),
        "category": category,
        "category_specification": None if keyword is None else [keyword],
        **_content(row),
        "territorial_scope": sorted(law.territory or EEA),
        "application_date": day(row.created_at),
        f"end_date_{ENDS[row.measure]}_restriction": None if row.until is None else day(row.until),
        "decision_facts": f"{FACTS[row.measure]} {FOUND[row.source]} {DECIDED[row.automated_decision]}",
        "source_type": SOURCES[row.source],
        "automated_detection": "Yes" if row.automated_detection else "No",
        "automated_decision": AUTOMATED[row.automated_decision],
    }
    return {name: value for name, value in content.items() if value is not None}


def _content(row: Any) -> dict[str, Any]:
    """What was restricted: a text, or an account, whose content is what it wrote since."""
    language = row.language.upper() if row.language and LANGUAGE.fullmatch(row.language) else None
    written = row.content_at if row.content_at is not None else row.created_at
    return {
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_language": language,
        "content_date": max(day(written), "2000-01-01"),
    }


def _ground(row: Any, law: LawSettings) -> dict[str, Any]:
    if row.ground == "law":
        provision = scrubbed(row.law or "", 500)
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": provision,
            "illegal_content_explanation": f"A moderator assessed the content and found that it breaks: {provision}",
        }
    reason = (row.reason or "other").replace("_", " ")
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": law.terms_url,
        "incompatible_content_ground": "Rules for comments on this site",
        "incompatible_content_explanation": scrubbed(f"It breaks these rules. Reason: {reason}.", 2000),
        "incompatible_content_illegal": "No",
    }


def cells(statement: Mapping[str, Any]) -> list[str]:
    """A row of the CSV: lists are JSON, as in the database's own files."""
    row = []
    for name in COLUMNS:
        value = statement.get(name)
        if isinstance(value, list):
            value = "[" + ",".join(f'"{one}"' for one in value) + "]"
        row.append("" if value is None else str(value))
    return row
