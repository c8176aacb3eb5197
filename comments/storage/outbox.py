"""What became of each planned mail, as rows: claimed by workers, marked before it is sent, never sent again after."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.core.mail import DIGEST, Choice, MailKind, State
from comments.storage.notifications import IS_TOLD
from comments.storage.tables import (
    articles,
    comments,
    follows,
    journal,
    mail_days,
    mail_follows,
    mailboxes,
    mails,
    members,
    notifications,
    sites,
)

SECOND = 1_000_000
DAY = 86_400 * SECOND
LEASE = 300 * SECOND  # µs that one worker has for what it took, and for the server's last answer
ADDRESS_KEPT = DAY  # of letters: for the limits
MOST_HELD = 200  # pieces of news that one digest looks at

m, n, c, a, f = mails.c, notifications.c, comments.c, articles.c, follows.c
_DUE = m.state.in_([State.WAITING, State.TAKEN])
# as the partial indexes say it: with a parameter in its place neither engine knows that one of them fits
_OPEN = sa.text("mails.state IN ('waiting', 'taken', 'sending')")
_HELD = sa.text("mails.state = 'held'")
_UNCERTAIN = sa.text("mails.state = 'uncertain'")


def _insert(conn: sa.Connection, table: sa.Table) -> Any:
    return (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(table)


def is_due(conn: sa.Connection, now: int) -> bool:
    """Whether there is anything to take or to give up. Looking takes no lock from those who write."""
    return conn.execute(sa.select(m.id).where(_OPEN, m.run_at <= now).order_by(m.run_at).limit(1)).first() is not None


def give_up(conn: sa.Connection, now: int) -> int:
    """What a worker was sending when it died may have gone out or not: nobody sends it again. How many."""
    why = "the worker ended before the server's answer was kept"
    over = sa.update(mails).where(_OPEN, m.run_at <= now, m.state == State.SENDING)
    return conn.execute(over.values(state=State.UNCERTAIN, why=why, address=None, params=None)).rowcount


def claim(conn: sa.Connection, now: int, most: int) -> Sequence[Any]:
    """Take the oldest that are due; nobody else gets them until `run_at`."""
    due = sa.select(m.id).where(_OPEN, _DUE, m.run_at <= now).order_by(m.run_at).limit(most)
    ids = conn.execute(due.with_for_update(skip_locked=True)).scalars().all()
    if not ids:
        return []
    take = sa.update(mails).where(m.id.in_(ids)).values(state=State.TAKEN, run_at=now + LEASE, attempts=m.attempts + 1)
    return sorted(conn.execute(take.returning(*mails.c)), key=lambda row: row.id)


def begin(conn: sa.Connection, mail: Any, now: int) -> bool:
    """About to say the last word: from here on the mail counts as sent unless the server refuses it. False: somebody
    else has it by now. What goes into a digest goes nowhere else.
    """
    mine = sa.update(mails).where(m.id == mail.id, m.state == State.TAKEN, m.run_at == mail.run_at)
    done = conn.execute(mine.values(state=State.SENDING, run_at=now + LEASE, sent_at=now)).rowcount == 1
    if done and mail.kind == DIGEST:
        held = sa.update(mails).where(m.site_id == mail.site_id, m.member_id == mail.member_id)
        conn.execute(held.where(_HELD).values(state=State.FOLDED, digest_id=mail.id))
    return done


def settle(conn: sa.Connection, mail_id: int, state: State, why: str | None = None) -> None:
    """It is over with this mail. Its words are forgotten."""
    change = {"state": state, "why": why, "params": None}
    conn.execute(sa.update(mails).where(m.id == mail_id).values(change))


def put_back(conn: sa.Connection, mail_id: int, run_at: int, why: str | None) -> None:
    """For certain not sent: once more, later."""
    change = {"state": State.WAITING, "run_at": run_at, "why": why, "sent_at": None}
    conn.execute(sa.update(mails).where(m.id == mail_id).values(change))


def hold(conn: sa.Connection, mail_id: int) -> None:
    """Not now: in the day's digest."""
    conn.execute(sa.update(mails).where(m.id == mail_id).values(state=State.HELD))


def mark_address(conn: sa.Connection, member_id: int, address: str, why: str, now: int) -> None:
    """Nothing goes to this address of a member any more, until they give another."""
    b = mailboxes.c
    gone = sa.update(mailboxes).where(b.member_id == member_id, b.address == address)
    conn.execute(gone.values(failed_at=now, failure=why))


def sent_since(conn: sa.Connection, member_id: int, since: int, most: int) -> int:
    """How many mails a member got since then, letters that they asked for aside."""
    some = sa.select(m.id).where(m.member_id == member_id, m.sent_at > since, m.sent_at.is_not(None))
    some = some.where(m.kind != "letter", m.state.in_([State.SENT, State.SENDING, State.UNCERTAIN])).limit(most)
    return int(conn.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())


def held_ids(conn: sa.Connection, digest: Any) -> Sequence[int]:
    """What goes into a digest: what is held for its receiver, or went into it when it was tried before."""
    of_them = sa.and_(m.site_id == digest.site_id, m.member_id == digest.member_id)
    held = sa.select(m.id).where(of_them, _HELD).limit(MOST_HELD)
    folded = sa.select(m.id).where(m.digest_id == digest.id, m.digest_id.is_not(None)).limit(MOST_HELD)
    return sorted({*conn.execute(held).scalars(), *conn.execute(folded).scalars()})


def read_told(conn: sa.Connection, member_id: int, mail_ids: Collection[int]) -> Sequence[Any]:
    """The news that these mails are to tell, newest first, as it stands now: `is_told` False where the receiver may not
    see the comment any more or mutes its author. What was taken back is not there at all.
    """
    query = (
        sa.select(
            m.id.label("mail_id"), m.kind.label("choice"), n.id, n.kind, c.id.label("comment_id"), c.text, c.member_id,
            members.c.name, a.key, a.title, a.url, IS_TOLD.label("is_told"),
        )
        .select_from(
            mails.join(
                notifications,
                sa.and_(n.id == m.notification_id, n.member_id == m.member_id, n.created_at == m.created_at),
            )
            .join(comments, c.id == n.comment_id)
            .join(articles, a.id == n.article_id)
            .outerjoin(members, members.c.id == c.member_id)
        )
        .where(m.id.in_(mail_ids))
        .order_by(n.id.desc())
    )  # fmt: skip
    return conn.execute(query, {"member": member_id}).all()


_BY_NOW = sa.case((f.comment_id.is_(None), a.total), else_=c.reply_count)
_IS_SHOWN = sa.or_(f.comment_id.is_(None), c.status == "published")


def read_followed(conn: sa.Connection, mail_ids: Collection[int]) -> Sequence[Any]:
    """The same of what is followed: `new`, the article and, where it is a comment's replies, the comment."""
    query = (
        sa.select(m.id.label("mail_id"), (_BY_NOW - f.seen).label("new"), f.comment_id, a.key, a.title, a.url)
        .select_from(
            mails.join(follows, sa.and_(f.id == m.follow_id, f.member_id == m.member_id))
            .join(articles, a.id == f.article_id)
            .outerjoin(comments, c.id == f.comment_id)
        )
        .where(m.id.in_(mail_ids), f.seen < _BY_NOW, _IS_SHOWN)
        .order_by(m.id.desc())
    )
    return conn.execute(query).all()


def plan_followed(conn: sa.Connection, since: int, now: int) -> None:
    """For those who want mail at once of what they follow: one for each thing in which something new came since then,
    and no other until they have looked.
    """
    touched = sa.select(journal.c.article_id).where(journal.c.created_at > since, journal.c.seq.is_not(None))
    _plan_news(conn, now, State.WAITING, Choice.AT_ONCE, f.seen, mail_follows.c.article_id.in_(touched))


def hold_followed(conn: sa.Connection, site_id: int, now: int) -> None:
    """For the day's digest: what came in what is followed, and was not in a digest before."""
    _plan_news(conn, now, State.HELD, Choice.DAILY, _BY_NOW, mail_follows.c.site_id == site_id)


def _plan_news(
    conn: sa.Connection, now: int, state: State, choice: Choice, once: Any, where: sa.ColumnElement[bool]
) -> None:
    """`once`: with the thing followed, what a mail is planned once for."""
    key = sa.literal(f"{choice} ") + sa.cast(f.id, sa.Text) + " " + sa.cast(once, sa.Text)
    w, b = mail_follows.c, mailboxes.c
    query = (
        sa.select(
            w.site_id, w.member_id, sa.literal(str(MailKind.FOLLOWS)), f.id, key, sa.literal(str(state)),
            sa.literal(now, sa.BigInteger()), sa.literal(now, sa.BigInteger()),
        )
        .select_from(
            mail_follows.join(follows, f.id == w.follow_id)
            .join(mailboxes, b.member_id == w.member_id)
            .join(articles, a.id == w.article_id)
            .outerjoin(comments, c.id == f.comment_id)
        )
        .where(where, b.follows == choice, b.address.is_not(None), b.failed_at.is_(None), f.seen < _BY_NOW, _IS_SHOWN)
    )  # fmt: skip
    into = ["site_id", "member_id", "kind", "follow_id", "key", "state", "run_at", "created_at"]
    conn.execute(_insert(conn, mails).from_select(into, query).on_conflict_do_nothing())


def plan_digests(conn: sa.Connection, site_id: int, day: str, now: int) -> None:
    """One digest for each member of a site for whom something is held; once on that day."""
    key = sa.literal(f"digest {day} ") + sa.cast(m.member_id, sa.Text)
    due = sa.literal(now, sa.BigInteger())
    query = sa.select(m.site_id, m.member_id, sa.literal(DIGEST), key, due, due).distinct()
    query = query.where(m.site_id == site_id, _HELD, m.member_id.is_not(None))
    into = ["site_id", "member_id", "kind", "key", "run_at", "created_at"]
    conn.execute(_insert(conn, mails).from_select(into, query).on_conflict_do_nothing())


def days_of_sites(conn: sa.Connection) -> Sequence[Any]:
    """Every site's id with the day of its last digests."""
    d = mail_days.c
    query = sa.select(sites.c.id, d.day).select_from(sites.outerjoin(mail_days, d.site_id == sites.c.id))
    return conn.execute(query).all()


def begin_day(conn: sa.Connection, site_id: int, day: str) -> bool:
    """The day of this site's digests has come; False: another worker was first."""
    insert = _insert(conn, mail_days).values(site_id=site_id, day=day)
    put = insert.on_conflict_do_update(index_elements=["site_id"], set_={"day": day}, where=mail_days.c.day < day)
    return conn.execute(put.returning(mail_days.c.site_id)).first() is not None


def in_doubt(conn: sa.Connection, since: int) -> Sequence[Any]:
    """Mails that may have been sent or not, newest first, 100 at most."""
    query = sa.select(m.id, m.sent_at, m.why).where(_UNCERTAIN, m.sent_at > since)
    return conn.execute(query.order_by(m.sent_at.desc()).limit(100)).all()


def waiting_since(conn: sa.Connection) -> int | None:
    """When the oldest was due that nobody has taken, µs UTC."""
    return conn.execute(sa.select(m.run_at).where(_OPEN, _DUE, m.run_at > 0).order_by(m.run_at).limit(1)).scalar()


def prune(conn: sa.Connection, now: int, limit: int = 1000) -> int:
    """Forget the addresses of letters that are done; how many. The rows go with jobs/retention.py."""
    is_open = m.state.in_([State.WAITING, State.TAKEN, State.SENDING])
    done = sa.and_(m.address.is_not(None), m.created_at < now - ADDRESS_KEPT, ~is_open)
    ids = list(conn.execute(sa.select(m.id).where(done).order_by(m.created_at).limit(limit)).scalars())
    return conn.execute(sa.update(mails).where(m.id.in_(ids)).values(address=None)).rowcount if ids else 0
