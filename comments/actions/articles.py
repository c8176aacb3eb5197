"""What moderators do with articles: open and close their threads, now or at a planned time, and say which section they
belong to. Each leaves an entry in the audit log.
"""

from typing import Any

from comments.core.errors import Conflict, Malformed
from comments.core.events import ArticleChanged, HoursPlanned
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.present import Json
from comments.core.site import ARTICLE_MODES, ArticleMode, origin_of
from comments.core.times import time_text
from comments.storage import comments as rows
from comments.storage.audit import write_audit
from comments.storage.jobs import take_back_job
from comments.storage.sites import Site
from comments.storage.threads import article_of, find_article
from comments.storage.transaction import Transaction

TAKING: tuple[ArticleMode, ...] = ("open", "premoderated")  # modes in which a thread takes comments
OPEN_OR_CLOSE = "open_or_close"  # the kind of the jobs; one waits for each of a thread's two times
TIMES = ("opens_at", "closes_at")


def set_mode(tx: Transaction, viewer: Viewer, site: Site, article_key: str, mode: str) -> None:
    """Open, pre-moderate, close, freeze or switch off an article's thread. What is set by hand outdoes what was
    planned: the thread does not open by itself any more, and closes by itself only if it takes comments now.
    """
    _require(tx, viewer, site, article_key)
    if mode not in ARTICLE_MODES:
        raise Malformed(f"A mode is one of {', '.join(ARTICLE_MODES)}.", field="mode")
    article = rows.article_for(tx.conn, site.id, article_key, tx.now)
    if article.mode == mode and article.opens_at is None:
        return
    tx.lock(article_id=article.id)
    article = article_of(tx.conn, article.id)
    planned = [name for name in TIMES if getattr(article, name) is not None]
    dropped = [name for name in planned if name == "opens_at" or mode not in TAKING]
    for name in dropped:
        take_back_job(tx.conn, OPEN_OR_CLOSE, f"{article.id} {name}")
    _change(tx, article, viewer.id, mode=mode, **dict.fromkeys(dropped))
    tx.record(ArticleChanged(site.id, article.id))


def _require(tx: Transaction, viewer: Viewer, site: Site, article_key: str) -> None:
    """Raise unless this moderator may open and close the thread, also one that nobody has written in yet."""
    known = find_article(tx.conn, site.id, article_key)
    section = None if known is None else known.section
    require(viewer, Action.SET_MODE, Subject(site.id, site.settings, section=section), tx.now)


def _change(tx: Transaction, article: Any, user_id: int | None, **change: Any) -> None:
    """Change a locked article's mode and planned times, with an entry in the log for each of the two."""
    rows.update_article(tx.conn, article.id, **change)
    if change.get("mode", article.mode) != article.mode:
        _log(tx, article, user_id, "set_mode", {"mode": article.mode}, {"mode": change["mode"]})
    before = {name: time_text(getattr(article, name)) for name in TIMES}
    after = before | {name: time_text(change[name]) for name in TIMES if name in change}
    if before != after and user_id is not None:
        _log(tx, article, user_id, "set_hours", before, after)


def _log(tx: Transaction, article: Any, user_id: int | None, action: str, before: Json, after: Json) -> None:
    about = {"site_id": article.site_id, "user_id": user_id, "before": before, "after": after}
    write_audit(tx.conn, action, ("article", article.id), tx.now, **about)


def set_hours(
    tx: Transaction, viewer: Viewer, site: Site, article_key: str, opens_at: int | None, closes_at: int | None
) -> None:
    """Plan when a thread opens and when it closes (µs UTC; None: it does not by itself). One that is to open later is
    closed until then. Raises Malformed naming the field, Conflict (mode) where a thread is frozen or off.
    """
    _require(tx, viewer, site, article_key)
    article = rows.article_for(tx.conn, site.id, article_key, tx.now)
    tx.lock(article_id=article.id)
    article = article_of(tx.conn, article.id)
    if (article.opens_at, article.closes_at) == (opens_at, closes_at):
        return
    _check_hours(tx.now, article.mode, opens_at, closes_at)
    waiting = [take_back_job(tx.conn, OPEN_OR_CLOSE, f"{article.id} {name}") for name in TIMES]
    opens_as = article.mode if article.mode in TAKING else (waiting[0] or {}).get("mode", "open")
    mode = "closed" if opens_at is not None else article.mode
    _change(tx, article, viewer.id, mode=mode, opens_at=opens_at, closes_at=closes_at)
    tx.record(HoursPlanned(site.id, article.id, opens_at, closes_at, opens_as))


def _check_hours(now: int, mode: str, opens_at: int | None, closes_at: int | None) -> None:
    for name, at in zip(TIMES, (opens_at, closes_at), strict=True):
        if at is not None and at <= now:
            raise Malformed(f"{name} lies in the past.", field=name)
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Malformed("A thread closes after it opens.", field="closes_at")
    if opens_at is not None and mode not in (*TAKING, "closed"):
        raise Conflict("mode", f"A thread that is {mode} is opened by hand alone.", mode=mode)
    if opens_at is None and closes_at is not None and mode not in TAKING:
        raise Conflict("mode", f"A thread that is {mode} has nothing to close: say when it opens, too.", mode=mode)


def open_or_close(tx: Transaction, article_id: int, name: str, at: int, mode: str) -> None:
    """What was planned for this time comes to pass, unless it was planned otherwise since."""
    tx.lock(article_id=article_id)
    article = article_of(tx.conn, article_id)
    if getattr(article, name) != at:
        return
    done = TIMES if name == "closes_at" else ("opens_at",)  # a late opening does not come after the closing
    _change(tx, article, None, mode=mode, **dict.fromkeys(done))
    tx.record(ArticleChanged(article.site_id, article.id))


def set_up_article(tx: Transaction, viewer: Viewer, site: Site, article_key: str, given: dict[str, Any]) -> None:
    """What the publisher says of an article, also before anybody wrote under it: of url, title, section, mode, opens_at
    and closes_at (µs UTC) those that are given; None: none. Raises Malformed naming the field, Conflict (mode).
    """
    _require(tx, viewer, site, article_key)
    if given.get("url") is not None and origin_of(given["url"]) not in site.origins:
        raise Malformed(f"url must lie on one of the site's origins: {', '.join(site.origins)}.", field="url")
    if "section" in given:
        set_section(tx, viewer, site, article_key, given["section"])
    article = rows.article_for(tx.conn, site.id, article_key, tx.now)
    about: dict[str, Any] = {name: given[name] for name in ("url", "title") if name in given}
    before: dict[str, Any] = {name: getattr(article, name) for name in about}
    if about != before:
        tx.lock(article_id=article.id)
        rows.update_article(tx.conn, article.id, **about)
        _log(tx, article, viewer.id, "describe_article", before, about)
        tx.record(ArticleChanged(site.id, article.id))
    if "mode" in given:
        set_mode(tx, viewer, site, article_key, given["mode"])
    if given.keys() & set(TIMES):
        article = article_of(tx.conn, article.id)
        hours = [given.get(name, getattr(article, name)) for name in TIMES]
        set_hours(tx, viewer, site, article_key, *hours)


def set_section(tx: Transaction, viewer: Viewer, site: Site, article_key: str, section: str | None) -> None:
    """Say which section an article belongs to (None: none). Who looks after some sections alone moves it between
    those.
    """
    known = find_article(tx.conn, site.id, article_key)
    for one in (None if known is None else known.section, section):
        require(viewer, Action.SET_MODE, Subject(site.id, site.settings, section=one), tx.now)
    article = rows.article_for(tx.conn, site.id, article_key, tx.now)
    if article.section == section:
        return
    rows.update_article(tx.conn, article.id, section=section)
    _log(tx, article, viewer.id, "set_section", {"section": article.section}, {"section": section})
