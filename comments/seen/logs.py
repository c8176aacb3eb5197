"""Log lines: one an event, for people or as JSON, in every process the same; nothing in them that came from outside.

A line's own words are ours. An exception is told by its class, its code and where it came from, but not in its own
words, which may hold what somebody wrote: but for those that speak of machines alone. Control characters are escaped,
so that nobody can begin a line.
"""

import json
import logging
import re
import sys
import threading
import time
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from comments.settings import LogFormat

OF_MACHINES = re.compile(r"(08|53|57|58)...")  # SQLSTATE: connections, room, the operator, the system
OF_DISKS = re.compile(r"database (is locked|or disk is full|disk image is malformed)|disk I/O error|unable to open")
FIELDS = ("request", "method", "endpoint", "status", "ms", "bytes", "site", "job")  # that a line may have besides
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LONGEST = 2_000  # characters of one value

request_id: ContextVar[str] = ContextVar("request_id", default="")


def plainly(error: BaseException) -> str:
    """An exception in words that may be logged: its class and code, and its text if it speaks of machines alone."""
    cause = getattr(error, "orig", None) or error  # what SQLAlchemy wraps
    code = getattr(cause, "sqlstate", None)
    name = type(error).__name__ + (f" {code}" if code else "")
    text = str(cause).partition("\n")[0]
    return f"{name}: {text}" if _speaks_of_machines(cause, code, text) else name


def _speaks_of_machines(error: BaseException, code: str | None, text: str) -> bool:
    if isinstance(error, OSError) or getattr(error, "speaks_of_machines", False):
        return True
    if code is not None:
        return OF_MACHINES.fullmatch(code) is not None
    return type(error).__name__ == "OperationalError" and (
        "connection" in text or OF_DISKS.match(text) is not None  # without a code: libpq's, and SQLite's
    )


def escaped(text: str) -> str:
    """Without anything that a terminal or a reader of lines would take for more than a letter."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text[:LONGEST])


class Line(logging.Formatter):
    """One record as a line. `as_json`: as an object with the fields of FIELDS."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{record.msecs:03.0f}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": escaped(_message(record)),
        }
        request = getattr(record, "request", "") or request_id.get()
        told |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if request:
            told["request"] = escaped(request)
        trace = _trace(record.exc_info[1]) if record.exc_info and record.exc_info[1] is not None else []
        if self._as_json:
            return json.dumps(told | ({"trace": trace} if trace else {}), ensure_ascii=True)
        rest = " ".join(f"{name}={value}" for name in FIELDS if (value := told.get(name)) is not None)
        words = [told["time"], told["level"], told["logger"], told["message"], rest]
        return "\n    ".join([" ".join(filter(None, words)), *trace])


def _message(record: logging.LogRecord) -> str:
    """With exceptions among its arguments told plainly."""
    arguments = record.args
    if isinstance(arguments, tuple):
        arguments = tuple(plainly(one) if isinstance(one, BaseException) else one for one in arguments)
    try:
        return str(record.msg) % arguments if arguments else str(record.msg)
    except (TypeError, ValueError):  # a library's own slip
        return str(record.msg)


def _trace(error: BaseException) -> list[str]:
    """Where it came from, the innermost last, each cause before what it caused; the frames' lines are of our code."""
    seen: set[int] = set()
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    lines = []
    for link in reversed(chain):
        frames = traceback.extract_tb(link.__traceback__)[-30:]
        lines += [escaped(f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}") for frame in frames]
        lines.append(escaped(plainly(link)))
    return lines


def log_to_stderr(level: str, log_format: LogFormat) -> None:
    """Set this process up: our lines for all that is logged, and for what would be printed past it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(log_format == "json"))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in ("alembic", "engineio", "socketio", "geventwebsocket", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda one: _log_uncaught(one.exc_value)
    threading.excepthook = lambda one: _log_uncaught(one.exc_value)
    gevent = sys.modules.get("gevent")
    if gevent is not None:
        gevent.get_hub().print_exception = lambda _context, _kind, value, _trace: _log_uncaught(value)


def speak_for(*names: str) -> None:
    """These loggers have handlers of their own: from now on they go the way of all others."""
    for name in names:
        one = logging.getLogger(name)
        one.handlers.clear()
        one.propagate = True


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log_uncaught(error)


def _log_uncaught(error: BaseException | None) -> None:
    logging.getLogger("comments").error("nobody caught this", exc_info=error)
