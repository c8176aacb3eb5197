"""E-mail as members and others have to do with it: an address known, chosen or proved, what they want to hear of, and
letters to people who have no account. Nothing is sent here: what is planned commits with what it tells of, and the
worker (jobs/mail.py) looks again at what the receiver may see when it sends it.
"""

import logging
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from comments.core.entitlement import SECOND
from comments.core.errors import Conflict, TooMany
from comments.core.mail import ABOUT_ONESELF, Choice, MailChange, MailKind, mailable, read_address
from comments.core.policy import Action, Subject, require
from comments.core.present import Json
from comments.core.site import SiteSettings
from comments.storage import mail as rows
from comments.storage.mail import DAY, HOUR, find_mailbox, put_mailbox
from comments.storage.members import member_and_site, viewer_of_member
from comments.storage.sites import Site, site_by_id
from comments.storage.transaction import Connection, Transaction

log = logging.getLogger(__name__)

PATIENCE = 60 * SECOND  # µs: who has the page open sees it in the bell, and is not written to
LETTERS_AN_HOUR, LETTERS_A_DAY = 5, 20  # of one site to one address
LETTERS_OF_SITE_AN_HOUR = 300  # to whomever
ADDRESSES_AN_HOUR = 3  # that one member may have asked for a confirmation
PROOF = 48 * HOUR  # µs that a mailed link proves an address

Params = Mapping[str, str | int]


def plan_mail(tx: Transaction, comment_ids: Collection[int]) -> None:
    """Mail what this transaction told members of these comments (storage.notifications.tell) to those who want it."""
    rows.plan_told(tx.conn, comment_ids, tx.now, tx.now + PATIENCE)


def plan_letter(
    tx: Transaction,
    address: str,
    template: str,
    params: Params,
    key: str,
    *,
    site: Site,
    language: str | None = None,
    limited: bool = True,
    member_id: int | None = None,
) -> bool:
    """A letter to somebody by their address, with an account or without: once for each `key` of a site. Whether it is
    going to be sent: not again, nor more to one address than LETTERS_AN_HOUR and LETTERS_A_DAY, nor of one site than
    LETTERS_OF_SITE_AN_HOUR.

    The words are the locales' `mail.<template>.subject`, `.text` (paragraphs apart by an empty line) and, where
    `params` has a `link` (a path of ours, beginning with “/”), `.button`. Every other param is plain text: links and
    line ends in it are made harmless. `limited` False: for what somebody of the newsroom caused, or to an address that
    is proved. `member_id`: whose letter it is. Raises Malformed for what is no address.
    """
    found = read_address(address)
    if limited and not _is_within_limits(tx, site, found):
        log.warning("a letter was not planned: too many", extra={"template": template})
        return False
    row = {
        "site_id": site.id,
        "member_id": member_id,
        "template": template,
        "params": msgspec.json.encode(dict(params)).decode(),
        "address": found,
        "language": language,
        "key": key,
        "run_at": tx.now,
        "created_at": tx.now,
    }
    return rows.plan_letter(tx.conn, row)


def _is_within_limits(tx: Transaction, site: Site, address: str) -> bool:
    lately = rows.letters_to(tx.conn, site.id, address, tx.now - HOUR, LETTERS_AN_HOUR)
    today = rows.letters_to(tx.conn, site.id, address, tx.now - DAY, LETTERS_A_DAY)
    of_site = rows.letters_of(tx.conn, site.id, tx.now - HOUR, LETTERS_OF_SITE_AN_HOUR)
    return lately < LETTERS_AN_HOUR and today < LETTERS_A_DAY and of_site < LETTERS_OF_SITE_AN_HOUR


def choice_of(mailbox: Any, kind: MailKind, settings: SiteSettings) -> Choice:
    """When a member is mailed of something: what they chose, else nothing, else what the site says of decisions."""
    if not settings.mail or kind not in settings.mail_kinds:
        return Choice.OFF
    chosen = None if mailbox is None else getattr(mailbox, kind)
    if chosen is not None:
        return Choice(chosen)
    return Choice.AT_ONCE if settings.mail_decisions and kind in ABOUT_ONESELF else Choice.OFF


def mail_preferences(conn: Connection, member_id: int) -> Json:
    """What a member is shown of their mail: `on` (whether the site mails at all), `kinds` they may choose about, their
    `choices`, the `address` it goes to, the one that waits to be confirmed (`pending`), the publisher's (`vouched`),
    whether the address was `refused` for good, `language` (null: the site's).
    """
    found = member_and_site(conn, member_id)
    assert found is not None
    site, mailbox = found[1], find_mailbox(conn, member_id)
    settings = site.settings
    return {
        "on": settings.mail,
        "kinds": list(settings.mail_kinds) if settings.mail else [],
        "choices": {kind: choice_of(mailbox, kind, settings) for kind in MailKind},
        "address": mailbox and mailbox.address,
        "pending": mailbox and mailbox.pending,
        "vouched": mailbox and mailbox.vouched,
        "refused": bool(mailbox and mailbox.failed_at),
        "language": mailbox and mailbox.language,
    }


def set_mail_preferences(tx: Transaction, member: Any, change: MailChange) -> Json:
    """A member (their row) chooses; what they then have. A new address is written to first: nothing else goes there
    before its owner has confirmed it. Raises Malformed, Conflict (mail_off), TooMany.
    """
    site = site_by_id(tx.conn, member.site_id)
    require(viewer_of_member(member, tx.now), Action.CHOOSE_MAIL, Subject(site.id, site.settings), tx.now)
    if not site.settings.mail:
        raise Conflict("mail_off", "This site sends no mail.")
    columns: dict[str, Any] = {str(kind): str(choice) for kind, choice in change.choices.items()}
    if change.language is not msgspec.UNSET:
        columns["language"] = change.language
    if change.address is not msgspec.UNSET:
        columns |= _address(tx, site, member, change.address)
    put_mailbox(tx.conn, member.id, tx.now, **columns)
    if change.choices.get(MailKind.FOLLOWS) is Choice.OFF:
        rows.listen_no_more(tx.conn, member.id)
    else:
        rows.listen(tx.conn, member.id)
    return mail_preferences(tx.conn, member.id)


def _address(tx: Transaction, site: Site, member: Any, wished: str | None) -> dict[str, Any]:
    mailbox = find_mailbox(tx.conn, member.id)
    vouched = mailbox and mailbox.vouched
    nothing_waits = {"pending": None, "pending_at": None}
    if not wished:
        return nothing_waits | {"address": vouched, "failed_at": None, "failure": None}
    address = read_address(wished)
    if mailbox is not None and address in (mailbox.vouched, mailbox.address):
        return nothing_waits | {"address": address, "failed_at": None, "failure": None}
    key = f"confirm {member.id} {tx.now}"
    asked = rows.letters_of_member(tx.conn, member.id, tx.now - HOUR, ADDRESSES_AN_HOUR)
    if asked == ADDRESSES_AN_HOUR or not plan_letter(tx, address, "confirm", {}, key, site=site, member_id=member.id):
        raise TooMany(HOUR // SECOND)
    return {"pending": address, "pending_at": tx.now}


def know_address(tx: Transaction, site: Site, member_id: int, address: str) -> None:
    """The publisher's token names this address: mail goes there unless the member has proved another one."""
    if not site.settings.mail or mailable(address) is None:
        return
    mailbox = find_mailbox(tx.conn, member_id)
    if mailbox is not None and mailbox.vouched == address:
        return
    change: dict[str, Any] = {"vouched": address}
    if mailbox is None or mailbox.address in (None, mailbox.vouched):
        change |= {"address": address, "failed_at": None, "failure": None}
    put_mailbox(tx.conn, member_id, tx.now, **change)


def confirm_address(tx: Transaction, member_id: int, address: str) -> bool:
    """Somebody has opened the link that was mailed to an address and pressed the button; False if the member has
    thought better of it, or it took longer than PROOF.
    """
    mailbox = find_mailbox(tx.conn, member_id)
    if mailbox is not None and mailbox.pending is None and mailbox.address == address:
        return True  # pressed twice
    if mailbox is None or mailbox.pending != address or tx.now - mailbox.pending_at > PROOF:
        return False
    fresh = {"address": address, "pending": None, "pending_at": None, "failed_at": None, "failure": None}
    put_mailbox(tx.conn, member_id, tx.now, **fresh)
    return True


def unsubscribe(tx: Transaction, member_id: int, kinds: Collection[MailKind] = tuple(MailKind)) -> None:
    """No mail of these kinds to a member any more; also what lies ready is not sent."""
    if find_mailbox(tx.conn, member_id) is not None:
        put_mailbox(tx.conn, member_id, tx.now, **{str(kind): str(Choice.OFF) for kind in kinds})
        if MailKind.FOLLOWS in kinds:
            rows.listen_no_more(tx.conn, member_id)


def stop_letters(tx: Transaction, site: Site, digest: str) -> None:
    """Whoever has this address (core.mail.stop_digest) wants no more letters from a site."""
    rows.stop(tx.conn, site.id, digest, tx.now)
