"""What happens to rules: a new version counts from now on; every one is in the audit log and can be taken back. Before
that they are tried on what was written: the worker does it (jobs/trials.py).
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.moderation.differences import differences
from comments.core.moderation.ruleset import NO_RULES, RuleSet, read_overrides, read_ruleset
from comments.core.policy import Action, Subject, require
from comments.storage.audit import write_audit
from comments.storage.comments import article_for
from comments.storage.jobs import Job, add_jobs
from comments.storage.rules import find_version, insert_rules, overrides_of, rules_of, version_now
from comments.storage.sites import Site, lock_site, site_by_id
from comments.storage.threads import find_article
from comments.storage.transaction import Transaction
from comments.storage.trials import insert_trial

MOST_TRIED = 20_000  # comments of one trial


@dataclass(frozen=True, slots=True)
class Why:
    """Who changes rules (None: the command line), why, and which version they had before them (None: whichever)."""

    viewer: Viewer | None = None
    reason: str | None = None
    based_on: int | None = None

    @property
    def user_id(self) -> int | None:
        return None if self.viewer is None else self.viewer.id


BY_ITSELF = Why()


def change_rules(
    tx: Transaction, site: Site, change: dict[str, Any], why: Why = BY_ITSELF, *, whole: bool = False
) -> RuleSet:
    """Set some of a site's rules, the others stay, or (`whole`) become what they are by default; returns them as they
    are now. Raises Malformed naming the field, Conflict if somebody changed them meanwhile.
    """
    before = _begin(tx, site, why)
    after = read_ruleset(msgspec.json.encode(change if whole else before | change))
    now = msgspec.to_builtins(after)
    if before != now:
        _store(tx, site, None, (before, now), _sparse(now), why)
    return after


def change_article_rules(
    tx: Transaction, site: Site, article_key: str, overrides: dict[str, Any], why: Why = BY_ITSELF
) -> dict[str, Any]:
    """What an article has otherwise from now on, instead of what it had; nothing: it follows its section and site.
    Raises as change_rules does.
    """
    known = find_article(tx.conn, site.id, article_key)
    _require(tx, site, why, None if known is None else known.section)
    lock_site(tx.conn, site.id)
    after = read_overrides(msgspec.json.encode(overrides))
    article = article_for(tx.conn, site.id, article_key, tx.now)
    _require_present(tx, site, article, why)
    before = overrides_of(tx.conn, article)
    if before != after:
        _store(tx, site, article, (before, after), after, why)
    return after


def take_back(tx: Transaction, site: Site, number: int, why: Why = BY_ITSELF, *, article_key: str | None = None) -> int:
    """Let an earlier version count again, as a new one, whose number is returned; 0: none, the rules by default.
    Raises NotFound, Conflict.
    """
    if article_key is None:
        article, before = None, _begin(tx, site, why)
    else:
        article = find_article(tx.conn, site.id, article_key)
        _require(tx, site, why, None if article is None else article.section)
        lock_site(tx.conn, site.id)
        article = find_article(tx.conn, site.id, article_key)
        if article is None:
            raise NotFound("article")
        _require_present(tx, site, article, why)
        before = overrides_of(tx.conn, article)
    earlier = find_version(tx.conn, site.id, None if article is None else article.id, number)
    if earlier is None and number:
        raise NotFound("version of these rules")
    stored = "{}" if earlier is None else earlier.rules
    after = msgspec.to_builtins(read_ruleset(stored)) if article is None else read_overrides(stored)
    if before == after:
        raise Conflict("unchanged", f"What version {number} says is what counts now.")
    return _store(tx, site, article, (before, after), msgspec.json.decode(stored), why, restored=number)


def try_rules(
    tx: Transaction, viewer: Viewer, site: Site, change: dict[str, Any], most: int, article_key: str | None = None
) -> int:
    """Ask the worker what a change would have done to the last `most` comments; the trial's id. With an article,
    `change` is what it would have otherwise. Raises Malformed naming the field.
    """
    require(viewer, Action.TRY_RULES, Subject(site.id, site.settings), tx.now)
    if not 1 <= most <= MOST_TRIED:
        raise Malformed(f"Rules are tried on 1 to {MOST_TRIED:,} comments.", field="most")
    article = None if article_key is None else find_article(tx.conn, site.id, article_key)
    if article_key is not None and article is None:
        raise NotFound("article")
    rules = tried(rules_of(tx.conn, site), change) if article is None else read_overrides(msgspec.json.encode(change))
    stored = msgspec.json.encode(rules).decode()
    trial = insert_trial(tx.conn, site.id, None if article is None else article.id, viewer.id, stored, most, tx.now)
    add_jobs(tx.conn, [Job("try_rules", {"trial": trial})], tx.now)
    return trial


def tried(rules: RuleSet, change: dict[str, Any]) -> dict[str, Any]:
    """A site's rules as they would be, without what is as it is by default. Raises Malformed."""
    return _sparse(msgspec.to_builtins(read_ruleset(msgspec.json.encode(msgspec.to_builtins(rules) | change))))


def _sparse(rules: dict[str, Any]) -> dict[str, Any]:
    defaults = msgspec.to_builtins(NO_RULES)
    return {name: value for name, value in rules.items() if value != defaults[name]}


def _begin(tx: Transaction, site: Site, why: Why) -> dict[str, Any]:
    """The site's rules as they are, locked until the end."""
    _require(tx, site, why)
    lock_site(tx.conn, site.id)
    _require_present(tx, site, None, why)
    found: dict[str, Any] = msgspec.to_builtins(rules_of(tx.conn, site_by_id(tx.conn, site.id)))
    return found


def _require(tx: Transaction, site: Site, why: Why, *section: str | None) -> None:
    if why.viewer is not None:
        subject = Subject(site.id, site.settings, None, *section)
        require(why.viewer, Action.CHANGE_RULES, subject, tx.now)


def _require_present(tx: Transaction, site: Site, article: Any, why: Why) -> None:
    now = version_now(tx.conn, site.id, None if article is None else article.id)
    number = 0 if now is None else now.number
    if why.based_on not in (None, number):
        detail = f"The rules changed meanwhile: version {number} counts now, you had {why.based_on} before you."
        raise Conflict("changed_meanwhile", detail, number=number)


def _store(
    tx: Transaction,
    site: Site,
    article: Any,
    changed: tuple[dict[str, Any], dict[str, Any]],
    stored: dict[str, Any],
    why: Why,
    *,
    restored: int | None = None,
) -> int:
    """The new version and its entry in the log."""
    article_id = None if article is None else article.id
    text = msgspec.json.encode(stored).decode()
    number = insert_rules(tx.conn, site.id, text, tx.now, article_id=article_id, reason=why.reason, user_id=why.user_id)
    before, after = differences(*changed)
    taken_back = {} if restored is None else {"taken_back_to": restored}
    write_audit(
        tx.conn,
        "change_rules" if restored is None else "take_back_rules",
        ("site", site.id) if article_id is None else ("article", article_id),
        tx.now,
        site_id=site.id,
        user_id=why.user_id,
        before=before,
        after=after | {"version": number} | taken_back,
        reason=why.reason,
    )
    return number
