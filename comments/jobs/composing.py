"""What a mail says at the moment it is sent: whether its receiver still wants it and may see what it tells of, and the
words for it in their language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from comments.actions.mail import choice_of
from comments.core.entitlement import may_read
from comments.core.identity import MAX_NAME
from comments.core.law import author
from comments.core.letters import Envelope, Item, Letter, harmless, write
from comments.core.mail import ABOUT_ONESELF, DIGEST, LETTER, Choice, MailKind, State, sign_link, stop_digest
from comments.core.notifications import LONGEST, Kind, excerpt
from comments.core.site import is_http_url, origin_of
from comments.core.words import Words, pick_language
from comments.settings import Settings
from comments.spoken import house_texts
from comments.storage import outbox
from comments.storage.jobs import SECOND
from comments.storage.mail import HOUR, find_mailbox, is_stopped
from comments.storage.members import member_and_site, viewer_of_member
from comments.storage.sites import Site, site_by_id
from comments.storage.transaction import Connection, Database

TOO_OLD = 3 * 86_400 * SECOND  # µs after which no news is worth a mail
IN_A_DIGEST = 20  # pieces of news; the others are counted
MAX_TITLE = 120  # code points


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail as the server is given it."""

    mail: Any
    to: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Receiver:
    """A member to whom something is told, as of now."""

    member: Any
    site: Site
    mailbox: Any
    words: Words
    reads: bool  # whether others' comments are for them
    now: int


@dataclass(slots=True)
class Composer:
    """Makes mails; what is not to be sent is put aside with its reason."""

    database: Database
    settings: Settings

    def ready(self, mail: Any) -> Ready | None:
        """The mail, or None where it is not to be sent, or not now."""
        with self.database.read() as conn:
            made = self._letter(conn, mail) if mail.kind == LETTER else self._news(conn, mail)
        if isinstance(made, Ready):
            return made
        with self.database.transaction() as tx:
            if made is None:
                outbox.hold(tx.conn, mail.id)
            else:
                outbox.settle(tx.conn, mail.id, State.DROPPED, made)
        return None

    def _news(self, conn: Connection, mail: Any) -> Ready | str | None:
        """A mail to a member; or why it is dropped; or None: it has to wait for the digest."""
        receiver = self._receiver(conn, mail.member_id)
        if isinstance(receiver, str):
            return receiver
        is_digest = mail.kind == DIGEST
        if not is_digest and (why_not := self._unwanted(receiver, mail)):
            return why_not
        ids = outbox.held_ids(conn, mail) if is_digest else [mail.id]
        items = self._items(conn, receiver, ids)
        if not items:
            return "there is nothing to tell any more"
        lately = receiver.now - HOUR
        most = receiver.site.settings.mail_per_hour
        if not is_digest and outbox.sent_since(conn, mail.member_id, lately, most) >= most:
            return None
        return self._written(receiver, mail, items)

    def _receiver(self, conn: Connection, member_id: int) -> Receiver | str:
        found = member_and_site(conn, member_id)
        if found is None:
            return "there is no such member"
        (member, site), mailbox = found, find_mailbox(conn, member_id)
        if not site.settings.mail:
            return "the site sends no mail"
        if mailbox is None or mailbox.address is None or mailbox.failed_at is not None:
            return "there is no address"
        now = self.database.clock()
        viewer = viewer_of_member(member, now)
        reads = may_read(site.settings, viewer.state) and not viewer.banned
        return Receiver(member, site, mailbox, _words(mailbox.language, site), reads, now)

    def _unwanted(self, receiver: Receiver, mail: Any) -> str | None:
        if receiver.now - mail.created_at > TOO_OLD:
            return "it is too old"
        if choice_of(receiver.mailbox, MailKind(mail.kind), receiver.site.settings) is Choice.OFF:
            return "its receiver does not want it"
        return None

    def _items(self, conn: Connection, receiver: Receiver, ids: Sequence[int]) -> list[Item]:
        """What of this news the receiver may see, wants, and has not read in the widget meanwhile."""
        settings, items = receiver.site.settings, list[Item]()
        for row in outbox.read_told(conn, receiver.member.id, ids):
            unseen = row.is_told and row.id > receiver.member.notified_until
            allowed = receiver.reads or MailKind(row.choice) in ABOUT_ONESELF
            if unseen and allowed and choice_of(receiver.mailbox, MailKind(row.choice), settings) is not Choice.OFF:
                items.append(self._item(receiver, row))
        follows = choice_of(receiver.mailbox, MailKind.FOLLOWS, settings) is not Choice.OFF
        for row in outbox.read_followed(conn, ids) if receiver.reads and follows else ():
            title = harmless(row.title or row.key, receiver.words, MAX_TITLE)
            says = receiver.words.n("mail.followed", row.new, title=title)
            items.append(Item(says, link=self._link(receiver.site, row)))
        return items

    def _item(self, receiver: Receiver, row: Any) -> Item:
        words = receiver.words
        name = harmless(row.name or "", words, MAX_NAME) or words.t("comment.someone")
        title = harmless(row.title or "", words, MAX_TITLE)
        return Item(
            says=words.t(f"mail.{row.kind}", name=name),
            excerpt=harmless(excerpt(row.text), words, 2 * LONGEST),
            under=words.t("mail.under", title=title) if title else None,
            link=self._link(receiver.site, row),
            then=words.t("mail.rejected_then") if row.kind == Kind.REJECTED else None,
        )

    def _link(self, site: Site, row: Any) -> str:
        """Where the comment is: on the publisher's page if that lies on one of its origins, else on ours."""
        behind = "" if row.comment_id is None else f"#comment-{row.comment_id}"
        if row.url and is_http_url(row.url) and row.url.isascii() and origin_of(row.url) in site.origins:
            return str(row.url).partition("#")[0] + behind
        query = "" if row.comment_id is None else f"?comment={row.comment_id}"
        return f"{self.settings.public_url}/articles/{site.key}/{quote(row.key, safe='')}{query}{behind}"

    def _written(self, receiver: Receiver, mail: Any, items: list[Item]) -> Ready:
        site, words = receiver.site, receiver.words
        subject = items[0].says if mail.kind != DIGEST else words.t("mail.digest", site=site.name)
        more = len(items) - IN_A_DIGEST
        out = self._address("unsubscribe", receiver.member.id, mail.kind)
        letter = Letter(
            subject=subject,
            words=words,
            site=site.name,
            items=items[:IN_A_DIGEST] + ([Item(words.t("mail.more", n=more))] if more > 0 else []),
            footer=words.t("mail.footer", site=site.name),
            out=(words.t("mail.unsubscribe"), out),
        )
        return Ready(mail, receiver.mailbox.address, self._sealed(letter, site, mail, receiver.mailbox.address, out))

    def _letter(self, conn: Connection, mail: Any) -> Ready | str:
        """A letter to an address; or why it is dropped."""
        site, key = site_by_id(conn, mail.site_id), self.settings.secret_key
        if mail.address is None or mail.params is None:
            return "it was forgotten"
        if self.database.clock() - mail.created_at > TOO_OLD:
            return "it is too old"
        digest = stop_digest(key, site.id, mail.address)
        if is_stopped(conn, site.id, digest):
            return "its receiver wants no letters"
        mailbox = None if mail.member_id is None else find_mailbox(conn, mail.member_id)
        words = _words(mail.language or (mailbox and mailbox.language), site)
        params: dict[str, Any] = msgspec.json.decode(mail.params)
        link = params.pop("link", None)
        if mail.template == "confirm":
            if mailbox is None or mailbox.pending != mail.address:
                return "the address is not asked for any more"
            link = self._address("confirm", mail.member_id, digest)
        out = (words.t("mail.stop", site=site.name), self._address("stop", site.id, digest))
        letter = replace(_worded(mail.template, params, link and self._absolute(link), words, site), out=out)
        return Ready(mail, mail.address, self._sealed(letter, site, mail, mail.address, None))

    def _absolute(self, link: str) -> str:
        return link if link.startswith(f"{self.settings.public_url}/") else f"{self.settings.public_url}{link}"

    def _address(self, purpose: str, *values: Any) -> str:
        token = sign_link(self.settings.secret_key, purpose, *values)
        return f"{self.settings.public_url}/mail/{purpose}?t={token}"

    def _sealed(self, letter: Letter, site: Site, mail: Any, to: str, unsubscribe: str | None) -> bytes:
        host = urlsplit(self.settings.public_url).hostname or "localhost"
        mail_from = self.settings.mail_from
        assert mail_from is not None
        envelope = Envelope(
            mail_from=mail_from,
            name=site.settings.mail_name or site.name,
            to=to,
            message_id=f"<comments.{mail.id}.{mail.created_at}@{host}>",
            now=self.database.clock(),
            list_id=f"{site.key}.comments.{host}",
            reply_to=site.settings.mail_reply_to,
            unsubscribe=unsubscribe,
        )
        return write(letter, envelope)


def _words(wished: str | None, site: Site) -> Words:
    house = house_texts()
    return Words(pick_language([*([wished] if wished else []), site.settings.locale], house), house)


def _worded(template: str, params: Mapping[str, Any], link: str | None, words: Words, site: Site) -> Letter:
    if template == author.TEMPLATE:
        tamed = partial(harmless, words=words, longest=author.LONGEST)
        said = author.paragraphs(words, dict(params), site.name, tamed)
        button = words.t("mail.open")
        return Letter(author.title(words, dict(params)), words, site.name, said, link=link, button=button)
    given = {name: harmless(str(value), words, 2000) for name, value in params.items()} | {"site": site.name}
    return Letter(
        subject=words.t(f"mail.{template}.subject", **given),
        words=words,
        site=site.name,
        paragraphs=words.t(f"mail.{template}.text", **given).split("\n\n"),
        link=link,
        button=words.find(f"mail.{template}.button") or words.t("mail.open"),
    )
