"""What happens to members: a token exchanged, a name chosen, a warning read, somebody muted, an entitlement ended. Also
who it is that acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from comments.actions.mail import know_address
from comments.actions.restrictions import apply_bans
from comments.core.entitlement import RANK, Entitlement, State
from comments.core.errors import Conflict, Malformed, NotFound, Refused, Unauthenticated
from comments.core.events import MemberRenamed, MemberRestricted, ThreadReset
from comments.core.identity import MAX_NAME, Identity, Viewer, name_key
from comments.core.markup import clean_line
from comments.core.names import looks_like_one_of
from comments.core.policy import Action, Subject, require
from comments.storage import people
from comments.storage.audit import write_audit
from comments.storage.comments import insert_member, set_mute, update_member
from comments.storage.gates import count_conversion
from comments.storage.members import (
    find_member,
    member_and_site,
    member_by_id,
    name_is_taken,
    viewer_of_member,
)
from comments.storage.sites import Site, lock_site, staff_names
from comments.storage.threads import find_article
from comments.storage.transaction import Connection, Transaction
from comments.storage.used_tokens import use_token
from comments.storage.visits import keep_name

MIN_NAME = 2
SUBSCRIBED = frozenset({State.ACTIVE, State.TRIAL})
GATES = frozenset({State.REGISTERED, State.LAPSED})  # states in which somebody stands before one


@dataclass(frozen=True, slots=True)
class Access:
    """What our own access token says: whose it is and until when (µs UTC). Checked against the row whenever it is
    used.
    """

    site_id: int
    member_id: int
    epoch: int
    expires: int


def acting_member(conn: Connection, access: Access, now: int, *, lock: bool = False) -> tuple[Any, Viewer]:
    """The member's row and the viewer it makes, as of now. Raises Unauthenticated once the member's tokens were
    ended.
    """
    member = member_by_id(conn, access.member_id, lock=lock)
    if member is None or member.site_id != access.site_id or member.epoch != access.epoch:
        raise _ended()
    return member, viewer_of_member(member, now)


@dataclass(frozen=True, slots=True)
class Writer:
    """The member who is about to change something, their row locked, and the site that they do it on."""

    site: Site
    member: Any
    viewer: Viewer


def acting_writer(tx: Transaction, access: Access) -> Writer:
    """`acting_member` with the lock and the site, in one read."""
    member, site = member_at_site(tx.conn, access, lock=True)
    return Writer(site, member, viewer_of_member(member, tx.now))


def member_at_site(conn: Connection, access: Access, *, lock: bool = False) -> tuple[Any, Site]:
    """The rows of `access`. Raises Unauthenticated once the member's tokens were ended."""
    found = member_and_site(conn, access.member_id, lock=lock)
    if found is None or found[1].id != access.site_id or found[0].epoch != access.epoch:
        raise _ended()
    return found


def _ended() -> Unauthenticated:
    return Unauthenticated("token_revoked", "This access has ended: exchange a new token.")


def _count_once(tx: Transaction, site: Site, identity: Identity) -> None:
    """Where the site asks for it, one token counts once, wherever it was shown: commits with what it brings about."""
    if site.settings.single_use_tokens and not use_token(tx.conn, site.id, identity.jti, identity.expires):
        raise Unauthenticated("token_replayed", "This token was used already: sign a new one, with its own “jti”.")


def open_session(tx: Transaction, site: Site, identity: Identity) -> Any:
    """Know a member by what the publisher's token says of them; returns the row. Raises Unauthenticated
    (token_replayed) where a token counts once and this one did.
    """
    _count_once(tx, site, identity)
    known = find_member(tx.conn, site.id, identity.sub, lock=True)
    _attribute(tx, site, known, identity)
    if known is None:
        insert_member(tx.conn, site_id=site.id, sub=identity.sub, created_at=tx.now)
        known = find_member(tx.conn, site.id, identity.sub, lock=True)
    change: dict[str, Any] = {
        "avatar": identity.avatar,
        "badges": msgspec.json.encode(identity.badges).decode(),
    }
    if identity.issued > known.entitled_at:  # a token from before the publisher's own word does not undo it
        change |= {"state": str(identity.entitlement.state), "state_until": identity.entitlement.until}
    if identity.name is not None and not known.own_name:
        change |= {"name": identity.name, "name_key": name_key(identity.name)}
    change = {column: value for column, value in change.items() if getattr(known, column) != value}
    if change:
        if "name" in change and known.name is not None:
            keep_name(tx.conn, known, tx.now)
        update_member(tx.conn, known.id, **change)
        if known.published and change.keys() & {"name", "avatar", "badges"}:
            tx.record(MemberRenamed(site.id, known.id))
    if identity.email is not None:
        know_address(tx, site, known.id, identity.email)
    if apply_bans(tx, site, known):
        tx.record(MemberRestricted(site.id, known.id, measure="ban_everywhere"))
    return member_by_id(tx.conn, known.id)


def _attribute(tx: Transaction, site: Site, known: Any, identity: Identity) -> None:
    """Who had no subscription when we last saw them, and has one now, came through a gate: it is counted, and nothing
    is kept of who it was. Of somebody new only the reference says so: they may have subscribed long ago.
    """
    if identity.entitlement.state not in SUBSCRIBED or (known is None and identity.ref is None):
        return
    if known is not None and (known.state not in GATES or identity.issued <= known.entitled_at):
        return
    article = None if identity.ref is None else find_article(tx.conn, site.id, identity.ref)
    gate = "nobody" if known is None else str(known.state)
    count_conversion(tx.conn, site.id, tx.now, gate, 0 if article is None else article.id)


def name_oneself(tx: Transaction, site: Site, access: Access, name: str) -> Any:
    """Choose one's display name; returns the row. Raises Malformed, Refused (reserved) or Conflict (taken)."""
    lock_site(tx.conn, site.id)  # two who want one name at once are asked one after the other
    member, viewer = acting_member(tx.conn, access, tx.now, lock=True)
    require(viewer, Action.NAME_ONESELF, Subject(site.id, site.settings), tx.now)
    name = clean_line(name, MAX_NAME + 1)
    if not MIN_NAME <= len(name) <= MAX_NAME:
        raise Malformed(f"A display name has {MIN_NAME} to {MAX_NAME} characters.", field="name")
    key = name_key(name)
    if looks_like_one_of(name, site.settings.reserved_names, staff_names(tx.conn, site.id)):
        finding = {"rule": "reserved_name", "kind": "refuse", "reason": "reserved_name", "spans": [], "params": {}}
        raise Refused("reserved_name", finding)
    if name_is_taken(tx.conn, site.id, key, member.id):
        raise Conflict("name_taken", "Somebody else here has this name.")
    if member.name not in (None, name):
        keep_name(tx.conn, member, tx.now)
    update_member(tx.conn, member.id, name=name, name_key=key, own_name=True)
    if member.published:
        tx.record(MemberRenamed(site.id, member.id))
    return member_by_id(tx.conn, member.id)


def mute(tx: Transaction, site: Site, access: Access, muted_id: int, on: bool) -> None:
    """Mute or unmute another member of the same site for oneself."""
    member, viewer = acting_member(tx.conn, access, tx.now, lock=True)
    require(viewer, Action.MUTE, Subject(site.id, site.settings), tx.now)
    other = member_by_id(tx.conn, muted_id)
    if other is None or other.site_id != site.id or other.id == member.id:
        raise NotFound("member")
    set_mute(tx.conn, member.id, other.id, on, tx.now)


def see_warning(tx: Transaction, site: Site, access: Access, warning_id: int) -> Any:
    """One has read a warning, and may post again if it was the last; returns the row."""
    member, viewer = acting_member(tx.conn, access, tx.now, lock=True)
    require(viewer, Action.SEE_WARNING, Subject(site.id, site.settings), tx.now)
    warning = people.find_warning(tx.conn, warning_id)
    if warning is None or warning.member_id != member.id:
        raise NotFound("warning")
    if warning.seen_at is None:
        people.see_warning(tx.conn, warning.id, tx.now)
        update_member(tx.conn, member.id, unseen_warnings=member.unseen_warnings - 1)
        tx.record(MemberRestricted(site.id, member.id))  # their other windows
    return member_by_id(tx.conn, member.id)


def set_entitlement(tx: Transaction, site: Site, identity: Identity) -> None:
    """The publisher says at once what a member may; whoever may no longer loses all open access."""
    _count_once(tx, site, identity)
    known = find_member(tx.conn, site.id, identity.sub, lock=True)
    if known is None:
        raise NotFound("member")
    is_older = identity.issued < known.entitled_at
    rises = identity.issued == known.entitled_at and RANK[identity.entitlement.state] > RANK[State(known.state)]
    if is_older or rises:  # of one second the lesser word counts: the member may hold a token of that second
        raise Conflict("older_token", "The publisher has said something newer about this member.")
    _attribute(tx, site, known, identity)
    update_member(
        tx.conn,
        known.id,
        entitled_at=identity.issued,
        state=str(identity.entitlement.state),
        state_until=identity.entitlement.until,
        epoch=known.epoch + 1,
    )
    tx.record(MemberRestricted(site.id, known.id))


def set_access(tx: Transaction, viewer: Viewer, site: Site, member_id: int, has: Entitlement) -> None:
    """The publisher's own system says what a member has from now on: no token that was signed before undoes it, and all
    open access ends. Raises NotFound.
    """
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
    known = member_by_id(tx.conn, member_id, lock=True)
    if known is None or known.site_id != site.id:
        raise NotFound("member")
    after = {"state": str(has.state), "state_until": has.until}
    before = {name: getattr(known, name) for name in after}
    update_member(tx.conn, known.id, entitled_at=tx.now, epoch=known.epoch + 1, **after)
    about: dict[str, Any] = {"site_id": site.id, "user_id": viewer.id, "before": before, "after": after}
    write_audit(tx.conn, "set_access", ("member", known.id), tx.now, **about)
    tx.record(MemberRestricted(site.id, known.id))


def announce_rename(tx: Transaction, site_id: int, article_ids: Sequence[int]) -> None:
    """Reset these threads, in which a renamed member wrote."""
    for article_id in article_ids:
        tx.record(ThreadReset(site_id, article_id))
