"""Rule sets: the versions that were stored, and which rules hold for an article. Versions never change, so what was
decoded once is kept.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa

from comments.core.moderation.ruleset import NAMES, NO_RULES, RuleSet, narrowed, read_overrides, read_ruleset
from comments.storage.sites import Site
from comments.storage.tables import Id, articles, rule_sets, sites, users

LOOKED_AT = 2_000  # of a site's articles, for their sections
KEPT = 256  # effective rule sets in a process: a list of words may have a megabyte

Key = tuple[int | None, str | None, int | None]  # the site's rule set, the section, the article's rule set
_known: WeakKeyDictionary[sa.Engine, OrderedDict[Key, RuleSet]] = WeakKeyDictionary()
_RULES = sa.select(rule_sets.c.rules).where(rule_sets.c.id == sa.bindparam("rules", type_=Id))


def rules_of(conn: sa.Connection, site: Site) -> RuleSet:
    """The rules of a site, as they are where no section or article has others."""
    return _effective(conn, (site.rules_id, None, None))


def rules_for(conn: sa.Connection, site: Site, article: Any) -> RuleSet:
    """The rules that hold for an article: the site's, with what its section and it itself have otherwise."""
    return _effective(conn, (site.rules_id, article.section, article.rules_id))


def _effective(conn: sa.Connection, key: Key) -> RuleSet:
    if key == (None, None, None):
        return NO_RULES
    known = _known.setdefault(conn.engine, OrderedDict())
    if key in known:
        known.move_to_end(key)
        return known[key]
    known[key] = found = _read(conn, key)
    while len(known) > KEPT:
        known.popitem(last=False)
    return found


def _read(conn: sa.Connection, key: Key) -> RuleSet:
    of_site, section, of_article = key
    rules = NO_RULES if of_site is None else read_ruleset(_stored(conn, of_site))
    if section is not None and section in rules.sections:
        rules = narrowed(rules, rules.sections[section])
    return rules if of_article is None else narrowed(rules, read_overrides(_stored(conn, of_article)))


def _stored(conn: sa.Connection, rules_id: int) -> bytes:
    """What this version knows of them: while an upgrade goes on, the version after it may have written more."""
    text = str(conn.execute(_RULES, {"rules": rules_id}).scalar_one())
    fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({name: value for name, value in fields.items() if name in NAMES})


def overrides_of(conn: sa.Connection, article: Any) -> dict[str, Any]:
    """What an article has otherwise than its section and site."""
    return {} if article.rules_id is None else read_overrides(_stored(conn, article.rules_id))


def narrowed_by(conn: sa.Connection, rules: RuleSet, article: Any, overrides: dict[str, Any] | None = None) -> RuleSet:
    """What these rules, as the site's, would be for an article; `overrides`: it would have these instead of its own."""
    if article.section is not None and article.section in rules.sections:
        rules = narrowed(rules, rules.sections[article.section])
    own = overrides_of(conn, article) if overrides is None else overrides
    return narrowed(rules, own) if own else rules


def insert_rules(
    conn: sa.Connection,
    site_id: int,
    rules: str,
    now: int,
    *,
    article_id: int | None = None,
    reason: str | None = None,
    user_id: int | None = None,
) -> int:
    """Store the next version and let it count from now on; its number. The caller holds the site's lock."""
    r = rule_sets.c
    before = sa.select(sa.func.coalesce(sa.func.max(r.number), 0)).where(r.site_id == site_id, _about(article_id))
    number = int(conn.execute(before).scalar_one()) + 1
    row = {"site_id": site_id, "article_id": article_id, "number": number, "rules": rules, "created_at": now}
    row |= {"reason": reason, "user_id": user_id}
    made = conn.execute(sa.insert(rule_sets).values(row).returning(r.id)).scalar_one()
    table, key = (sites, site_id) if article_id is None else (articles, article_id)
    conn.execute(sa.update(table).where(table.c.id == key).values(rules_id=made))
    return number


def _about(article_id: int | None) -> sa.ColumnElement[bool]:
    of = rule_sets.c.article_id
    return of.is_(None) if article_id is None else of == article_id


def read_versions(
    conn: sa.Connection, site_id: int, article_id: int | None, limit: int, before: int | None = None
) -> Sequence[Any]:
    """The last versions of a site's or an article's rules, newest first, with who made them; those before a number."""
    query = _versions(site_id, article_id)
    if before is not None:
        query = query.where(rule_sets.c.number < before)
    return conn.execute(query.order_by(rule_sets.c.number.desc()).limit(limit)).all()


def find_version(conn: sa.Connection, site_id: int, article_id: int | None, number: int) -> Any:
    return conn.execute(_versions(site_id, article_id).where(rule_sets.c.number == number)).first()


def version_now(conn: sa.Connection, site_id: int, article_id: int | None) -> Any:
    """The version that counts, which is the newest; None: the rules are those by default."""
    return next(iter(read_versions(conn, site_id, article_id, 1)), None)


def _versions(site_id: int, article_id: int | None) -> sa.Select[Any]:
    query = sa.select(rule_sets, users.c.name.label("by")).outerjoin(users, users.c.id == rule_sets.c.user_id)
    return query.where(rule_sets.c.site_id == site_id, _about(article_id))


def read_sections(conn: sa.Connection, site_id: int) -> list[str]:
    """The sections that the site's newest articles have, by name."""
    a = articles.c
    newest = sa.select(a.section).where(a.site_id == site_id).order_by(a.id.desc()).limit(LOOKED_AT).subquery()
    query = sa.select(newest.c.section).where(newest.c.section.is_not(None)).distinct()
    return sorted(conn.execute(query).scalars())
