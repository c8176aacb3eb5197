"""What happens to rules: a new version counts from now on; every one is in the audit log and can be taken back."""

from typing import Any

import msgspec

from comments.core.identity import Viewer
from comments.core.moderation.ruleset import NAMES, NO_RULES, RuleSet, read_ruleset
from comments.core.policy import Action, Subject, require
from comments.storage.audit import write_audit
from comments.storage.rules import insert_rules, rules_of
from comments.storage.sites import Site, lock_site, site_by_id
from comments.storage.transaction import Transaction


def change_rules(
    tx: Transaction, site: Site, change: dict[str, Any], *, viewer: Viewer | None = None, reason: str | None = None
) -> RuleSet:
    """Set some of a site's rules, the others stay; returns them as they are now. `viewer` None: the command line.
    Raises Malformed naming the field.
    """
    if viewer is not None:
        require(viewer, Action.CHANGE_RULES, Subject(site.id, site.settings), tx.now)
    lock_site(tx.conn, site.id)
    before = msgspec.to_builtins(rules_of(tx.conn, site_by_id(tx.conn, site.id)))
    after = read_ruleset(msgspec.json.encode(before | change))
    now = msgspec.to_builtins(after)
    changed = sorted(name for name in NAMES if before[name] != now[name])
    if not changed:
        return after
    user_id = None if viewer is None else viewer.id
    stored = {name: value for name, value in now.items() if value != getattr(NO_RULES, name)}
    number = insert_rules(
        tx.conn, site.id, msgspec.json.encode(stored).decode(), tx.now, reason=reason, user_id=user_id
    )
    write_audit(
        tx.conn,
        "change_rules",
        ("site", site.id),
        tx.now,
        site_id=site.id,
        user_id=user_id,
        before={name: before[name] for name in changed},
        after={name: now[name] for name in changed} | {"version": number},
        reason=reason,
    )
    return after
