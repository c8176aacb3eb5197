"""Members' mailboxes, and what is planned to be sent: in the transaction of what it tells of. storage/outbox.py has
what becomes of it.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.core.mail import ABOUT_ONESELF, LETTER, OF, Choice, MailKind, State
from comments.storage.tables import follows, mail_follows, mail_stops, mailboxes, mails, members, notifications

HOUR = 3600 * 1_000_000  # µs
DAY = 24 * HOUR

m, n, b, f = mails.c, notifications.c, mailboxes.c, follows.c

_IS_LETTER = sa.text("mails.kind = 'letter'")  # as the partial index says it

CHOICES = {kind: b[str(kind)] for kind in MailKind}


def _insert(conn: sa.Connection, table: sa.Table) -> Any:
    return (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(table)


def find_mailbox(conn: sa.Connection, member_id: int) -> Any:
    return conn.execute(sa.select(mailboxes).where(b.member_id == member_id)).first()


def put_mailbox(conn: sa.Connection, member_id: int, now: int, **change: Any) -> None:
    """Write these columns of a member's mailbox, which is made if there is none."""
    insert = _insert(conn, mailboxes).values(member_id=member_id, created_at=now, **change)
    conn.execute(insert.on_conflict_do_update(index_elements=["member_id"], set_=change or {"member_id": member_id}))


_KIND = sa.case({str(kind): str(of) for kind, of in OF.items()}, value=n.kind)
_CHOICE = sa.case({str(kind): CHOICES[of] for kind, of in OF.items()}, value=n.kind)
_MAY_BE_THE_SITES = n.kind.in_([str(kind) for kind, of in OF.items() if of in ABOUT_ONESELF])


def plan_told(conn: sa.Connection, comment_ids: Collection[int], now: int, run_at: int) -> None:
    """A mail for each notification about these comments that was written at `now`, to those who want one; whoever chose
    nothing about their own comments gets what the site says when it is sent.
    """
    wanted = sa.or_(_CHOICE.in_([Choice.AT_ONCE, Choice.DAILY]), sa.and_(_CHOICE.is_(None), _MAY_BE_THE_SITES))
    query = (
        sa.select(
            members.c.site_id, n.member_id, _KIND, n.id,
            sa.case((_CHOICE == Choice.DAILY, State.HELD), else_=State.WAITING),
            sa.literal(run_at, sa.BigInteger()), n.created_at,
        )
        .select_from(
            notifications.join(mailboxes, b.member_id == n.member_id).join(members, members.c.id == n.member_id)
        )
        .where(n.comment_id.in_(comment_ids), n.created_at == now)
        .where(b.address.is_not(None), b.failed_at.is_(None), wanted)
    )  # fmt: skip
    into = ["site_id", "member_id", "kind", "notification_id", "state", "run_at", "created_at"]
    conn.execute(_insert(conn, mails).from_select(into, query).on_conflict_do_nothing())


def plan_letter(conn: sa.Connection, row: dict[str, Any]) -> bool:
    """Write a letter; False if one with its key was planned already."""
    insert = _insert(conn, mails).values(kind=LETTER, **row).on_conflict_do_nothing()
    return conn.execute(insert.returning(m.id)).first() is not None


def letters_to(conn: sa.Connection, site_id: int, address: str, since: int, most: int) -> int:
    """How many letters of a site to this address were planned since then, `most` at most."""
    some = sa.select(m.id).where(m.address == address, m.created_at > since, m.site_id == site_id, _IS_LETTER)
    return _count(conn, some, most)


def letters_of(conn: sa.Connection, site_id: int, since: int, most: int) -> int:
    """The same to whomever."""
    return _count(conn, sa.select(m.id).where(m.site_id == site_id, _IS_LETTER, m.created_at > since), most)


def letters_of_member(conn: sa.Connection, member_id: int, since: int, most: int) -> int:
    """The same of what a member asked for."""
    return _count(conn, sa.select(m.id).where(m.member_id == member_id, _IS_LETTER, m.created_at > since), most)


def _count(conn: sa.Connection, some: sa.Select[Any], most: int) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(some.limit(most).subquery())).scalar_one())


def listen(conn: sa.Connection, member_id: int) -> None:
    """What a member follows, and wants mail of, is watched from now on."""
    query = (
        sa.select(f.id, members.c.site_id, f.member_id, f.article_id)
        .select_from(follows.join(mailboxes, b.member_id == f.member_id).join(members, members.c.id == f.member_id))
        .where(f.member_id == member_id, b.follows.in_([Choice.AT_ONCE, Choice.DAILY]))
    )
    insert = _insert(conn, mail_follows).from_select(["follow_id", "site_id", "member_id", "article_id"], query)
    conn.execute(insert.on_conflict_do_nothing())


def listen_no_more(conn: sa.Connection, member_id: int) -> None:
    conn.execute(sa.delete(mail_follows).where(mail_follows.c.member_id == member_id))


def stop(conn: sa.Connection, site_id: int, digest: str, now: int) -> None:
    """No letter of a site goes to this address any more."""
    row = {"site_id": site_id, "digest": digest, "created_at": now}
    conn.execute(_insert(conn, mail_stops).values(row).on_conflict_do_nothing())


def is_stopped(conn: sa.Connection, site_id: int, digest: str) -> bool:
    s = mail_stops.c
    return conn.execute(sa.select(s.digest).where(s.site_id == site_id, s.digest == digest)).first() is not None


def forget_mail(conn: sa.Connection, member_id: int) -> None:
    """Everything about a member that has to do with mail: for erasure."""
    conn.execute(sa.delete(mails).where(m.member_id == member_id))
    listen_no_more(conn, member_id)
    conn.execute(sa.delete(mailboxes).where(b.member_id == member_id))
