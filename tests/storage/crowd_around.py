"""What lies around the comments of a town after years: notices, statements of reasons and complaints, mails, exports,
visits, and webhooks with their log, on a site beside. In the loud town it is a crowd, in the quiet one some dozens.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.law.categories import ABOUT
from comments.storage.tables import (
    comments,
    complaints,
    exports,
    follows,
    former_names,
    mail_follows,
    mailboxes,
    mails,
    members,
    notice_comments,
    notices,
    old_addresses,
    statements,
    visits,
    webhook_attempts,
    webhook_deliveries,
    webhook_messages,
    webhooks,
)
from tests.gazette import Gazette
from tests.storage.crowd import DAY, SECOND, Row, Town

BESIDE = "-hooked"  # the site with the webhook: its town's key and this
BEGAN = 2 * DAY  # ago, second by second: notices, statements, complaints, messages
DUE = 30  # mails and messages that are to be sent now


def fill_around(town: Town, many: int) -> dict[str, int]:
    """Make these rows, `many` of each kind; ids of the story's places, and since when (µs)."""
    key = f"{town.paper.key}{BESIDE}"
    origin = f"https://www.{key}.example"
    beside = Gazette.make(town.paper.app, town.paper.clock, key, issuer=origin, origins=(origin,), mail=True)
    now = town.paper.clock()

    def fill(conn: sa.Connection) -> dict[str, int]:
        here = members.c.site_id == town.paper.id
        people = list(conn.execute(sa.select(members.c.id).where(here, members.c.sub.like("m%"))).scalars())
        some = list(
            conn.execute(sa.select(comments.c.id).where(comments.c.site_id == town.paper.id).limit(many)).scalars()
        )
        around = {"now": now, "since": now - BEGAN, "person": people[1]}
        _law(conn, town, people, [some[number % len(some)] for number in range(many)], around)
        _mail(conn, town, people, many, around)
        _out(conn, town, people, many, around)
        _hooks(conn, beside.id, many, around)
        return around

    return dict(town.paper.change(fill))


def _made(conn: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> list[int]:
    """The new rows' ids, in their order."""
    first = (conn.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0) + 1
    ids = list(range(first, first + len(rows)))
    conn.execute(sa.insert(table), [row | {"id": one} for row, one in zip(rows, ids, strict=True)])
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text(f"SELECT setval('{table.name}_id_seq', {ids[-1]})"))
    return ids


def _law(conn: sa.Connection, town: Town, people: list[int], some: list[int], around: dict[str, int]) -> None:
    site, since, writer = town.paper.id, around["since"], int(town.writer.id)
    notice = {"site_id": site, "about": next(iter(ABOUT)), "text": "Why.", "urls": "[]", "language": "en", "rank": 1}
    ended = [(since + at * SECOND, at % 2 == 0) for at in range(len(some))]  # when it came, whether it was decided
    given = [
        notice | {"reference": f"{site}-{at}", "created_at": when, "decided_at": when if over else None,
                  "outcome": "no_action" if over else None}
        for at, (when, over) in enumerate(ended)
    ]  # fmt: skip
    ids = _made(conn, notices, given)
    about = [{"notice_id": one, "comment_id": of, "site_id": site} for one, of in zip(ids, some, strict=True)]
    conn.execute(sa.insert(notice_comments), about)
    said = {"site_id": site, "measure": "remove", "reason": "spam", "ground": "terms", "source": "own",
            "automated_detection": False, "automated_decision": "no"}  # fmt: skip
    stated = [
        said | {"puid": f"{site}-{whose}-{at}", "comment_id": of, "created_at": since + at * SECOND,
                "member_id": writer if whose else people[at % len(people)]}
        for whose in (0, 1)
        for at, of in enumerate(some)
    ]  # fmt: skip
    against = {"site_id": site, "text": "Why?"}
    complained = [
        against | {"statement_id": one, "member_id": row["member_id"], "created_at": when,
                   "decided_at": when if over else None, "outcome": "upheld" if over else None}
        for one, row, (when, over) in zip(_made(conn, statements, stated), stated, ended, strict=False)
    ]  # fmt: skip
    _made(conn, complaints, complained)
    around["notice"] = ids[1]


def _mail(conn: sa.Connection, town: Town, people: list[int], many: int, around: dict[str, int]) -> None:
    site, now, writer = town.paper.id, around["now"], int(town.writer.id)
    box = {"replies": "at_once", "follows": "daily", "created_at": 1}
    boxes = [box | {"member_id": one, "address": f"{one}@mail.example"} for one in [writer, *people]]
    conn.execute(sa.insert(mailboxes), boxes)
    mail = {"site_id": site, "kind": "replies", "created_at": now - DAY, "run_at": now - DAY, "sent_at": None}
    mail |= {"address": None, "key": None}
    sent = [mail | {"member_id": writer, "state": "sent", "sent_at": now - DAY // 2 + at} for at in range(many)]
    held = [mail | {"member_id": people[at % len(people)], "state": "held"} for at in range(many)]
    later = [mail | {"member_id": people[0], "state": "waiting", "run_at": now + 9 * DAY} for _ in range(many)]
    due = [mail | {"member_id": people[0], "state": "waiting"} for _ in range(DUE)]
    letter = mail | {"kind": "letter", "state": "sent", "member_id": None, "created_at": now}
    letters = [letter | {"address": f"{at % (many // 8)}@mail.example", "key": f"letter {at}"} for at in range(many)]
    conn.execute(sa.insert(mails), [*sent, *held, *later, *due, *letters])
    f = follows.c
    watched = sa.select(f.id, sa.literal(site, sa.BigInteger()), f.member_id, f.article_id).where(
        f.member_id.in_(people)
    )
    conn.execute(sa.insert(mail_follows).from_select(["follow_id", "site_id", "member_id", "article_id"], watched))


def _out(conn: sa.Connection, town: Town, people: list[int], many: int, around: dict[str, int]) -> None:
    """What members asked for, how they come and were called, and old authors whom nobody claimed."""
    site, now, writer = town.paper.id, around["now"], int(town.writer.id)
    asked = {"site_id": site, "kind": "archive", "state": "done", "member_id": None, "created_at": now}
    whole = [dict(asked) for _ in range(DUE)]
    own = [asked | {"kind": "member", "member_id": people[at % len(people)]} for at in range(many)]
    ids = _made(conn, exports, [*whole, *own])
    around["export"] = ids[0]
    here = [
        {"member_id": people[at % len(people)], "epoch": 0, "digest": f"{site} {at}", "created_at": now, "seen_at": now}
        for at in range(many)
    ]
    conn.execute(sa.insert(visits), here)
    before = [
        {"member_id": writer, "name": f"N{at}", "own_name": True, "until": at} for at in range(20)
    ]  # as many as are kept
    conn.execute(sa.insert(former_names), before)
    old = [{"member_id": one, "site_id": site, "digest": f"{one}", "created_at": now} for one in people]
    conn.execute(sa.insert(old_addresses), old)


def _hooks(conn: sa.Connection, site: int, many: int, around: dict[str, int]) -> None:
    since, now = around["since"], around["now"]
    hook = {"site_id": site, "url": "https://hooked.example/", "events": "[]", "secrets": "", "created_at": 1}
    (hook_id,) = _made(conn, webhooks, [hook])
    said: Row = {"site_id": site, "type": "comment.published", "payload": "{}"}
    told = [said | {"uid": f"{site} {at}", "created_at": since + at * SECOND} for at in range(many + DUE)]
    went: Row = {"webhook_id": hook_id, "attempts": 1, "next_at": now + DAY, "started_at": now}
    states = ["delivered" if at % 4 else "failed" if at % 8 else "waiting" for at in range(many)]
    logged: list[dict[str, Any]] = [
        went | {"message_id": one, "state": state, "created_at": row["created_at"],
                "type": "comment.published" if at % 10 else "comment.edited", "comment_id": at // 2}
        for at, (one, row, state) in enumerate(
            zip(_made(conn, webhook_messages, told), told, [*states, *["waiting"] * DUE], strict=True)
        )
    ]  # fmt: skip
    for row in logged[many:]:
        row["next_at"] = now
    ids = _made(conn, webhook_deliveries, logged)
    tried = [{"delivery_id": one, "status": 500, "took": 5, "created_at": now} for one in ids]
    conn.execute(sa.insert(webhook_attempts), tried)
    around |= {"hook": hook_id, "delivery": ids[1]}
