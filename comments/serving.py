"""What serves: gunicorn with gevent workers and the application of the role, on the port that supervision.py opened.

Little is imported at the top: a serving process is patched by gevent before it loads the application.
"""

import contextlib
import functools
import gc
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from comments.settings import Settings, read_settings
from comments.supervision import BACKLOG, GRACE, Supervisor, open_port

log = logging.getLogger(__name__)

REQUESTS = 2_000  # connections of one process besides its sockets


def run_service(host: str, port: int, workers: int, role: str = "all", beside: Sequence[Sequence[str]] = ()) -> int:
    """Run serving processes of this role, the worker for jobs where the role is all, and what else is `beside`, until a
    signal; the exit status.
    """
    opened = open_port(host, port)
    port = opened.getsockname()[1]
    # settings come from the environment alone: the port that --port gave is the one that addresses are made with
    python = ["env", f"COMMENTS_PORT={port}", sys.executable, "-m"]
    web = [*python, "comments.serving", str(workers), role]
    jobs = [[*python, "comments.cli", "worker"]] if role == "all" else []
    return Supervisor(web, opened, workers, [*jobs, *beside]).run()


def bring_up_to_date(settings: Settings) -> None:
    """Before anything serves: this version's tables. Loads the application only where there is something to do."""
    from comments.storage.version import is_up_to_date  # noqa: PLC0415

    if is_up_to_date(settings.database_url):
        return
    from comments.app import create_app, migrate  # noqa: PLC0415

    app = create_app(settings)
    try:
        migrate(app)
    finally:
        app.extensions["comments"].database.engine.dispose()


def log_to_stderr(level: str) -> None:
    logging.basicConfig(stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("alembic", "engineio", "socketio", "geventwebsocket"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def serve(workers: int, role: str, port: int, tells: int) -> None:
    """The process below the supervisor: gunicorn's arbiter with its gevent workers, on the open socket `port`; each
    writes a byte to the pipe `tells` when it serves.
    """
    options: dict[str, Any] = {
        "bind": f"fd://{port}",
        "workers": workers,
        "worker_connections": read_settings().sockets + REQUESTS,
        "graceful_timeout": GRACE,
        "timeout": 60,
        "keepalive": 15,
        "backlog": BACKLOG,
        "limit_request_line": 8190,
        "limit_request_fields": 60,
        "proc_name": "comments",
        "loglevel": "warning",
        "forwarded_allow_ips": "",  # COMMENTS_TRUSTED_PROXIES decides, in http/request.py
        "post_worker_init": functools.partial(_after_loading, tells),
        "worker_exit": _at_the_end,
    }

    warnings.filterwarnings("ignore", "unclosed", ResourceWarning, "gunicorn.arbiter")  # its own, of the open socket
    run_gunicorn(options, functools.partial(load_service, role))


def load_service(role: Any) -> Any:
    """The application of this role; called in the serving process, which gevent has patched."""
    from comments.app import create_serving_app  # noqa: PLC0415

    settings = read_settings()
    log_to_stderr(settings.log_level)
    app, app.extensions["comments_live"] = create_serving_app(settings, role, in_turn)
    log.info("browsers are to reach the service at %s", settings.public_url)
    return app


def run_gunicorn(options: dict[str, Any], load_application: Callable[[], Any]) -> None:
    """gunicorn with gevent workers; the application is loaded in each of them, after the fork."""
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415

    class Web(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in ({"worker_class": "gevent", "control_socket_disable": True} | options).items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return load_application()

    Web().run()


def in_turn(app: Any) -> Any:
    """Everybody gets a turn: without it a connection whose next request is there already when it is done with one is
    served again and again, and the others wait for seconds.
    """
    import gevent  # noqa: PLC0415

    def take_turn(environ: dict[str, Any], start_response: Any) -> Any:
        gevent.sleep(0)
        return app(environ, start_response)

    return take_turn


def _after_loading(tells: int, worker: Any) -> None:
    """In the serving process, once the application is loaded: listen to others, spare the collector, close sockets at
    the end.
    """
    import gevent  # noqa: PLC0415

    live = worker.wsgi.extensions["comments_live"]
    live.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)  # a full collection with ten thousand sockets takes half a second
    with contextlib.suppress(OSError):  # nobody listens: the supervisor is gone, and we soon
        os.write(tells, b".")

    def close_sockets_at_the_end() -> None:
        while worker.alive:
            gevent.sleep(0.1)
        live.close_all()  # a socket would hold the stop for the whole grace time

    gevent.spawn(close_sockets_at_the_end)


def _at_the_end(_server: Any, worker: Any) -> None:
    """In the serving process, when nothing is served any more: leave no connection to the database open."""
    if worker.wsgi is not None and "comments" in worker.wsgi.extensions:
        worker.wsgi.extensions["comments"].database.engine.dispose()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
