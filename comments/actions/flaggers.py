"""Trusted flaggers (DSA, Article 22): organisations whose notices come first in the queue of a site."""

import secrets

from comments.actions.notices import digest_of
from comments.core.characters import clean
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.mail import mailable
from comments.core.policy import Action, Subject, require
from comments.storage import notices as rows
from comments.storage.audit import write_audit
from comments.storage.sites import Site, lock_site
from comments.storage.transaction import Transaction

MOST = 50  # organisations that a site trusts
PREFIX = "ctf_"  # what a key looks like to programs that look for lost ones


def add_flagger(
    tx: Transaction, viewer: Viewer, site: Site, name: str, email: str, area: str
) -> tuple[int, str]:  # fmt: skip
    """Trust an organisation; its id, and the key that it sends along. Raises Malformed, Conflict."""
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
    name, email, area = " ".join(clean(name).split()), email.strip().lower(), " ".join(clean(area).split())
    if not name:
        raise Malformed("Give the organisation's name.", field="name")
    if mailable(email) is None:
        raise Malformed("Give the organisation's e-mail address.", field="email")
    lock_site(tx.conn, site.id)
    if len(rows.read_flaggers(tx.conn, site.id)) >= MOST:
        raise Conflict("too_many_flaggers", f"A site trusts at most {MOST} organisations: remove one that is gone.")
    key = PREFIX + secrets.token_urlsafe(24)
    row = {"site_id": site.id, "name": name, "email": email, "area": area or None, "created_at": tx.now}
    flagger_id = rows.insert_flagger(tx.conn, **row, digest=digest_of(key))
    write_audit(
        tx.conn, "trust_flagger", ("flagger", flagger_id), tx.now, site_id=site.id, user_id=viewer.id,
        after={"name": name, "area": area or None},
    )  # fmt: skip
    return flagger_id, key


def remove_flagger(tx: Transaction, viewer: Viewer, site: Site, flagger_id: int) -> None:
    """Trust it no more: its key opens nothing. Its notices stay what they are."""
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
    row = rows.flagger_by_id(tx.conn, site.id, flagger_id)
    if row is None:
        raise NotFound("trusted flagger")
    rows.remove_flagger(tx.conn, row.id, tx.now)
    write_audit(
        tx.conn, "distrust_flagger", ("flagger", row.id), tx.now, site_id=site.id, user_id=viewer.id,
        before={"name": row.name},
    )  # fmt: skip
