"""Something for the moderators of the demo: comments that wait for one reason each, a reported one, an appeal.

Made through the same actions as everybody's; texts written for this demo.
"""

from comments.actions.appeals import appeal_comment
from comments.actions.moderation import Decision, decide
from comments.actions.reports import report_comment
from comments.core.moderation.ruleset import RuleSet
from comments.demo.acting import access_of, desk, imported, post
from comments.demo.readers import KIESEL, NORTHWIND, ON_TRIAL
from comments.storage.sites import Site
from comments.storage.threads import find_comment
from comments.storage.transaction import Transaction

HOLDS = "moderate-me"  # a word that makes a comment wait, to be tried
RULES = RuleSet(
    banned_words=(HOLDS,),
    suspect_words=("nonsense*", "shame*"),
    blocked_domains=("spam.example",),
    capitals_percent=70,
    pace_seconds=0,
)
WAITING = (  # (reader, article, text)
    (
        KIESEL,
        "market-square",
        f"One can try here what moderation does: a comment with the word {HOLDS} in it waits, "
        "and only its author and the moderators see it. So does Modérate-Mе with a Cyrillic letter in it.",
    ),
    (NORTHWIND, "night-trams", "NOBODY ON THE LOWER STREETS WAS ASKED ABOUT THE CURVE AT THE CUSTOMS HOUSE!"),
    (
        NORTHWIND,
        "library-roof",
        "Three pages on roofs with bees, for those who want to read on: https://bees.example/roofs and "
        "https://larch.example/planks and https://quiet.example/telephones",
    ),
    (ON_TRIAL, "night-trams", "Half-price night tickets, only this week: https://tickets.spam.example/trams"),
)
SUSPECT = (
    NORTHWIND,
    "market-square",
    "What a nonsense to close the square on a market day. Ask the people with the carrots.",
)
REPORTED = "market-square:10"
REJECTED = (
    KIESEL,
    "library-roof",
    "This reminds me of the tram drivers' rota, which is the thing one should really write about.",
)
APPEAL = "It is about the library: its roof was built by the same workshop that rebuilds the trams. Please look again."
MESSAGE = "This page is about the roof; there is one about the trams."


def leave_work(tx: Transaction, site: Site, moderator: str) -> None:
    """Fill each queue of a site a little. `moderator`: e-mail of the account that rejects what is appealed against."""
    for reader, article, text in (*WAITING, SUSPECT):
        post(tx, site, reader, article, text)
    reported = imported(tx, site, REPORTED).id
    report_comment(
        tx, access_of(tx, site, NORTHWIND), reported, "off_topic", "This is about the budget, not about the square."
    )
    rejected = post(tx, site, *REJECTED)
    version = find_comment(tx.conn, rejected).version
    decide(tx, desk(tx, moderator), rejected, Decision("reject", version, reason="off_topic", message=MESSAGE))
    appeal_comment(tx, access_of(tx, site, REJECTED[0]), rejected, APPEAL)
