"""create_app(): the composition root, the only file that knows all parts and hands functions down."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit

from flask import Flask

from comments import __version__
from comments.core.errors import NotFound
from comments.http import (
    accounts,
    api_keys,
    appeals,
    articles,
    claims,
    classifiers,
    composing,
    console,
    cors,
    decisions,
    docs,
    exports,
    feeds,
    figures,
    follows,
    gates,
    headers,
    health,
    imports,
    law,
    limiter,
    limits,
    mail,
    me,
    me_api,
    me_data,
    me_mail,
    members,
    metrics,
    moderation,
    notices,
    notifications,
    observed,
    oembed,
    openapi,
    pages,
    people,
    preferences,
    prepared,
    queues,
    request,
    rules,
    search,
    sessions,
    sites,
    snapshots,
    statements,
    tabs,
    teasers,
    texts,
    threads,
    transparency,
    waits,
    webhooks,
)
from comments.jobs.plan import jobs_for
from comments.live.bus import Bus
from comments.live.relay import hear
from comments.outgoing import JwksCache, exchange
from comments.seen import tracing
from comments.settings import Settings, SettingsError, read_settings
from comments.storage.engine import engine_options, prepare, schema_version, trace_statements
from comments.storage.fitting import TABLES, foreigner, has_other_tables
from comments.storage.tables import db
from comments.storage.transaction import Clock, Database, system_clock
from comments.storage.version import MIGRATIONS, is_ours, newest_migration

Serves = Literal["all", "web", "live"]  # what a serving process is for: `comments serve --role`
Wsgi = Callable[[dict[str, Any], Any], Any]


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> Flask:
    """The HTTP application. `settings` None: from the environment. `clock` gives µs UTC."""
    app = make_app(read_settings() if settings is None else settings, "all", clock)
    put_snapshots_in_front(app)
    return secured(app)


def begin_tracing(settings: Settings, role: str) -> None:
    """Where the operator wants traces; before the application is made. Raises SettingsError."""
    if settings.otlp_endpoint is None:
        return
    url = f"{settings.otlp_endpoint}/v1/traces"
    theirs = frozenset({urlsplit(url).hostname or ""})  # the operator named it: it may well be in their own network
    kind = {"Content-Type": "application/x-protobuf"}
    tracing.start(settings.traces_sampled, role, __version__, lambda body: exchange("POST", url, theirs, body, kind))


def create_serving_app(settings: Settings, role: Serves, in_turn: Callable[[Wsgi], Wsgi]) -> tuple[Flask, Any]:
    """What a serving process runs on gevent, and what it starts after the fork and closes at the end. From the outside
    in: snapshots, the sockets, `in_turn`, Flask.
    """
    from gevent.threadpool import ThreadPool  # noqa: PLC0415

    app = make_app(settings, role)
    if settings.is_sqlite:  # the disk is waited for in a thread: this process has others to answer
        database = app.extensions["comments"].database
        waiting = ThreadPool(1)  # of its own: in the hub's, look-ups of hosts that do not answer could take every place
        database.commit = lambda conn: waiting.apply(conn.commit)
    app.wsgi_app = in_turn(app.wsgi_app)  # type: ignore[method-assign,assignment]
    live = without_live(app) if role == "web" else with_live(app)
    if role != "live":
        put_snapshots_in_front(app, in_turn)
    return secured(app), live


ASKED = (  # what answers requests
    accounts,
    api_keys,
    appeals,
    articles,
    claims,
    classifiers,
    composing,
    console,
    decisions,
    docs,
    exports,
    feeds,
    figures,
    follows,
    gates,
    imports,
    me,
    me_api,
    me_data,
    me_mail,
    law,
    mail,
    members,
    moderation,
    notices,
    notifications,
    oembed,
    openapi,
    pages,
    people,
    preferences,
    queues,
    rules,
    search,
    sessions,
    statements,
    sites,
    tabs,
    teasers,
    texts,
    threads,
    transparency,
    webhooks,
)


def make_app(settings: Settings, role: Serves, clock: Clock = system_clock) -> Flask:
    """Flask with its blueprints, and what they need, in `extensions`; the role live answers for its health alone."""
    app = Flask("comments", static_folder=None)
    app.config["ROLE"] = role
    app.url_map.strict_slashes = True
    logging.getLogger("comments").setLevel(settings.log_level.upper())
    database = make_database(app, settings, clock)
    bus = Bus(settings.redis_url)
    pages = snapshots.Snapshots(database, settings.snapshots_mb)
    observed.gauge(database, pages, lambda: bus.hears if bus.listens else None)
    database.plan, database.publish = jobs_for, (pages.drop, bus.publish, observed.count)
    app.extensions["comments"] = request.Parts(
        settings,
        database,
        limiter.Limiter(settings.redis_url),
        JwksCache(settings.private_hosts),
        lambda: bus.hears,
        waits.Waits(settings.redis_url),
        lambda site, article: prepared.told_at_the_door(pages, site, article),
    )
    app.extensions["comments_bus"], app.extensions["comments_snapshots"] = bus, pages
    observed.register(app)
    request.register(app)
    limits.register(app)
    cors.register(app)
    sessions.register(app)
    asked = () if role == "live" else ASKED
    for part in (health, metrics, *asked):
        app.register_blueprint(part.blueprint)
    return app


def secured(app: Flask) -> Flask:
    """In front of all else what every answer has."""
    if app.extensions["comments"].settings.is_https:
        app.wsgi_app = headers.over_tls(app.wsgi_app)  # type: ignore[method-assign,assignment]
    return app


def put_snapshots_in_front(app: Flask, in_turn: Callable[[Wsgi], Wsgi] | None = None) -> None:
    """`in_turn`: lets others have their turn, where a server has no threads."""
    pages: snapshots.Snapshots = app.extensions["comments_snapshots"]
    app.wsgi_app = prepared.in_front(pages, app.extensions["comments"], app.wsgi_app, in_turn)  # type: ignore[method-assign,assignment]


def make_database(app: Flask, settings: Settings, clock: Clock) -> Database:
    """Flask-SQLAlchemy makes the engine; storage gets it once."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url, settings.postgres_pooler)
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    prepare(engine, settings.sqlite_synchronous)
    if tracing.is_on():
        trace_statements(engine)
    return Database(engine, clock)


class Hearing:
    """Of a process without sockets: it hears what others did, so that it shows no old page."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def start(self) -> None:
        """Begin to listen to other processes. Called in the serving process, after the fork."""
        pages: snapshots.Snapshots = self._app.extensions["comments_snapshots"]
        database = self._app.extensions["comments"].database
        hear(database, self._app.extensions["comments_bus"], lambda hints: pages.outdate(hints.articles))

    number = 0  # of sockets

    def close_all(self, _over: float) -> None:
        """There is none to close."""


def without_live(app: Flask) -> Hearing:
    """Whoever wants a socket from this process is told where they are."""
    elsewhere = "address here: this process has the role web, sockets are held by those with the role live"

    @app.route("/socket.io", strict_slashes=False)
    @app.route("/socket.io/<path:_rest>")
    def _sockets_are_elsewhere(_rest: str = "") -> NoReturn:
        raise NotFound(elsewhere)

    return Hearing(app)


@contextlib.contextmanager
def without_loading(*names: str) -> Iterator[None]:
    """python-socketio loads every broker's and client's library that it finds, for 0.2 s of a start, and we use none of
    them through it: in this block it finds none.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def with_live(app: Flask) -> Any:
    """Add Socket.IO to an application in the process that serves it, which runs on gevent; returns the Live, not yet
    started.
    """
    with without_loading("redis", "websocket", "requests"):
        from comments.live.door import Addresses  # noqa: PLC0415
        from comments.live.server import Live  # noqa: PLC0415 - only processes that hold sockets load it

    parts: request.Parts = app.extensions["comments"]
    settings = parts.settings

    addresses = Addresses(
        lambda environ: request.network_of(environ, settings.trusted_proxies),
        lambda where: parts.limiter.hit("socket", where, settings.sockets_per_minute),
        settings.sockets_per_address,
    )
    pages: snapshots.Snapshots = app.extensions["comments_snapshots"]
    bus: Bus = app.extensions["comments_bus"]
    return Live(app, settings, parts.database, bus, addresses, parts.lists, pages.outdate)


def migrate(app: Flask) -> None:
    """Bring the database to this version's tables. Raises SettingsError if a newer version has been at it, or another
    application.
    """
    with app.extensions["comments"].database.read() as conn:
        stands, others = schema_version(conn), has_other_tables(conn)
    newest = newest_migration()
    if others or (stands is not None and not is_ours(stands)):
        raise SettingsError(foreigner(TABLES if others else f"the migration {stands!r}"))
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
