"""create_app(): the composition root, the only file that knows all parts and hands functions down."""

import logging
from typing import Any

from flask import Flask

from comments.http import cors, embed, limiter, members, moderation, openapi, request, sessions, snapshots, threads
from comments.jobs.plan import jobs_for
from comments.live.bus import Bus
from comments.outgoing import JwksCache
from comments.settings import Settings, SettingsError, read_settings
from comments.storage.engine import MIGRATIONS, engine_options, newest_migration, prepare, schema_version
from comments.storage.tables import db
from comments.storage.transaction import Clock, Database, system_clock


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> Flask:
    """The HTTP application; `with_live` adds the sockets. `settings` None: from the environment. `clock` gives µs
    UTC.
    """
    settings = read_settings() if settings is None else settings
    app = Flask("comments", static_folder=None)
    app.url_map.strict_slashes = True
    logging.getLogger("comments").setLevel(settings.log_level.upper())
    database = make_database(app, settings, clock)
    bus = Bus(settings.redis_url)
    pages = snapshots.Snapshots(database)
    database.plan, database.publish = jobs_for, (pages.drop, bus.publish)
    app.extensions["comments"] = request.Parts(
        settings, database, limiter.Limiter(settings.redis_url), JwksCache(settings.private_hosts)
    )
    app.extensions["comments_bus"] = bus
    request.register(app)
    cors.register(app)
    sessions.register(app)
    for part in (embed, members, moderation, openapi, sessions, threads):
        app.register_blueprint(part.blueprint)
    app.wsgi_app = snapshots.in_front(pages, app.wsgi_app)  # type: ignore[method-assign,assignment]
    app.extensions["comments_snapshots"] = pages
    return app


def make_database(app: Flask, settings: Settings, clock: Clock) -> Database:
    """Flask-SQLAlchemy makes the engine; storage gets it once."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    prepare(engine, settings.sqlite_synchronous)
    return Database(engine, clock)


def with_live(app: Flask) -> Any:
    """Add Socket.IO to an application in the process that serves it, which runs on gevent; returns the Live, not yet
    started.
    """
    import gevent  # noqa: PLC0415

    from comments.live.server import Live  # noqa: PLC0415 - only processes that hold sockets load it

    parts: request.Parts = app.extensions["comments"]
    settings = parts.settings
    if settings.is_sqlite:  # the disk is waited for in a thread: this process has others to answer
        parts.database.commit = lambda conn: gevent.get_hub().threadpool.apply(conn.commit)

    def limit(environ: dict[str, Any]) -> None:
        who = request.client_address(environ, settings.trusted_proxies)
        parts.limiter.hit("socket", who, settings.sockets_per_minute)

    pages: snapshots.Snapshots = app.extensions["comments_snapshots"]
    bus: Bus = app.extensions["comments_bus"]
    return Live(app, settings, parts.database, bus, limit, parts.lists, pages.outdate)


def migrate(app: Flask) -> None:
    """Bring the database to this version's tables. Raises SettingsError if a newer version has been at it."""
    with app.extensions["comments"].database.read() as conn:
        stands = schema_version(conn)
    newest = newest_migration()
    if stands is not None and stands > newest:
        raise SettingsError(
            f"The database is at migration {stands}, this version knows {newest}: install the newer one."
        )
    if stands != newest:
        from flask_migrate import upgrade  # noqa: PLC0415 - Alembic takes longer to load than all else

        with with_migrations(app).app_context():
            upgrade(str(MIGRATIONS))


def with_migrations(app: Flask | None = None) -> Flask:
    """The application with the commands of `flask db`; see docs/recipes.md."""
    from flask_migrate import Migrate  # noqa: PLC0415

    app = create_app() if app is None else app
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=False)
    return app
