"""The console's API of rules: what counts, what counted, what would have happened by other ones."""

from typing import Any

import msgspec
from flask import Response, request

from comments.actions import rules as actions
from comments.core.errors import Conflict, NotFound
from comments.core.moderation.differences import differences
from comments.core.moderation.ruleset import NO_RULES
from comments.core.policy import Action, Subject, require
from comments.core.present import Json, present_article
from comments.core.times import time_text
from comments.http import schemas
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, limit, parts, read_article_key, read_body, read_id, whole_number
from comments.http.sessions import console_blueprint, console_viewer
from comments.storage import rules as stored
from comments.storage import trials
from comments.storage.sites import Site
from comments.storage.threads import find_article

blueprint = console_blueprint("rules")
PAGING = {"cursor": "the number to go on before", "limit": "how many at most"}
LARGEST_NUMBER = 2**31 - 1
TRIALS_PER_MINUTE = 20


@blueprint.get("/sites/<site>/rules")
@operation("A site's rules as they count now", security="console", answers={200: schemas.RulesAnswer})
def rules(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_RULES)
        return answer(_rules(conn, found))


@blueprint.put("/sites/<site>/rules")
@operation(
    "Set all of a site's rules; what is not named is as it is by default",
    security="console",
    body=schemas.RulesRequest,
    answers={200: schemas.RulesAnswer},
)
def set_rules(site: str) -> Response:
    return _changed(site, whole=True)


@blueprint.patch("/sites/<site>/rules")
@operation(
    "Change some of a site's rules",
    security="console",
    body=schemas.RulesRequest,
    answers={200: schemas.RulesAnswer},
)
def change_rules(site: str) -> Response:
    return _changed(site, whole=False)


def _changed(key: str, *, whole: bool) -> Response:
    site, why, body = _asked(key)
    try:
        with parts().database.transaction() as tx:
            actions.change_rules(tx, site, body.rules, why, whole=whole)
    except Conflict as error:
        raise _with_present_rules(error, site) from error
    with parts().database.read() as conn:
        return answer(_rules(conn, _again(conn, key)))


def _asked(key: str) -> tuple[Site, actions.Why, schemas.RulesRequest]:
    with parts().database.read() as conn:
        site, viewer = moderated_site(conn, key, Action.CHANGE_RULES)
    body = read_body(schemas.RulesRequest)
    return site, actions.Why(viewer, (body.reason or "").strip() or None, body.based_on), body


def _with_present_rules(error: Conflict, site: Site, article_key: str | None = None) -> Conflict:
    with parts().database.read() as conn:
        now = _again(conn, site.key)
        error.extras["present"] = _rules(conn, now) if article_key is None else _article_rules(conn, now, article_key)
    return error


def _again(conn: Any, key: str) -> Site:
    """The site as it is after the change, for those who have seen it before."""
    return moderated_site(conn, key, Action.SEE_RULES)[0]


def _rules(conn: Any, site: Site) -> Json:
    found = stored.rules_of(conn, site)
    return {
        "rules": found,
        "defaults": NO_RULES,
        "sections": sorted({*stored.read_sections(conn, site.id), *found.sections}),
        **_version(stored.version_now(conn, site.id, None)),
    }


def _version(row: Any) -> Json:
    """Which version, since when, whose, and why; 0 is what counts before anybody has changed anything."""
    if row is None:
        return {"number": 0, "at": None, "by": None, "reason": None}
    return {"number": row.number, "at": time_text(row.created_at), "by": row.by, "reason": row.reason}


@blueprint.get("/sites/<site>/rules/versions")
@operation("The versions of a site's rules, newest first", security="console", query=PAGING,
           answers={200: schemas.RulesVersions})  # fmt: skip
def versions(site: str) -> Response:
    before, most = _page()
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_RULES)
        return answer(_versions(conn, found, None, before, most))


@blueprint.post("/sites/<site>/rules/versions/<number>/restore")
@operation(
    "Let an earlier version count again, as a new one; 0 stands for the defaults",
    security="console",
    body=schemas.RestoreRequest,
    answers={200: schemas.RulesAnswer},
)
def restore(site: str, number: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.CHANGE_RULES)
    wanted, body = _number(number), read_body(schemas.RestoreRequest)
    try:
        with parts().database.transaction() as tx:
            actions.take_back(tx, found, wanted, actions.Why(viewer, body.reason, body.based_on))
    except Conflict as error:
        raise _with_present_rules(error, found) from error
    with parts().database.read() as conn:
        return answer(_rules(conn, _again(conn, site)))


@blueprint.post("/sites/<site>/articles/<article:article>/rules/versions/<number>/restore")
@operation(
    "Let an article have again what it had by an earlier version; 0 stands for nothing of its own",
    security="console",
    body=schemas.RestoreRequest,
    answers={200: schemas.ArticleRulesAnswer},
)
def restore_article(site: str, article: str, number: str) -> Response:
    key = read_article_key(article)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.CHANGE_RULES)
    wanted, body = _number(number), read_body(schemas.RestoreRequest)
    try:
        with parts().database.transaction() as tx:
            actions.take_back(tx, found, wanted, actions.Why(viewer, body.reason, body.based_on), article_key=key)
    except Conflict as error:
        raise _with_present_rules(error, found, key) from error
    with parts().database.read() as conn:
        return answer(_article_rules(conn, _again(conn, site), key))


def _page() -> tuple[int | None, int]:
    cursor = request.args.get("cursor")
    return whole_number("cursor", 0, LARGEST_NUMBER) if cursor else None, whole_number("limit", 20, 100)


def _number(text: str) -> int:
    number = read_id(text, "version of these rules")
    if number > LARGEST_NUMBER:
        raise NotFound("version of these rules")
    return number


def _versions(conn: Any, site: Site, article_id: int | None, before: int | None, most: int) -> Json:
    """Each with what it changed of the one before it."""
    rows = stored.read_versions(conn, site.id, article_id, most + 1, before)
    told = []
    defaults = msgspec.json.decode(msgspec.json.encode(NO_RULES)) if article_id is None else {}
    for row, earlier in zip(rows[:most], [*rows[1:], None], strict=False):
        was, now = differences(
            defaults | ({} if earlier is None else msgspec.json.decode(earlier.rules)),
            defaults | msgspec.json.decode(row.rules),
        )
        told.append(_version(row) | {"before": was, "after": now})
    return {"versions": told, "next_cursor": str(rows[most - 1].number) if len(rows) > most else None}


@blueprint.get("/sites/<site>/articles/<article:article>/rules")
@operation("What an article has otherwise than its section and site", security="console",
           answers={200: schemas.ArticleRulesAnswer})  # fmt: skip
def article_rules(site: str, article: str) -> Response:
    key = read_article_key(article)
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_RULES)
        return answer(_article_rules(conn, found, key))


@blueprint.put("/sites/<site>/articles/<article:article>/rules")
@operation(
    "Set what an article has otherwise; nothing: it follows its section and site",
    security="console",
    body=schemas.RulesRequest,
    answers={200: schemas.ArticleRulesAnswer},
)
def set_article_rules(site: str, article: str) -> Response:
    key = read_article_key(article)
    found, why, body = _asked(site)
    try:
        with parts().database.transaction() as tx:
            actions.change_article_rules(tx, found, key, body.rules, why)
    except Conflict as error:
        raise _with_present_rules(error, found, key) from error
    with parts().database.read() as conn:
        return answer(_article_rules(conn, _again(conn, site), key))


def _article_rules(conn: Any, site: Site, key: str) -> Json:
    """`inherited`: what would count without them."""
    row = find_article(conn, site.id, key)
    viewer = console_viewer()
    section = None if row is None else row.section
    if not viewer.sees_section(section):
        raise NotFound("article")
    require(viewer, Action.SEE_RULES, Subject(site.id, site.settings, section=section), parts().database.clock())
    rules = stored.rules_of(conn, site)
    shown = _versions(conn, site, row.id, None, 20)["versions"] if row is not None else []
    return {
        "article": present_article(row, key) | {"section": section},
        "rules": {} if row is None else stored.overrides_of(conn, row),
        "inherited": rules if row is None else stored.narrowed_by(conn, rules, row, {}),
        "versions": shown,
        **_version(None if row is None else stored.version_now(conn, site.id, row.id)),
    }


@blueprint.post("/sites/<site>/trials")
@operation(
    "Try changed rules on the last comments: the worker does it, ask for it until it is done",
    security="console",
    body=schemas.TrialRequest,
    answers={202: schemas.Trial},
)
def try_rules(site: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.TRY_RULES)
    body = read_body(schemas.TrialRequest)
    limit("trials", viewer.id, TRIALS_PER_MINUTE)
    article = None if body.article is None else read_article_key(body.article)
    with parts().database.transaction() as tx:
        trial_id = actions.try_rules(tx, viewer, found, body.rules, body.most, article)
    with parts().database.read() as conn:
        return answer(_trial(trials.find_trial(conn, trial_id)), 202)


@blueprint.get("/sites/<site>/trials/<trial>")
@operation("How a trial stands, and what came of it", security="console", answers={200: schemas.Trial})
def trial(site: str, trial: str) -> Response:
    trial_id = read_id(trial, "trial")
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.TRY_RULES)
        row = trials.find_trial(conn, trial_id)
    if row is None or row.site_id != found.id:
        raise NotFound("trial")
    return answer(_trial(row))


def _trial(row: Any) -> Json:
    return {
        "id": str(row.id),
        "article": row.article_key,
        "by": row.by,
        "most": row.most,
        "created_at": time_text(row.created_at),
        "finished_at": time_text(row.finished_at),
        "result": None if row.result is None else msgspec.Raw(row.result.encode()),
        "error": row.error,
    }
