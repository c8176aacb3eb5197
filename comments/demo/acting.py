"""The ready-made readers and the desk at work in the service: through the same actions as everybody's."""

import zlib
from typing import Any

from comments.actions.members import Access, acting_writer, open_session
from comments.actions.threads import NewComment, post_comment
from comments.core.entitlement import SECOND, Entitlement, State
from comments.core.identity import Identity, Viewer
from comments.core.markup import render
from comments.demo.readers import Reader
from comments.storage.archive import find_by_archive_keys
from comments.storage.sites import Site, find_user, viewer_of_user
from comments.storage.transaction import Transaction


def access_of(tx: Transaction, site: Site, reader: Reader) -> Access:
    """A reader who comes to the comments, as a subscriber for once."""
    entitlement = Entitlement(State.ACTIVE, tx.now + 3600 * SECOND)
    identity = Identity(reader.sub, reader.name, None, reader.badges, entitlement, 1, tx.now + 300 * SECOND, "demo")
    member = open_session(tx, site, identity)
    return Access(site.id, member.id, member.epoch, identity.expires)


def post(
    tx: Transaction, site: Site, reader: Reader, article: str, text: str, parent: int | None = None, **more: Any
) -> int:
    """A comment of a reader; its id. Posted again it is the one that is there."""
    new = NewComment(article, parent, f"demo {article} {zlib.crc32(text.encode()):08x}", **more)
    return post_comment(tx, acting_writer(tx, access_of(tx, site, reader)), new, render(text))[0]


def imported(tx: Transaction, site: Site, key: str) -> Any:
    """A comment of content/*.ndjson by its key without the prefix: its row's ids."""
    return find_by_archive_keys(tx.conn, site.id, [f"demo:{key}"])[f"demo:{key}"]


def desk(tx: Transaction, email: str) -> Viewer:
    """Who has this account of the console, as the policy sees them."""
    return viewer_of_user(find_user(tx.conn, email=email))
