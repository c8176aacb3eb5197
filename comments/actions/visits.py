"""What happens to members on their own page: they come with the publisher's token, let go what they follow, and leave.
What the widget does too (appeals, names, mutes) is called where it lives.
"""

from typing import Any

from comments.actions.members import Access, acting_writer, open_session
from comments.core.errors import NotFound
from comments.core.identity import Identity
from comments.core.policy import Action, Subject, require
from comments.storage import visits as rows
from comments.storage.sites import Site
from comments.storage.transaction import Transaction


def open_visit(tx: Transaction, site: Site, identity: Identity, digest: str) -> Any:
    """Begin a visit of one's own page, by the checks that a session of the widget has; whose it is (row). `digest`: of
    the cookie's value. Raises Unauthenticated (token_replayed).
    """
    member = open_session(tx, site, identity)
    rows.insert_visit(tx.conn, member, digest, tx.now)
    return member


def end_visit(tx: Transaction, visit_id: int) -> None:
    """Sign out."""
    rows.delete_visit(tx.conn, visit_id)


def let_go(tx: Transaction, access: Access, follow_id: int) -> None:
    """Follow something no longer, whether or not one may read it still. Raises NotFound."""
    writer = acting_writer(tx, access)
    require(writer.viewer, Action.SEE_ONESELF, Subject(writer.site.id, writer.site.settings), tx.now)
    if not rows.drop_follow(tx.conn, writer.member.id, follow_id):
        raise NotFound("follow")
