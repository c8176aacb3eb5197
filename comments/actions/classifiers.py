"""What administrators do with a site's classifiers: add, change, try, remove, and say what their scores cause. Secrets
go in and never come out: not in answers, not in the audit log.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Any

import msgspec

from comments.actions.rules import Why, change_rules
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.moderation.ruleset import OpinionRule, RuleSet
from comments.core.policy import Action, Subject, require
from comments.core.sealing import Unopened, is_sealed, seal, unseal
from comments.storage import opinions as rows
from comments.storage.audit import write_audit
from comments.storage.jobs import Job, add_jobs
from comments.storage.rules import rules_of
from comments.storage.sites import Site, lock_site, site_by_id
from comments.storage.transaction import Transaction

MOST = 20  # classifiers of a site
MOST_SAMPLE = 5000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A classifier as it is to be; `config` and `secret` were checked by its kind (comments.opinions.read_config). The
    secret is in the clear here, and in the database never.
    """

    name: str
    kind: str
    config: dict[str, Any]
    secret: str | None = None
    enabled: bool = True


def opened_secret(secret_key: bytes, row: Any) -> str | None:
    """A classifier's secret, of its row. One that a version before wrote is in the clear until it is written again.
    Raises Unopened if it was sealed with another key.
    """
    if row.secret is None or not is_sealed(row.secret):
        return row.secret  # type: ignore[no-any-return]
    return unseal(secret_key, _purpose(row.site_id, row.name), row.secret)


def _sealed(secret_key: bytes, site_id: int, name: str, secret: str | None) -> str | None:
    return secret and seal(secret_key, _purpose(site_id, name), secret)


def _purpose(site_id: int, name: str) -> str:
    return f"classifier:{site_id}:{name}"


def add_classifier(
    tx: Transaction, site: Site, new: Classifier, secret_key: bytes, *, viewer: Viewer | None = None
) -> None:
    """Add a classifier; nobody is asked before the site's rules name it. `secret_key`: what its secret is sealed with;
    `viewer` None: the command line.
    """
    _require(tx, site, viewer)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", new.name):
        detail = "A classifier's name has 1 to 40 lower-case letters, digits, hyphens and underscores."
        raise Malformed(detail, field="name")
    lock_site(tx.conn, site.id)
    known = rows.read_classifiers(tx.conn, site.id)
    if any(one.name == new.name for one in known):
        raise Conflict("classifier_exists", f"There is a classifier {new.name!r} already.")
    if len(known) >= MOST:
        raise Conflict("too_many_classifiers", f"A site has at most {MOST} classifiers.")
    made = rows.insert_classifier(
        tx.conn,
        site_id=site.id,
        name=new.name,
        kind=new.kind,
        config=_text(new.config),
        secret=_sealed(secret_key, site.id, new.name, new.secret),
        enabled=new.enabled,
        created_at=tx.now,
    )
    after = {"name": new.name, "kind": new.kind, "config": new.config, "enabled": new.enabled}
    after |= {"secret": "set"} if new.secret else {}
    _audit(tx, site, viewer, "add_classifier", made, None, after)


def change_classifier(
    tx: Transaction, site: Site, to: Classifier, secret_key: bytes, *, viewer: Viewer | None = None
) -> None:
    """Give a classifier another configuration or secret, switch it on or off; name and kind stay."""
    _require(tx, site, viewer)
    row = _classifier(tx, site, to.name)
    config = msgspec.json.decode(row.config)
    was: dict[str, Any] = {"config": config, "enabled": row.enabled}
    now: dict[str, Any] = {"config": to.config, "enabled": to.enabled}
    changed = [name for name in was if was[name] != now[name]]
    if _known_secret(secret_key, row) != to.secret:
        was["secret"], now["secret"] = "set" if row.secret else None, "changed" if to.secret else None
        changed.append("secret")
    if not changed:
        return
    sealed = _sealed(secret_key, site.id, to.name, to.secret)
    change = {"config": _text(to.config), "secret": sealed, "enabled": to.enabled, "trouble": None}
    rows.update_classifier(tx.conn, row.id, **change)
    before, after = ({"name": to.name} | {name: one[name] for name in changed} for one in (was, now))
    _audit(tx, site, viewer, "change_classifier", row.id, before, after)


def _known_secret(secret_key: bytes, row: Any) -> str | None:
    """What it was; one that does not open any more is another than any that is set now."""
    try:
        return opened_secret(secret_key, row)
    except Unopened:
        return ""


def remove_classifier(tx: Transaction, site: Site, name: str, *, viewer: Viewer | None = None) -> None:
    """Forget a classifier and its secret; the rules do not name it any more. What it said stays with the comments."""
    _require(tx, site, viewer)
    row = _classifier(tx, site, name)
    _change_rule(tx, site, name, None, viewer)
    rows.delete_classifier(tx.conn, row.id)
    _audit(tx, site, viewer, "remove_classifier", row.id, {"name": name, "kind": row.kind}, None)


def set_opinion_rule(
    tx: Transaction, site: Site, name: str, rule: OpinionRule | None, *, viewer: Viewer | None = None
) -> None:
    """Say what a classifier's scores cause; None: it is not asked. A new version of the site's rules."""
    _require(tx, site, viewer)
    if rule is not None:
        _classifier(tx, site, name)
        if not rule.thresholds:
            raise Malformed("Say from which score on at least one label counts.", field="thresholds")
    _change_rule(tx, site, name, rule, viewer)


def _change_rule(tx: Transaction, site: Site, name: str, rule: OpinionRule | None, viewer: Viewer | None) -> None:
    lock_site(tx.conn, site.id)
    stands: RuleSet = rules_of(tx.conn, site_by_id(tx.conn, site.id))
    wanted = {other: one for other, one in stands.opinions.items() if other != name}
    wanted |= {} if rule is None else {name: rule}
    change_rules(tx, site, {"opinions": msgspec.to_builtins(wanted)}, Why(viewer))


def try_classifier(tx: Transaction, site: Site, name: str, text: str, *, viewer: Viewer | None = None) -> str:
    """Ask a classifier about a sample, soon and in a worker; the id under which its `last_test` will be the answer."""
    _require(tx, site, viewer)
    row = _classifier(tx, site, name)
    if not text.strip() or len(text) > MOST_SAMPLE or "\0" in text:
        raise Malformed(f"A sample has 1 to {MOST_SAMPLE} characters.", field="text")
    asked = secrets.token_hex(8)
    payload = {"site": site.id, "classifier": row.name, "text": text, "id": asked, "at": tx.now}
    add_jobs(tx.conn, [Job("try_classifier", payload)], tx.now)
    _audit(tx, site, viewer, "try_classifier", row.id, None, {"name": name})
    return asked


def _require(tx: Transaction, site: Site, viewer: Viewer | None) -> None:
    if viewer is not None:
        require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)


def _classifier(tx: Transaction, site: Site, name: str) -> Any:
    row = rows.find_classifier(tx.conn, site.id, name, lock=True)
    if row is None:
        raise NotFound("classifier")
    return row


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _audit(
    tx: Transaction, site: Site, viewer: Viewer | None, action: str, classifier_id: int, before: Any, after: Any
) -> None:
    write_audit(
        tx.conn,
        action,
        ("classifier", classifier_id),
        tx.now,
        site_id=site.id,
        user_id=None if viewer is None else viewer.id,
        before=before,
        after=after,
    )
