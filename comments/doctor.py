"""`comments doctor`: is everything as it must be? Settings, database, tables, counters against a recount, journal,
jobs, bundles, Redis.
"""

from collections.abc import Iterator

import redis

from comments.app import create_app
from comments.http.bundles import FOLDER
from comments.jobs.erasure import Place, come_back
from comments.mailing import Line, NotSent
from comments.settings import Settings
from comments.storage.checks import CHECKS
from comments.storage.engine import schema_version
from comments.storage.fitting import misfit
from comments.storage.integrity import REFERENCES, WHOLE, overdue, snapshot
from comments.storage.jobs import SECOND, parked_jobs
from comments.storage.outbox import in_doubt, waiting_since
from comments.storage.sites import read_sites
from comments.storage.transaction import Connection

Answer = tuple[bool, str]
WEEK, LATE = 7 * 86_400 * SECOND, 6 * 3600 * SECOND


def examine(settings: Settings) -> Iterator[Answer]:
    """(whether it is fine, a sentence) for each thing looked at."""
    yield True, f"settings: data in {settings.data_dir}, served at {settings.public_url}"
    built = (FOLDER / "manifest.json").exists()
    yield built, "bundles are built" if built else "the browser bundles are not built: run “make setup”"
    if settings.redis_url is not None:
        yield _redis(settings.redis_url)
    if settings.smtp is not None:
        yield _mail_server(settings)
    yield from _database(settings)


def _mail_server(settings: Settings) -> Answer:
    """Connects, encrypts and signs in; sends nothing (“comments mail-test” does)."""
    assert settings.smtp is not None and settings.mail_from is not None
    where = f"{settings.smtp.host}:{settings.smtp.port}"
    try:
        Line(settings.smtp, settings.mail_from, "localhost").close()
    except NotSent as error:
        return False, f"the mail server {where} does not take our mail: {error}"
    how = "not encrypted" if settings.smtp.security == "plain" else "encrypted, its certificate verified"
    return True, f"the mail server {where} answers, {how}"


def _redis(url: str) -> Answer:
    try:
        redis.Redis.from_url(url, socket_connect_timeout=2).ping()
    except redis.RedisError as error:
        return False, f"Redis does not answer: {error}"
    return True, "Redis answers"


def _database(settings: Settings) -> Iterator[Answer]:
    database = create_app(settings).extensions["comments"].database
    try:
        with snapshot(database) as conn:
            why_not = misfit(conn)
            yield why_not is None, why_not or f"tables are at migration {schema_version(conn)}"
            if why_not is None:
                yield from integrity(conn, database.clock())
                yield from _mail(conn, settings, database.clock())
        if why_not is None:
            back = sum(1 for _ in come_back(database, Place(settings.data_dir, settings.secret_key)))
            yield _told("the erased: ", back, "none is back", "are back, as after a restore: “comments erase --again”")
    except Exception as error:
        yield False, f"the database cannot be read: {error.__cause__ or error}"
    finally:
        database.engine.dispose()


def _mail(conn: Connection, settings: Settings, now: int) -> Iterator[Answer]:
    """What was mailed, and what should have been."""
    doubtful = in_doubt(conn, now - WEEK)
    last = "mails of the last week may have been sent or not, and are not sent again; the last: {{}}"
    yield (
        not doubtful,
        "no mail of the last week is in doubt"
        if not doubtful
        else f"{len(doubtful)} {last.format(f'number {doubtful[0].id}, {doubtful[0].why}')}",
    )
    mailing = [site.key for site in read_sites(conn) if site.settings.mail]
    if mailing and settings.smtp is None:
        yield False, f"{', '.join(mailing)}: mail is on, but COMMENTS_SMTP_URL names no server"
    since = waiting_since(conn)
    if since is not None and settings.smtp is not None:
        yield now - since < LATE, "no mail is late" if now - since < LATE else "mail waits for hours: see the log"


def integrity(conn: Connection, now: int) -> Iterator[Answer]:
    """One snapshot, however long it takes."""
    for name, count in CHECKS.items():
        yield _told(f"{name}: ", count(conn), "as recounted")
    dangling = {name: found for name, count in REFERENCES.items() if (found := count(conn))}
    yield (
        not dangling,
        f"{len(REFERENCES)} kinds of references: as they must be"
        if not dangling
        else "references: " + (", ".join(f"{found} of {name} lead nowhere" for name, found in dangling.items())),
    )
    for name, count in WHOLE.items():
        yield _told(f"{name}: ", count(conn), "as they must be")
    for name, found in overdue(conn, now).items():
        yield _told(f"{name}: ", found, "none")
    parked = parked_jobs(conn)
    yield (
        not parked,
        "no job is parked" if not parked else f"{len(parked)} jobs are parked, the last: {parked[0].error}",
    )


def _told(what: str, wrong: int, fine: str, how: str = "wrong") -> Answer:
    return wrong == 0, what + (fine if wrong == 0 else f"{wrong} {how}")
