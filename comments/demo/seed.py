"""Fills the service for the demo: sites, console accounts, and comments through the import that publishers use.

Run at every start. What is there already is left alone, so that whatever visitors wrote stays.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2
import msgspec

from comments.actions.archive import ImportReport, digest_of, import_comments
from comments.actions.sites import NewSite, create_site, create_user, set_password
from comments.core.archive import BadLine, Found, micros
from comments.core.entitlement import SECOND
from comments.core.site import SiteSettings
from comments.demo.config import GAZETTE, LETTER, MAGAZINE, PRODUCT, PUBLICATIONS, DemoConfig, Publication
from comments.demo.kept import kept, replace
from comments.demo.pages import CONTENT, read_names, read_paper
from comments.demo.scenes import set_scenes
from comments.demo.tokens import secret_name
from comments.demo.work import RULES, leave_work
from comments.importers import read_export
from comments.importers.sources import Source
from comments.settings import SettingsError
from comments.storage.sites import Site, find_site, find_user, read_keys
from comments.storage.transaction import Database

NEWEST = 12 * 60 * SECOND  # µs: how old the youngest written comment looks at the first start
SETTINGS: dict[str, dict[str, Any]] = {MAGAZINE.key: {"ask_author": True}, LETTER.key: {"read": "subscribers"}}
ACCOUNTS = (("administrator", "admin@example.com"), ("moderator", "moderator@example.com"))


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can log in to the console."""

    role: str
    email: str
    password: str


Progress = Callable[[ImportReport], None]


def seed(database: Database, demo: DemoConfig, progress: Progress | None = None) -> list[Account]:
    """Make what is missing; the console's accounts. Raises SettingsError if the database holds another demo.

    `progress` hears of an archive's import after each batch, which may take a while.
    """
    accounts = _accounts(database, demo)
    for publication in PUBLICATIONS:
        site = _site(database, demo, publication)
        if publication is GAZETTE and demo.archive is not None:
            _import_archive(database, site, demo, demo.archive, progress)
        elif _import_written(database, site, publication, demo.origin(publication)):
            with database.transaction() as tx:
                set_scenes(tx, site, ACCOUNTS[0][1])
                if publication is GAZETTE:
                    leave_work(tx, site, ACCOUNTS[0][1])
    return accounts


def _site(database: Database, demo: DemoConfig, publication: Publication) -> Site:
    origin = demo.origin(publication)
    signs_with_secret = publication.algorithm == "HS256"
    with database.transaction() as tx:
        site = find_site(tx.conn, publication.key)
        if site is None:
            new = NewSite(
                key=publication.key,
                name=read_names(publication.key)[0],
                issuer=origin,
                origins=(origin,),
                products=(PRODUCT,),
                secret=demo.secret(secret_name(publication)) if signs_with_secret else None,
                jwks_url=None if signs_with_secret else demo.jwks_url,
                settings=SiteSettings(
                    login_url=f"{origin}/login?return={{url}}",
                    subscribe_url=f"{origin}/subscription?return={{url}}",
                    **SETTINGS.get(publication.key, {}),
                ),
                rules=RULES,
            )
            create_site(tx, new)
            site = find_site(tx.conn, publication.key)
            assert site is not None
        key = demo.secret(secret_name(publication)) if signs_with_secret else demo.jwks_url
        if site.issuer != origin or key not in [row.value for row in read_keys(tx.conn, site.id)]:
            raise SettingsError(
                f"This database holds a site {publication.key!r} for {site.issuer}, with its own keys: start the demo "
                "with the DEMO_PORT and COMMENTS_DATA_DIR of its first start, or with an empty data folder."
            )
    return site


def _import_written(database: Database, site: Site, publication: Publication, origin: str) -> bool:
    """The comments that were written for the demo, as if they were of the last days; whether there were none before."""
    pages = read_paper(publication.key, datetime.now(UTC).date()).pages
    path = CONTENT / f"{publication.key}.ndjson"
    with path.open("rb") as stream:
        digest = digest_of(stream)
        records = list(read_export("archive", stream, Source()))
    report = import_comments(database, site, _moved(records, database.clock() - NEWEST, origin, pages), digest=digest)
    assert not report.refused, report.refused
    return report.imported > 0 and report.already == 0


def _moved(
    records: Iterable[Found | BadLine], newest: int, origin: str, pages: dict[str, str]
) -> Iterator[Found | BadLine]:
    """The same records, moved in time so that the youngest is of `newest` (µs UTC), their articles at the newspaper's
    address; `pages`: which page has a thread.
    """
    records = list(records)
    by = timedelta(
        microseconds=newest - max(micros(one.comment.created_at) for one in records if isinstance(one, Found))
    )
    for one in records:
        if isinstance(one, Found):
            key = one.comment.article.id
            article = msgspec.structs.replace(one.comment.article, url=f"{origin}/articles/{pages.get(key, key)}")
            created = one.comment.created_at + by
            yield Found(one.line, msgspec.structs.replace(one.comment, article=article, created_at=created))
        else:
            yield one


def _import_archive(database: Database, site: Site, demo: DemoConfig, archive: Path, progress: Progress | None) -> None:
    """A publisher's archive, and the list of its articles for the newspaper, most discussed first."""
    titles: dict[str, str | None] = {}
    counts: Counter[str] = Counter()

    def noting(records: Iterable[Found | BadLine]) -> Iterator[Found | BadLine]:
        for one in records:
            if isinstance(one, Found):
                article = one.comment.article
                titles[article.id] = titles.get(article.id) or article.title
                counts[article.id] += one.comment.status == "published"
            yield one

    with archive.open("rb") as stream:
        digest = digest_of(stream)
        records = noting(read_export("archive", stream, Source()))
        import_comments(database, site, records, digest=digest, progress=progress)
    listed = [{"id": key, "title": titles[key]} for key in sorted(titles, key=lambda key: (-counts[key], key))]
    replace(demo.archive_list, json.dumps(listed))


def _accounts(database: Database, demo: DemoConfig) -> list[Account]:
    """The console's accounts. Their passwords are made once and lie in the data folder; they are made to hold."""
    made = {email: secrets.token_urlsafe(9) for _, email in ACCOUNTS}
    passwords: dict[str, str] = json.loads(kept(demo.data_dir / "console-passwords.json", lambda: json.dumps(made)))
    hasher = argon2.PasswordHasher()
    for role, email in ACCOUNTS:
        with database.read() as conn:
            user = find_user(conn, email=email)
        if user is None:
            hashed = hasher.hash(passwords[email])
            with database.transaction() as tx:
                create_user(tx, email, f"Demo {role}", hashed, role)
        elif not _holds(hasher, user.password_hash, passwords[email]):
            hashed = hasher.hash(passwords[email])
            with database.transaction() as tx:
                set_password(tx, email, hashed)
    return [Account(role, email, passwords[email]) for role, email in ACCOUNTS]


def _holds(hasher: argon2.PasswordHasher, hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except argon2.exceptions.VerificationError:
        return False
