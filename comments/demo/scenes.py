"""What readers find besides threads: answers that wait for somebody, picks, a word of the newsroom, closed doors.

Made through the same actions as everybody's, once; texts written for this demo.
"""

from comments.actions.articles import set_hours, set_mode
from comments.actions.follows import follow_article
from comments.actions.marks import pick
from comments.actions.members import mute
from comments.actions.restrictions import ban, warn
from comments.core.entitlement import SECOND
from comments.core.site import ArticleMode
from comments.demo.acting import access_of, desk, imported, post
from comments.demo.readers import AUTHOR, BANNED, KIESEL, NEWSROOM, NORTHWIND, ON_TRIAL, SUSPENDED, WARNED
from comments.storage.sites import Site
from comments.storage.threads import find_comment
from comments.storage.transaction import Transaction

DAY = 86_400 * SECOND  # µs
SUSPENDED_FOR = 60 * DAY
NAMES_UNTIL = 3 * DAY  # the list of names for the ferry

PICKS = {
    "gazette": ("night-trams:1", "from-the-window:9", "from-the-window:94", "library-roof:1"),
    "magazine": ("slow-letter:1", "slow-letter:6", "map-of-smells:1", "long-dough:10"),
    "letter": ("empty-chair:3",),
}
MODES: dict[str, dict[str, ArticleMode]] = {
    "gazette": {"repair-saturday": "closed", "harbour-fees": "premoderated"},
}
OWN = (
    "I took the half past twelve on the first night. Upstairs at the terminus the baker stood in the door and counted "
    "us off, and at the hospital stop *everybody* got up to make room for two nurses. That alone is worth the rota."
)
ANSWER = "@kiesel the two nurses were my sister and her colleague. They have talked of nothing else since."
WORD = (
    "Thank you, all of you who wrote about the hospital stop. We have asked whether the tram could wait "
    "there for the end of the late shift, and shall report what it says."
)
ASKED = (  # (reader, question, the author's answer)
    (KIESEL, "Does it keep for a third day in the cold, or is that the end of it?", "It keeps, and gets sharper. After "
     "the third day I make flatbread of it: *rolled thin*, in a dry pan, four minutes."),
    (NORTHWIND, "What do you do when the kitchen is at thirty degrees and the dough is over the rim by the evening?",
     "Half the yeast, and water from the refrigerator. And a larger bowl, which I learned later than I should have."),
    (ON_TRIAL, "Is there a flour that you would not use for this?", None),
)  # fmt: skip
SINCE = "A removal van, since seven. They have carried in eleven lamps and, so far, no bed."
AWAITED = "Could somebody who knows the plan say whether the inner mole is dredged as well? Ours lies dry twice a day."


def set_scenes(tx: Transaction, site: Site, administrator: str) -> None:
    """`administrator`: e-mail of the account that picks, closes and restricts."""
    viewer = desk(tx, administrator)
    restrict(tx, site, administrator)
    for key in PICKS[site.key]:
        pick(tx, viewer, imported(tx, site, key).id, True)
    if site.key == "gazette":
        _answer_kiesel(tx, site, administrator)
    if site.key == "magazine":
        _ask_the_author(tx, site)
    for article, mode in MODES.get(site.key, {}).items():
        set_mode(tx, viewer, site, article, mode)
    if site.key == "gazette":
        set_hours(tx, viewer, site, "ferry-name", None, tx.now + NAMES_UNTIL)
        post(tx, site, NORTHWIND, "harbour-fees", AWAITED)


def restrict(tx: Transaction, site: Site, administrator: str) -> None:
    """One reader suspended, one banned, one with a warning that they have not read yet."""
    viewer = desk(tx, administrator)
    suspended, banned, warned = (access_of(tx, site, one).member_id for one in (SUSPENDED, BANNED, WARNED))
    until = tx.now + SUSPENDED_FOR
    ban(tx, viewer, suspended, "Three times personal in one week, and told so twice.", until, False)
    ban(tx, viewer, banned, "Advertised his own shop under every article.", None, False)
    warn(tx, viewer, warned, "abuse", "Please argue with what people write, not with what they are.", None)


def _answer_kiesel(tx: Transaction, site: Site, administrator: str) -> None:
    """A comment of kiesel's that is answered and picked; a thread that they follow; somebody whom they muted."""
    own = post(tx, site, KIESEL, "night-trams", OWN)
    post(tx, site, NORTHWIND, "night-trams", ANSWER, own)
    post(tx, site, NEWSROOM, "night-trams", WORD)
    pick(tx, desk(tx, administrator), own, True)
    follow_article(tx, access_of(tx, site, KIESEL), site.key, "from-the-window", True)
    post(tx, site, NORTHWIND, "from-the-window", SINCE)
    tiresome = find_comment(tx.conn, imported(tx, site, "market-square:10").id)
    mute(tx, site, access_of(tx, site, KIESEL), tiresome.member_id, True)


def _ask_the_author(tx: Transaction, site: Site) -> None:
    """Questions under the article whose author is among the ready-made readers; the last one is still open."""
    for reader, question, answer in ASKED:
        asked = post(tx, site, reader, "long-dough", question, question=True)
        if answer is not None:
            post(tx, site, AUTHOR, "long-dough", answer, asked)
