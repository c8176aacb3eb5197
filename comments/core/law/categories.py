"""What a notice may be about, and what our reasons are called in the DSA Transparency Database.

The names on the right are those of the database's schema of 1 July 2025 (API v2): a statement category and, where one
fits, a keyword. What a site calls its own reasons we do not know: they count as other breaches of its terms.
"""

Named = tuple[str, str | None]  # category, keyword

ABOUT: dict[str, Named] = {  # what somebody who notifies chooses from, in the order of the form
    "defamation": ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "KEYWORD_DEFAMATION"),
    "hate": ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "KEYWORD_HATE_SPEECH"),
    "threat": ("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_INCITEMENT_VIOLENCE_HATRED"),
    "harassment": ("STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_HARASSMENT"),
    "privacy": ("STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", None),
    "copyright": ("STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", "KEYWORD_COPYRIGHT_INFRINGEMENT"),
    "fraud": ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", None),
    "terrorism": ("STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", "KEYWORD_TERRORIST_CONTENT"),
    "child_abuse": ("STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"),
    "elections": ("STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS", None),
    "self_harm": ("STATEMENT_CATEGORY_SELF_HARM", None),
    "consumer": ("STATEMENT_CATEGORY_CONSUMER_INFORMATION", None),
    "other": ("STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", None),
}
NAMELESS = "child_abuse"  # Art. 16(2)(c): of these offences one may tell without a name
DEFAMATION = "defamation"

BREACH: Named = ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC", None)
REASONS: dict[str, Named] = {  # of the terms: the house's reasons for a rejection
    "abuse": ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", None),
    "hate": ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", None),
    "personal_data": ("STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", None),
    "copyright": ("STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", "KEYWORD_COPYRIGHT_INFRINGEMENT"),
}


def named(about: str | None, reason: str | None) -> Named:
    """Category and keyword of a restriction: what the notice was about that led to it, else why it was decided."""
    if about is not None:
        return ABOUT[about]
    return REASONS.get(reason or "", BREACH)
