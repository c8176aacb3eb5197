"""Trials: the worker replays a changed rule set over what was written last, so that no serving process stops for it."""

import logging
import time
from typing import Any

import msgspec

from comments.core.errors import CommentsError, Unavailable
from comments.core.moderation.opinions import Said
from comments.core.moderation.replay import Author, Past, Place, replay
from comments.core.moderation.ruleset import RuleSet, read_overrides, read_ruleset
from comments.core.times import time_text
from comments.storage import trials as rows
from comments.storage.rules import narrowed_by, rules_for, rules_of
from comments.storage.sites import Site, site_by_id
from comments.storage.threads import article_of
from comments.storage.transaction import Connection, Database

log = logging.getLogger(__name__)


def try_rules(database: Database, payload: dict[str, Any]) -> None:
    """Do a trial and write down what came of it. Only an absent database is tried again: all else would fail again."""
    with database.read() as conn:
        trial = rows.find_trial(conn, payload["trial"])
    if trial is None or trial.finished_at is not None:
        return
    result, error = None, None
    try:
        result = msgspec.json.encode(tried(database, trial.site_id, trial.article_id, trial.rules, trial.most)).decode()
    except Unavailable:
        raise
    except CommentsError as wrong:
        error = wrong.detail
    except Exception as wrong:
        log.exception("trial %s failed", trial.id)
        error = type(wrong).__name__
    with database.transaction() as tx:
        rows.finish_trial(tx.conn, trial.id, tx.now, result=result, error=error)


def tried(database: Database, site_id: int, article_id: int | None, rules: str, most: int) -> dict[str, Any]:
    """The result of a trial of these stored rules, a site's or what an article would have otherwise."""
    began = time.perf_counter()
    with database.read() as conn:
        past = read_past(conn, site_by_id(conn, site_id), article_id, rules, most)
    found = replay(past)
    for one in found["differences"].values():
        for example in one["examples"]:
            example["created_at"] = time_text(example["created_at"])
    took = round((time.perf_counter() - began) * 1000)
    return found | {"since": time_text(found["since"]), "took_ms": took}


def read_past(conn: Connection, site: Site, article_id: int | None, rules: str, most: int) -> Past:
    """What was written last at a site or under an article, with the rules of today and as they would be."""
    only = None if article_id is None else article_of(conn, article_id)
    comments = rows.read_past(conn, site.id, most, only)
    changed = read_ruleset(rules) if only is None else rules_of(conn, site)
    overrides = None if only is None else read_overrides(rules)
    made: dict[tuple[str | None, int | None], RuleSet] = {}  # one object for all articles with the same rules
    places = {}
    for row in rows.read_articles(conn, sorted({comment.article_id for comment in comments})).values():
        key = (row.section, row.rules_id)
        today = rules_for(conn, site, row)
        if key not in made:
            made[key] = narrowed_by(conn, changed, row, overrides)
        same = today if made[key] == today else made[key]
        places[row.id] = Place(row.key, row.title, row.mode, row.section, today, same)
    members = rows.read_members(conn, sorted({comment.member_id for comment in comments}))
    return Past(
        settings=site.settings,
        comments=comments,
        places=places,
        authors={
            one.id: Author(one.name, one.published, one.rejected, one.created_at, one.premoderated)
            for one in members.values()
        },
        opinions=_opinions(conn, comments, places),
    )


def _opinions(conn: Connection, comments: list[Any], places: dict[int, Place]) -> dict[int, dict[str, Said]]:
    if not any(rules.opinions for place in places.values() for rules in (place.today, place.changed)):
        return {}
    return {
        comment_id: {one.classifier: Said(msgspec.json.decode(one.scores), one.model) for one in found}
        for comment_id, found in rows.read_opinions(conn, [comment.id for comment in comments]).items()
    }
