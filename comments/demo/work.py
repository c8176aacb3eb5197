"""Something for the moderators of the demo: comments that wait for one reason each, a reported one, an appeal.

Made through the same actions as everybody's; texts written for this demo.
"""

from comments.actions.appeals import appeal_comment
from comments.actions.members import Access, acting_writer, open_session
from comments.actions.moderation import Decision, decide
from comments.actions.reports import report_comment
from comments.actions.threads import NewComment, post_comment
from comments.core.entitlement import SECOND, Entitlement, State
from comments.core.identity import Identity
from comments.core.markup import render
from comments.core.moderation.ruleset import RuleSet
from comments.demo.readers import READY_MADE, Reader
from comments.storage.archive import find_by_archive_keys
from comments.storage.sites import Site, find_user, viewer_of_user
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
        0,
        "market-square",
        f"One can try here what moderation does: a comment with the word {HOLDS} in it waits, "
        "and only its author and the moderators see it. So does Modérate-Mе with a Cyrillic letter in it.",
    ),
    (1, "night-trams", "NOBODY ON THE LOWER STREETS WAS ASKED ABOUT THE CURVE AT THE CUSTOMS HOUSE!"),
    (
        1,
        "library-roof",
        "Three pages on roofs with bees, for those who want to read on: https://bees.example/roofs and "
        "https://larch.example/planks and https://quiet.example/telephones",
    ),
    (5, "night-trams", "Half-price night tickets, only this week: https://tickets.spam.example/trams"),
)
SUSPECT = (1, "market-square", "What a nonsense to close the square on a market day. Ask the people with the carrots.")
REPORTED = "demo:market-square:10"
REJECTED = (
    0,
    "library-roof",
    "This reminds me of the tram drivers' rota, which is the thing one should really write about.",
)
APPEAL = "It is about the library: its roof was built by the same workshop that rebuilds the trams. Please look again."
MESSAGE = "This page is about the roof; there is one about the trams."


def leave_work(tx: Transaction, site: Site, moderator: str) -> None:
    """Fill each queue of a site a little. `moderator`: e-mail of the account that rejects what is appealed against."""
    for number, article, text in (*WAITING, SUSPECT):
        _post(tx, site, number, article, text)
    reported = find_by_archive_keys(tx.conn, site.id, [REPORTED])[REPORTED]
    reporter = _access(tx, site, READY_MADE[1])
    report_comment(tx, reporter, reported.id, "off_topic", "This is about the budget, not about the square.")
    rejected = _post(tx, site, *REJECTED)
    viewer = viewer_of_user(find_user(tx.conn, email=moderator))
    version = find_comment(tx.conn, rejected).version
    decide(tx, viewer, rejected, Decision("reject", version, reason="off_topic", message=MESSAGE))
    appeal_comment(tx, _access(tx, site, READY_MADE[REJECTED[0]]), rejected, APPEAL)


def _post(tx: Transaction, site: Site, reader: int, article: str, text: str) -> int:
    access = _access(tx, site, READY_MADE[reader])
    new = NewComment(article, None, f"demo {article} {len(text)}")
    return post_comment(tx, acting_writer(tx, access), new, render(text))[0]


def _access(tx: Transaction, site: Site, reader: Reader) -> Access:
    entitlement = Entitlement(State.ACTIVE, tx.now + 3600 * SECOND)
    identity = Identity(reader.sub, reader.name, None, reader.badges, entitlement, 1, tx.now + 300 * SECOND, "demo")
    member = open_session(tx, site, identity)
    return Access(site.id, member.id, member.epoch, identity.expires)
