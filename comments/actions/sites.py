"""What happens to sites and console accounts: made and configured. Called by the command line and the console."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comments.actions.keys import read_key
from comments.core.errors import Conflict, Malformed
from comments.core.identity import CONSOLE, Role, Viewer
from comments.core.moderation.ruleset import NAMES, NO_RULES, RuleSet
from comments.core.policy import Action, Subject, require
from comments.core.receipt import check_templates
from comments.core.site import SiteSettings, is_http_url, is_site_key, origin_of, read_settings, to_store
from comments.storage import accounts
from comments.storage import sites as rows
from comments.storage.audit import write_audit
from comments.storage.rules import insert_rules
from comments.storage.sites import Site, find_site, find_user
from comments.storage.transaction import Transaction

MAX_PRODUCT, MOST_ORIGINS = 200, 100  # characters of a product's name; origins of a site
MAX_SECTION = 100  # characters of a section's name


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """A site to be made. Exactly one of `secret` (None and no `jwks_url`: one is made) and `jwks_url` says who
    signs.
    """

    key: str
    name: str
    issuer: str
    origins: tuple[str, ...]
    products: tuple[str, ...] = ()
    secret: str | None = None
    jwks_url: str | None = None
    settings: SiteSettings = field(default_factory=SiteSettings)
    rules: RuleSet = NO_RULES


def create_site(tx: Transaction, new: NewSite, user_id: int | None = None) -> str | None:
    """Make a site; returns its secret where it has one. Raises Malformed naming the field, Conflict if the key is
    taken.
    """
    if not is_site_key(new.key):
        raise Malformed("A site's key has 1 to 63 lower-case letters, digits and hyphens.", field="key")
    _check_name(new.name)
    if not is_http_url(new.issuer):
        raise Malformed(f"The issuer must be an absolute http(s) URL, not {new.issuer!r}.", field="issuer")
    _check_origins(new.origins)
    if find_site(tx.conn, new.key) is not None:
        raise Conflict("site_exists", f"There is a site {new.key!r} already.")
    key = read_key(secret=new.secret, jwks_url=new.jwks_url)
    site_id = rows.insert_site(
        tx.conn,
        key=new.key,
        name=new.name.strip(),
        issuer=new.issuer,
        origins=msgspec.json.encode(new.origins).decode(),
        products=msgspec.json.encode(new.products).decode(),
        settings=to_store(new.settings),
        created_at=tx.now,
    )
    rows.insert_key(tx.conn, site_id, key.kind, key.value, tx.now)
    if new.rules != NO_RULES:
        insert_rules(tx.conn, site_id, msgspec.json.encode(new.rules).decode(), tx.now)
    write_audit(
        tx.conn, "create_site", ("site", site_id), tx.now, site_id=site_id, user_id=user_id, after={"key": new.key}
    )
    return key.value if key.kind == "secret" else None


def change_site(
    tx: Transaction,
    viewer: Viewer,
    site: Site,
    *,
    name: str | None = None,
    origins: Sequence[str] | None = None,
    products: Sequence[str] | None = None,
) -> None:
    """Change what a site is called, where its pages lie, whose subscribers may write; None stays. The issuer stays: it
    says whose the members are. Raises Malformed naming the field.
    """
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
    if name is not None:
        _check_name(name)
    if origins is not None:
        _check_origins(origins)
    if products is not None and not all(0 < len(one) <= MAX_PRODUCT for one in products):
        raise Malformed(f"A product has 1 to {MAX_PRODUCT} characters.", field="products")
    given = {"name": name and name.strip(), "origins": origins, "products": products}
    after = {field: value for field, value in given.items() if value is not None}
    before = {field: getattr(site, field) for field in after}
    columns = {
        field: value if field == "name" else msgspec.json.encode(value).decode() for field, value in after.items()
    }
    rows.update_site(tx.conn, site.id, **columns)
    about: dict[str, Any] = {"site_id": site.id, "user_id": viewer.id, "before": before, "after": after}
    write_audit(tx.conn, "change_site", ("site", site.id), tx.now, **about)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > 200:
        raise Malformed("A site needs a name of at most 200 characters.", field="name")


def _check_origins(origins: Sequence[str]) -> None:
    if not 0 < len(origins) <= MOST_ORIGINS:
        raise Malformed(f"Name 1 to {MOST_ORIGINS} origins, for example https://www.example.com.", field="origins")
    for origin in origins:
        if origin_of(origin) != origin:
            raise Malformed(f"An origin is scheme://host[:port] without a path, not {origin!r}.", field="origins")


def configure_site(tx: Transaction, site: Site, change: dict[str, Any], user_id: int | None = None) -> SiteSettings:
    """Change some settings; the others stay. Raises Malformed naming the field."""
    misplaced = sorted(change.keys() & NAMES)
    if misplaced:
        raise Malformed(f"{', '.join(misplaced)} is a rule now: see “comments rules set”.", field=misplaced[0])
    before = msgspec.to_builtins(site.settings)
    if isinstance(change.get("law"), dict):
        change = change | {"law": before["law"] | change["law"]}
    after = read_settings(msgspec.json.encode(before | change))
    check_templates(after.receipts)
    rows.update_settings(tx.conn, site.id, to_store(after))
    changed = {name: before.get(name) for name in change}
    write_audit(
        tx.conn, "configure", ("site", site.id), tx.now, site_id=site.id, user_id=user_id, before=changed, after=change
    )
    return after


def create_user(
    tx: Transaction,
    email: str,
    name: str,
    password_hash: str,
    role: str,
    sites: tuple[str, ...] | None = None,
    sections: tuple[str, ...] | None = None,
) -> int:
    """Make a console account; `sites`: keys, `sections`: of a moderator, None for all. Raises Malformed or Conflict."""
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,255}", email):
        raise Malformed(f"{email!r} is no e-mail address.", field="email")
    rights = _rights(tx, role, sites, sections)
    if find_user(tx.conn, email=email) is not None:
        raise Conflict("user_exists", f"There is an account {email} already.")
    user_id = rows.insert_user(
        tx.conn, email=email.lower(), name=name, password_hash=password_hash, created_at=tx.now, **rights
    )
    write_audit(
        tx.conn,
        "create_user",
        ("user", user_id),
        tx.now,
        site_id=None,
        after={"role": role, "sites": sites, "sections": sections},
    )
    return user_id


def _rights(
    tx: Transaction, role: str, sites: tuple[str, ...] | None, sections: tuple[str, ...] | None
) -> dict[str, str | None]:
    """Role, sites and sections as columns. Raises Malformed."""
    if role not in CONSOLE:
        raise Malformed(f"A role is one of {', '.join(sorted(CONSOLE))}.", field="role")
    if sections is not None and (role != Role.MODERATOR or not all(0 < len(one) <= MAX_SECTION for one in sections)):
        raise Malformed(f"Sections are a moderator's, with 1 to {MAX_SECTION} characters.", field="section")
    ids = None if sites is None else [_site_id(tx, key) for key in sites]
    return {
        "role": role,
        "sites": None if ids is None else msgspec.json.encode(ids).decode(),
        "sections": None if sections is None else msgspec.json.encode(sections).decode(),
    }


def change_role(
    tx: Transaction, email: str, role: str, sites: tuple[str, ...] | None, sections: tuple[str, ...] | None
) -> None:
    """Give an account another role, other sites or sections; all its sessions end. Raises Malformed."""
    user = _account(tx, email)
    rights = _rights(tx, role, sites, sections)
    before = {name: getattr(user, name) for name in rights}
    rows.update_user(tx.conn, user.id, epoch=user.epoch + 1, **rights)
    accounts.delete_sessions(tx.conn, user.id)
    write_audit(tx.conn, "change_role", ("user", user.id), tx.now, site_id=None, before=before, after=rights)


def disable_user(tx: Transaction, email: str) -> None:
    """Close an account: nobody signs in with it any more, its sessions and sockets end. Its entries stay."""
    user = _account(tx, email)
    rows.update_user(tx.conn, user.id, disabled_at=tx.now, epoch=user.epoch + 1)
    accounts.delete_sessions(tx.conn, user.id)
    write_audit(tx.conn, "disable_user", ("user", user.id), tx.now, site_id=None)


def _account(tx: Transaction, email: str) -> Any:
    user = find_user(tx.conn, email=email)
    if user is None:
        raise Malformed(f"There is no account {email}.", field="email")
    return user


def _site_id(tx: Transaction, key: str) -> int:
    site = find_site(tx.conn, key)
    if site is None:
        raise Malformed(f"There is no site {key!r}.", field="site")
    return site.id


def set_password(tx: Transaction, email: str, password_hash: str) -> None:
    """Give an account a new password; all its sessions end."""
    user = _account(tx, email)
    rows.update_user(tx.conn, user.id, password_hash=password_hash, epoch=user.epoch + 1)
    accounts.delete_sessions(tx.conn, user.id)
    write_audit(tx.conn, "set_password", ("user", user.id), tx.now, site_id=None)
