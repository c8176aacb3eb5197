"""What happened, as messages for webhooks: written in the transaction that did it, after its counters, so that none is
lost and each shows what stands. Called by transaction.py, and for tests of a webhook.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.core.events import AppealChanged, Event, ExportFinished, MemberRestricted, Told
from comments.core.present import Json
from comments.core.status import Status
from comments.core.times import time_text
from comments.core.webhooks import comment_of, member_of, new_id, payload_of, type_of
from comments.storage.tables import (
    appeals,
    articles,
    comments,
    members,
    sites,
    webhook_attempts,
    webhook_deliveries,
    webhook_messages,
    webhooks,
)
from comments.storage.threads import FROM, SHOWN

w, m, d = webhooks.c, webhook_messages.c, webhook_deliveries.c
WITHOUT_COMMENT = (
    ExportFinished,
    MemberRestricted,
    Told,
)  # the journal has no row of these, so that it says nothing of their site
ERASED = "The comment or its author was erased before this was delivered."


def tell_webhooks(conn: sa.Connection, events: Sequence[Event], now: int, *, hooked: bool) -> None:
    """Messages about these events, one delivery for each webhook that wants them. `hooked`: what the journal's rows
    said of whether there are any.
    """
    told = [(event, type_) for event in events if (type_ := type_of(event)) is not None]
    if not hooked and not any(isinstance(event, WITHOUT_COMMENT) for event, _ in told):
        return
    for site_id in sorted({event.site_id for event, _ in told}):
        here = [(event, type_) for event, type_ in told if event.site_id == site_id]
        known = conn.execute(sa.select(w.id, w.events, w.enabled).where(w.site_id == site_id).order_by(w.id)).all()
        if known:
            _forget_erased(conn, here, now)
            wanted = {row.id: set(msgspec.json.decode(row.events)) for row in known if row.enabled}
            _write(conn, site_id, here, wanted, now)


def write_message(conn: sa.Connection, site_id: int, type_: str, data: Json, webhook_id: int, now: int) -> int:
    """A message for this webhook alone; the delivery's id."""
    row = {"site_id": site_id, "uid": new_id(), "type": type_, "created_at": now}
    made = sa.insert(webhook_messages).values(row | {"payload": payload_of(type_, now, data)}).returning(m.id)
    message_id = conn.execute(made).scalar_one()
    row = _delivery(message_id, webhook_id, type_, None, now)
    return int(conn.execute(sa.insert(webhook_deliveries).values(row).returning(d.id)).scalar_one())


def _delivery(message_id: int, webhook_id: int, type_: str, comment_id: int | None, now: int) -> dict[str, Any]:
    about = {"message_id": message_id, "webhook_id": webhook_id, "type": type_, "comment_id": comment_id}
    return about | {"state": "waiting", "next_at": now, "started_at": now, "created_at": now}


def _write(
    conn: sa.Connection, site_id: int, told: Sequence[tuple[Any, str]], wanted: dict[int, set[str]], now: int
) -> None:
    """All messages of a site in two statements, however many: a decision about a hundred comments makes a hundred."""
    data = _data_of(conn, site_id, told)
    rows, to = list[dict[str, Any]](), dict[str, list[int]]()
    for event, begun in told:
        type_, shown = data(event, begun)
        receivers = [key for key, types in wanted.items() if not types or type_ in types]
        if shown is None or not receivers:
            continue
        about = None if type_ == "comment.erased" else getattr(event, "member_id", None)
        row = {"type": type_, "payload": payload_of(type_, now, shown), "member_id": about, "site_id": site_id}
        to[uid := new_id()] = receivers
        rows.append(row | {"uid": uid, "comment_id": getattr(event, "comment_id", None), "created_at": now})
    if not rows:
        return
    made = conn.execute(sa.insert(webhook_messages).returning(m.id, m.uid, m.type, m.comment_id), rows).all()
    conn.execute(
        sa.insert(webhook_deliveries),
        [
            _delivery(row.id, webhook_id, row.type, row.comment_id, now)
            for row in sorted(made)
            for webhook_id in to[row.uid]
        ],
    )


def _data_of(
    conn: sa.Connection, site_id: int, told: Sequence[tuple[Any, str]]
) -> Callable[[Any, str], tuple[str, Json | None]]:
    """What turns an event into (type, data); its data is None where what it is about is not there any more."""
    site = conn.execute(sa.select(sites.c.key).where(sites.c.id == site_id)).scalar_one()
    about = _comments(conn, [event.comment_id for event, _ in told if hasattr(event, "comment_id")])
    who = _members(conn, [event.member_id for event, _ in told if isinstance(event, MemberRestricted)])
    asked = _appeals(conn, [event.comment_id for event, _ in told if isinstance(event, AppealChanged)])

    def data(event: Any, type_: str) -> tuple[str, Json | None]:
        if isinstance(event, Told):
            return type_, {"site": site} | event.data
        if isinstance(event, ExportFinished):
            made = {"id": str(event.export_id), "kind": event.kind, "state": event.state}
            return type_, {"site": site, "export": made}
        if isinstance(event, MemberRestricted):
            one = who.get(event.member_id)
            return type_, one and {"site": site, "member": member_of(one), "measure": event.measure}
        row = about.get(event.comment_id)
        if row is None:
            return type_, None
        shown = _comment(site, row)
        if isinstance(event, AppealChanged):
            appeal = asked.get(event.comment_id)
            type_ += "decided" if appeal and appeal["decided_at"] else "received"
            return type_, appeal and shown | {"appeal": appeal}
        return type_, shown | ({"open_reports": row.open_reports} if type_ == "comment.reported" else {})

    return data


def _comments(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    if not ids:
        return {}
    joined = FROM.join(articles, articles.c.id == comments.c.article_id)
    of_article = [articles.c[name].label(f"article_{name}") for name in ("key", "url", "title", "section")]
    shown = sa.select(*SHOWN, members.c.sub, *of_article).select_from(joined)
    return {row.id: row for row in conn.execute(shown.where(comments.c.id.in_(set(ids))))}


def _comment(site: str, row: Any) -> Json:
    article = {"id": row.article_key, "url": row.article_url, "title": row.article_title}
    named = row.member_id is not None and row.status != Status.ERASED
    return {
        "site": site,
        "article": article | {"section": row.article_section},
        "comment": comment_of(row),
        "member": {"id": str(row.member_id), "sub": row.sub} if named else None,
    }


def _members(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    found = sa.select(members).where(members.c.id.in_(set(ids)))
    return {row.id: row for row in conn.execute(found)} if ids else {}


def _appeals(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Json]:
    if not ids:
        return {}
    a = appeals.c
    shown = sa.select(a.id, a.comment_id, a.text, a.created_at, a.decided_at, a.outcome)
    return {
        row.comment_id: {
            "id": str(row.id),
            "text": row.text,
            "created_at": time_text(row.created_at),
            "decided_at": time_text(row.decided_at),
            "outcome": row.outcome,
        }
        for row in conn.execute(shown.where(a.comment_id.in_(set(ids))))
    }


def forget_messages(conn: sa.Connection, of_them: sa.ColumnElement[bool], **more: Any) -> None:
    """What these messages say, and what receivers answered."""
    _forget_answers(conn, of_them)
    conn.execute(sa.update(webhook_messages).where(of_them).values(payload=None, **more))


def forget_member(conn: sa.Connection, member_id: int, now: int, limit: int = 300) -> bool:
    """What the next messages say of somebody who is erased; whether there were any."""
    ids = list(conn.execute(sa.select(m.id).where(m.member_id == member_id).limit(limit)).scalars())
    if ids:
        forget_messages(conn, m.id.in_(ids), member_id=None)
        waiting = sa.and_(d.message_id.in_(ids), d.state == "waiting")
        dropped = {"state": "dropped", "error": ERASED, "ended_at": now}
        conn.execute(sa.update(webhook_deliveries).where(waiting).values(dropped))
    return bool(ids)


def forget_names(conn: sa.Connection, names: Mapping[int, Collection[str]]) -> None:
    """Messages about these comments (id → names with their @) say “@…” in their place, to whom has not heard."""
    if not names:
        return
    said = sa.select(m.id, m.comment_id, m.payload).where(m.comment_id.in_(names), m.payload.is_not(None))
    for row in conn.execute(said).all():
        payload = row.payload
        for name in names[row.comment_id]:
            for written in (name, escape(name, quote=False)):
                payload = payload.replace(msgspec.json.encode(written).decode()[1:-1], "@…")
        if payload != row.payload:
            conn.execute(sa.update(webhook_messages).where(m.id == row.id).values(payload=payload))
    _forget_answers(conn, m.comment_id.in_(names))


def _forget_answers(conn: sa.Connection, of_them: sa.ColumnElement[bool]) -> None:
    """Some receivers repeat what they were told."""
    told = sa.select(d.id).where(d.message_id.in_(sa.select(m.id).where(of_them)))
    conn.execute(sa.update(webhook_attempts).where(webhook_attempts.c.delivery_id.in_(told)).values(excerpt=None))


def _forget_erased(conn: sa.Connection, told: Sequence[tuple[Any, str]], now: int) -> None:
    """What earlier messages say of comments that are erased now; who has not heard them does not hear them any more."""
    ids = [event.comment_id for event, type_ in told if type_ == "comment.erased"]
    if ids:
        forget_messages(conn, m.comment_id.in_(ids))
        waiting = sa.and_(d.comment_id.in_(ids), d.state == sa.literal_column("'waiting'"))
        dropped = {"state": "dropped", "error": ERASED, "ended_at": now}
        conn.execute(sa.update(webhook_deliveries).where(waiting).values(dropped))
