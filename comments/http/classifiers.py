"""The console's API of a site's classifiers. Everybody who works there sees their names and what they do not answer;
administrators configure. Secrets are written and never read.
"""

from typing import Any

import msgspec
from flask import Response

from comments.actions import classifiers as actions
from comments.actions.classifiers import Classifier
from comments.core.errors import Conflict, NotFound
from comments.core.identity import Viewer
from comments.core.moderation.ruleset import RuleSet
from comments.core.policy import Action, Subject, may
from comments.core.present import Json
from comments.core.sealing import Unopened
from comments.http import schemas
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body
from comments.http.sessions import console_blueprint, require_proof
from comments.opinions import kind_named, kind_names, read_config
from comments.storage import opinions as storage
from comments.storage.rules import rules_of
from comments.storage.sites import Site

blueprint = console_blueprint("classifiers", "/sites/<site>/classifiers")


def _manages(site: str, name: str = "") -> tuple[Site, Viewer]:
    """The site and its administrator; a name that no classifier can have is not looked for."""
    if "\0" in name:
        raise NotFound("classifier")
    with parts().database.read() as conn:
        return moderated_site(conn, site, Action.MANAGE_SITE)


def _shown(site: Site) -> Response:
    """All of a site's classifiers, as administrators see them."""
    with parts().database.read() as conn:
        return answer(_classifiers(conn, site, whole=True))


def _classifiers(conn: Any, site: Site, *, whole: bool) -> Json:
    rules = rules_of(conn, site)
    rows = storage.read_classifiers(conn, site.id)
    return {
        "classifiers": [_classifier(row, rules) if whole else _name(row) for row in rows],
        "kinds": [_kind(name) for name in kind_names()] if whole else [],
    }


def _name(row: Any) -> Json:
    shown: Json = {"name": row.name, "kind": row.kind, "enabled": row.enabled, "trouble": None, "config": None}
    return shown | {"has_secret": False, "last_test": None, "rule": None}


def _classifier(row: Any, rules: RuleSet) -> Json:
    shown = _name(row) | {"config": msgspec.Raw(row.config.encode()), "has_secret": row.secret is not None}
    for name in ("trouble", "last_test"):
        text = getattr(row, name)
        shown[name] = None if text is None else msgspec.Raw(text.encode())
    return shown | {"rule": rules.opinions.get(row.name)}


def _kind(name: str) -> Json:
    """What a form needs; a kind whose package is broken says so and breaks nothing else."""
    try:
        kind = kind_named(name)
    except Exception as error:
        return {"name": name, "secret": "none", "labels": [], "outside": True, "config": [], "error": str(error)}
    fields = [
        {
            "name": field.name,
            "type": "boolean" if field.type is bool else "number" if field.type in (int, float) else "text",
            "default": None if field.required else field.default,
        }
        for field in msgspec.structs.fields(kind.config)
    ]
    shown = {"name": name, "secret": kind.secret, "labels": kind.labels, "outside": kind.outside}
    return shown | {"config": fields, "error": None}


@blueprint.get("")
@operation("A site's classifiers", security="console", answers={200: schemas.Classifiers})
def classifiers(site: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_RULES)
        return answer(_classifiers(conn, found, whole=_may_manage(viewer, found)))


def _may_manage(viewer: Viewer, site: Site) -> bool:
    return may(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), parts().database.clock())


@blueprint.post("")
@operation("Add a classifier", security="console", body=schemas.NewClassifier, answers={201: schemas.Classifiers})
def add(site: str) -> Response:
    body = read_body(schemas.NewClassifier)
    found, viewer = _manages(site)
    require_proof()
    config = msgspec.to_builtins(read_config(body.kind, body.config, body.secret or None))
    new = Classifier(name=body.name, kind=body.kind, config=config, secret=body.secret or None)
    with parts().database.transaction() as tx:
        actions.add_classifier(tx, found, new, parts().settings.secret_key, viewer=viewer)
    shown = _shown(found)
    shown.status_code = 201
    return shown


@blueprint.patch("/<name>")
@operation("Change a classifier", security="console", body=schemas.ClassifierChange, answers={200: schemas.Classifiers})
def change(site: str, name: str) -> Response:
    body = read_body(schemas.ClassifierChange)
    found, viewer = _manages(site, name)
    require_proof()
    with parts().database.read() as conn:
        row = storage.find_classifier(conn, found.id, name)
    if row is None:
        raise NotFound("classifier")
    config: dict[str, Any] = msgspec.json.decode(row.config) if body.config is None else body.config
    secret = _secret(row) if body.secret is None else body.secret or None
    if body.config is not None or body.secret is not None:
        config = msgspec.to_builtins(read_config(row.kind, config, secret))
    enabled = row.enabled if body.enabled is None else body.enabled
    to = Classifier(name=name, kind=row.kind, config=config, secret=secret, enabled=enabled)
    with parts().database.transaction() as tx:
        actions.change_classifier(tx, found, to, parts().settings.secret_key, viewer=viewer)
    return _shown(found)


def _secret(row: Any) -> str | None:
    """The one that it has. Raises Conflict where only a new one helps."""
    try:
        return actions.opened_secret(parts().settings.secret_key, row)
    except Unopened as error:
        raise Conflict("secret_unopened", str(error)) from error


@blueprint.delete("/<name>")
@operation("Remove a classifier", security="console", answers={200: schemas.Classifiers})
def remove(site: str, name: str) -> Response:
    found, viewer = _manages(site, name)
    require_proof()
    with parts().database.transaction() as tx:
        actions.remove_classifier(tx, found, name, viewer=viewer)
    return _shown_anew(site)


@blueprint.put("/<name>/rule")
@operation(
    "Say what a classifier's scores cause; null: it is not asked",
    security="console",
    body=schemas.OpinionRuleChange,
    answers={200: schemas.Classifiers},
)
def set_rule(site: str, name: str) -> Response:
    body = read_body(schemas.OpinionRuleChange)
    found, viewer = _manages(site, name)
    with parts().database.transaction() as tx:
        actions.set_opinion_rule(tx, found, name, body.rule, viewer=viewer)
    return _shown_anew(site)


def _shown_anew(site: str) -> Response:
    found, _ = _manages(site)  # its rules are others by now
    return _shown(found)


@blueprint.post("/<name>/test")
@operation(
    "Ask a classifier about a sample: its answer will be its last_test",
    security="console",
    body=schemas.ClassifierTest,
    answers={202: schemas.ClassifierAsked},
)
def test(site: str, name: str) -> Response:
    body = read_body(schemas.ClassifierTest)
    found, viewer = _manages(site, name)
    with parts().database.transaction() as tx:
        asked = actions.try_classifier(tx, found, name, body.text, viewer=viewer)
    return answer({"id": asked}, 202)
