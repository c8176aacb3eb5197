"""What serves: gunicorn with gevent workers and the application of the role, on the port that supervision.py opened.

Little is imported at the top: a serving process is patched by gevent before it loads the application.
"""

import contextlib
import functools
import gc
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from comments.seen import tracing
from comments.seen.logs import log_to_stderr
from comments.settings import Settings, read_settings
from comments.supervision import BACKLOG, GRACE, Supervisor, open_port

log = logging.getLogger(__name__)

REQUESTS = 2_000  # connections of one process besides its sockets


def run_service(host: str, port: int, workers: int, role: str = "all", beside: Sequence[Sequence[str]] = ()) -> int:
    """Run serving processes of this role, the worker for jobs where the role is all, and what else is `beside`, until a
    signal; the exit status.
    """
    settings = read_settings()
    log_to_stderr(settings.log_level, settings.log_format)
    opened = open_port(host, port)
    port = opened.getsockname()[1]
    # settings come from the environment alone: the port that --port gave is the one that addresses are made with
    python = ["env", f"COMMENTS_PORT={port}", sys.executable, "-m"]
    with shared_folder(settings) as folder:
        web = [*python, "comments.serving", str(workers), role, folder]
        jobs = [[*python, "comments.cli", "worker", "--figures", folder]] if role == "all" else []
        return Supervisor(web, opened, workers, longest_end(settings), [*jobs, *beside]).run()


@contextlib.contextmanager
def shared_folder(settings: Settings) -> Iterator[str]:
    """Where the processes of this service put their figures for whoever of them is asked for /metrics; "" if nobody may
    ask.
    """
    if settings.metrics_token is None:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="comments-figures-", ignore_cleanup_errors=True) as folder:
        yield folder


def longest_end(settings: Settings) -> float:
    """Seconds until a serving process that was asked to end has ended by itself."""
    return settings.drain_seconds + GRACE + 3


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


def serve(workers: int, role: str, figures: str, port: int, tells: int) -> None:
    """The process below the supervisor: gunicorn's arbiter with its gevent workers, on the open socket `port`; each
    writes a byte to the pipe `tells` when it serves.
    """
    settings = read_settings()
    options: dict[str, Any] = {
        "worker_class": "comments.draining.Worker",
        "bind": f"fd://{port}",
        "workers": workers,
        "worker_connections": settings.sockets + REQUESTS,
        "graceful_timeout": longest_end(settings),  # then it kills; the worker ends by itself before
        "timeout": 60,
        "keepalive": 15,
        "backlog": BACKLOG,
        "limit_request_line": 8190,
        "limit_request_fields": 60,
        "limit_request_field_size": 8190,
        "proc_name": "comments",
        "loglevel": "warning",
        "logger_class": "comments.seen.gunicorn_logs.OurLines",
        "forwarded_allow_ips": "",  # COMMENTS_TRUSTED_PROXIES decides, in http/request.py
        "post_worker_init": functools.partial(_after_loading, settings, tells),
        "worker_exit": _at_the_end,
    }

    warnings.filterwarnings("ignore", "unclosed", ResourceWarning, "gunicorn.arbiter")  # its own, of the open socket
    settings = read_settings()
    log_to_stderr(settings.log_level, settings.log_format)
    run_gunicorn(options, functools.partial(load_service, role, figures))


def load_service(role: Any, figures: str = "") -> Any:
    """The application of this role; called in the serving process, which gevent has patched. `figures`: the folder that
    it shares with others.
    """
    from comments.app import begin_tracing, create_serving_app  # noqa: PLC0415
    from comments.seen import process  # noqa: PLC0415
    from comments.seen.sharing import Sharing  # noqa: PLC0415

    settings = read_settings()
    log_to_stderr(settings.log_level, settings.log_format)
    begin_tracing(settings, role)
    app, app.extensions["comments_live"] = create_serving_app(settings, role, in_turn)
    process.tell(role)
    app.extensions["comments_sharing"] = Sharing(Path(figures) if figures else None)
    log.info("browsers are to reach the service at %s", settings.public_url)
    return app


def run_gunicorn(options: dict[str, Any], load_application: Callable[[], Any]) -> None:
    """gunicorn with gevent workers; the application is loaded in each of them, after the fork."""
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415

    class Web(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            ours = {"worker_class": "comments.edge.EdgeWorker", "control_socket_disable": True}
            for name, value in (ours | options).items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return load_application()

    Web().run()


def in_turn(app: Any) -> Any:
    """Everybody gets a turn: without it a connection whose next request is there already when it is done with one is
    served again and again, and the others wait for seconds. And nobody takes for ever to send a body.
    """
    import gevent  # noqa: PLC0415

    from comments.edge import TimedBody  # noqa: PLC0415

    def take_turn(environ: dict[str, Any], start_response: Any) -> Any:
        gevent.sleep(0)
        environ["wsgi.input"] = TimedBody(environ["wsgi.input"])
        return app(environ, start_response)

    return take_turn


def _after_loading(settings: Settings, tells: int, worker: Any) -> None:
    """In the serving process, once the application is loaded: listen, spare the collector, know how to end."""
    worker.wsgi.extensions["comments_live"].start()
    worker.wsgi.extensions["comments_sharing"].start()
    worker.drain_seconds = settings.drain_seconds
    worker.others_serve = settings.redis_url is not None
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)  # a full collection with ten thousand sockets takes half a second
    with contextlib.suppress(OSError):  # nobody listens: the supervisor is gone, and we soon
        os.write(tells, b".")


def _at_the_end(_server: Any, worker: Any) -> None:
    """In the serving process, when nothing is served any more: leave no connection to the database open."""
    if worker.wsgi is not None and "comments" in worker.wsgi.extensions:
        worker.wsgi.extensions["comments_sharing"].end()
        tracing.end()
        worker.wsgi.extensions["comments"].database.engine.dispose()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
