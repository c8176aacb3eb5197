"""`comments serve` as processes: gunicorn with gevent workers, a worker for jobs beside it, and this one that watches
over both.

Little is imported at the top: a serving process is patched by gevent before it loads the application.
"""

import ctypes
import functools
import gc
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from comments.settings import Settings

log = logging.getLogger(__name__)

GRACE = 10  # seconds for requests in flight at a stop
REQUESTS = 2_000  # connections of one process besides its sockets
QUICK_DEATH = 5.0  # seconds; a child that dies faster is restarted more slowly


def supervise(host: str, port: int, workers: int, role: str = "all", beside: Sequence[Sequence[str]] = ()) -> int:
    """Run the serving processes of this role, the worker where the role is all, and what else is `beside`, until a
    signal or until the first ends; its exit status.

    Children are processes of their own group, so that Ctrl-C reaches them once, in order, from here; they end with us.
    """
    # settings come from the environment alone: the port that --port gave is the one that addresses are made with
    python = ["env", f"COMMENTS_PORT={port}", sys.executable, "-m"]
    web = [*python, "comments.serving", host, str(port), str(workers), role]
    worker = [[*python, "comments.cli", "worker"]] if role == "all" else []
    children = [Child(one) for one in (web, *worker, *beside)]
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: stopped.append(number))
    for child in children:
        child.start()
    try:
        while not stopped:
            if (status := children[0].process.poll()) is not None:
                return status or 1
            for child in children[1:]:
                child.keep_running()
            time.sleep(0.2)
    finally:
        for child in children:
            child.process.send_signal(signal.SIGTERM)
        for child in children:
            child.end()
    return 0


def bring_up_to_date(settings: Settings) -> None:
    """Before anything serves: this version's tables. Loads the application only where there is something to do."""
    from comments.storage.engine import is_up_to_date  # noqa: PLC0415

    if is_up_to_date(settings.database_url):
        return
    from comments.app import create_app, migrate  # noqa: PLC0415

    app = create_app(settings)
    try:
        migrate(app)
    finally:
        app.extensions["comments"].database.engine.dispose()


class Child:
    """One process that is to run as long as we do."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self.process: subprocess.Popen[bytes]
        self._started = 0.0

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(self._command, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: S603, PLW1509

    def keep_running(self) -> None:
        """Start it again if it died, at once or, if it dies young, a few seconds later."""
        if self.process.poll() is None:
            return
        if time.monotonic() - self._started < QUICK_DEATH:
            return
        log.error("%s ended with status %s and is started again", self._command[-1], self.process.returncode)
        self.start()

    def end(self) -> None:
        try:
            self.process.wait(GRACE + 5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _end_with_parent() -> None:
    """Linux: SIGTERM when the parent dies, also when it is killed."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)


def log_to_stderr(level: str) -> None:
    logging.basicConfig(stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("alembic", "engineio", "socketio", "geventwebsocket"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def serve_web(host: str, port: int, workers: int, role: str) -> None:
    """The process below `supervise`: gunicorn's arbiter with its gevent workers."""
    from comments.settings import read_settings  # noqa: PLC0415

    options: dict[str, Any] = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers,
        "worker_connections": read_settings().sockets + REQUESTS,
        "graceful_timeout": GRACE,
        "timeout": 60,
        "keepalive": 15,
        "backlog": 4096,
        "limit_request_line": 8190,
        "limit_request_fields": 60,
        "proc_name": "comments",
        "loglevel": "warning",
        "forwarded_allow_ips": "",  # COMMENTS_TRUSTED_PROXIES decides, in http/request.py
        "post_worker_init": _after_loading,
        "worker_exit": _at_the_end,
    }

    run_gunicorn(options, functools.partial(load_service, role))


def load_service(role: Any) -> Any:
    """The application of this role; called in the serving process, which gevent has patched."""
    from comments.app import create_serving_app  # noqa: PLC0415
    from comments.settings import read_settings  # noqa: PLC0415

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


def _after_loading(worker: Any) -> None:
    """In the serving process, once the application is loaded: listen to others, spare the collector, close sockets at
    the end.
    """
    import gevent  # noqa: PLC0415

    live = worker.wsgi.extensions["comments_live"]
    live.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)  # a full collection with ten thousand sockets takes half a second
    log.info("serving on %s", worker.cfg.bind[0])

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
    serve_web(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
