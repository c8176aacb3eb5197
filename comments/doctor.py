"""`comments doctor`: is everything as it must be? Settings, database, tables, counters against a recount, journal,
jobs, bundles, Redis.
"""

from collections.abc import Iterator

import redis

from comments.app import create_app
from comments.http.bundles import FOLDER
from comments.settings import Settings
from comments.storage.checks import CHECKS
from comments.storage.engine import schema_version
from comments.storage.jobs import parked_jobs
from comments.storage.version import newest_migration

Answer = tuple[bool, str]


def examine(settings: Settings) -> Iterator[Answer]:
    """(whether it is fine, a sentence) for each thing looked at."""
    yield True, f"settings: data in {settings.data_dir}, served at {settings.public_url}"
    built = (FOLDER / "manifest.json").exists()
    yield built, "bundles are built" if built else "the browser bundles are not built: run “make setup”"
    if settings.redis_url is not None:
        yield _redis(settings.redis_url)
    yield from _database(settings)


def _redis(url: str) -> Answer:
    try:
        redis.Redis.from_url(url, socket_connect_timeout=2).ping()
    except redis.RedisError as error:
        return False, f"Redis does not answer: {error}"
    return True, "Redis answers"


def _database(settings: Settings) -> Iterator[Answer]:
    database = create_app(settings).extensions["comments"].database
    head = newest_migration()
    try:
        with database.read() as conn:
            version = schema_version(conn)
            yield (
                version == head,
                f"tables are at migration {version or 'none'}" + ("" if version == head else f", wanted {head}"),
            )
            if version != head:
                return
            for name, count in CHECKS.items():
                wrong = count(conn)
                yield wrong == 0, f"{name}: " + ("as recounted" if wrong == 0 else f"{wrong} wrong")
            parked = parked_jobs(conn)
            yield (
                not parked,
                "no job is parked" if not parked else f"{len(parked)} jobs are parked, the last: {parked[0].error}",
            )
    except Exception as error:
        yield False, f"the database cannot be read: {error.__cause__ or error}"
