"""`comments serve` as processes: this one opens the port and watches over those that serve and those beside them.

The port stays open while serving processes come and go: who connects meanwhile waits for a moment and is served. Little
is imported here; what serves is in serving.py, in processes of their own.
"""

import ctypes
import logging
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from comments.settings import SettingsError

log = logging.getLogger(__name__)

GRACE = 10  # seconds for requests in flight at a stop
BACKLOG = 4096  # connections that may wait for a serving process
QUICK_DEATH = 5.0  # seconds; a child that dies faster is restarted more slowly
LOOK = 0.2  # seconds between two looks at the children
Command = Sequence[str]


def open_port(host: str, port: int) -> socket.socket:
    """The listening socket, which children inherit. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno) if isinstance(error.errno, int) and error.errno > 0 else error
        raise SettingsError(
            f"Port {port} of {host} cannot be used ({why}): choose another with --port or COMMENTS_PORT."
        ) from error


class Child:
    """One process that is to run as long as we do; of its own group, so that Ctrl-C reaches it from here alone."""

    def __init__(self, command: Command, inherits: tuple[int, ...] = ()) -> None:
        self._command, self._inherits = command, inherits
        self.process: subprocess.Popen[bytes]
        self._started = 0.0

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own programs # nosec B603
            self._command,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509
            pass_fds=self._inherits,
        )

    def is_due(self) -> bool:
        """Whether it died and is to be started again: at once or, if it died young, a few seconds later."""
        return self.process.poll() is not None and time.monotonic() - self._started >= QUICK_DEATH

    def keep_running(self) -> None:
        if self.is_due():
            log.error("%s ended with status %s and is started again", self._command[-1], self.process.returncode)
            self.start()

    def end(self, within: float = GRACE) -> None:
        """Wait until it ends, which it was asked to."""
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Serving(Child):
    """The process above those that serve on `port`. Each of them writes a byte into a pipe when it begins to; the pipe
    is the last argument of the command.
    """

    def __init__(self, command: Command, port: int, workers: int) -> None:
        self._told, self._tells = os.pipe()
        super().__init__([*command, str(port), str(self._tells)], (port, self._tells))
        self._awaited = workers

    @property
    def is_ready(self) -> bool:
        return self._awaited == 0

    def start(self) -> None:
        super().start()
        os.close(self._tells)

    def look(self, seconds: float) -> None:
        """Wait so long, but no longer than until it is ready."""
        if self.is_ready or self.process.poll() is not None:
            time.sleep(seconds)
        elif select.select([self._told], [], [], seconds)[0]:
            self._awaited = max(0, self._awaited - len(os.read(self._told, self._awaited)))

    def end(self, within: float = GRACE) -> None:
        super().end(within)
        os.close(self._told)


@dataclass(slots=True)
class Supervisor:
    """Runs `web` on a port and, once that serves, the processes `beside` it: on one core they would delay the first
    answer.
    """

    web: Command
    port: socket.socket
    workers: int
    longest_end: float  # seconds that those who serve may take to end
    beside: Sequence[Command] = ()
    _serving: Serving = field(init=False)
    _coming: Serving | None = None  # that is to take the place of `_serving`
    _others: list[Child] = field(default_factory=list)
    _leaving: list[Child] = field(default_factory=list)
    _signals: list[int] = field(default_factory=list)

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until serving could not begin; the exit status. SIGHUP: see `_renew`."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _frame: self._signals.append(number))
        self._serving = self._start_serving()
        try:
            while not {signal.SIGTERM, signal.SIGINT} & {*self._signals}:
                (self._coming or self._serving).look(LOOK)
                if self._serving.process.poll() is not None and not self._serving.is_ready:
                    return self._serving.process.returncode or 1
                self._keep_everything_running()
                self._renew()
        finally:
            self._end()
        return 0

    def _start_serving(self) -> Serving:
        serving = Serving(self.web, self.port.fileno(), self.workers)
        serving.start()
        return serving

    def _keep_everything_running(self) -> None:
        if self._serving.is_due():
            log.error("what served ended with status %s and is started again", self._serving.process.returncode)
            self._serving.end()
            self._serving = self._start_serving()
        elif self._serving.is_ready and not self._others:
            self._others = [Child(command) for command in self.beside]
            for child in self._others:
                child.start()
        for child in self._others:
            child.keep_running()
        self._leaving = [child for child in self._leaving if child.process.poll() is None]

    def _renew(self) -> None:
        """After SIGHUP: new processes are started and, when they serve, the old ones are asked to end."""
        if self._coming is None:
            if signal.SIGHUP in self._signals:
                self._signals.remove(signal.SIGHUP)
                self._coming = self._start_serving()
        elif self._coming.is_ready:
            self._serving.process.send_signal(signal.SIGUSR1)  # others serve: see draining.py
            self._leave([self._serving, *self._others])
            self._serving, self._coming, self._others = self._coming, None, []
        elif self._coming.process.poll() is not None:
            log.error("the new processes did not start; the old ones go on")
            self._coming.end()
            self._coming = None

    def _leave(self, children: Sequence[Child]) -> None:
        for child in children:
            child.process.terminate()
        self._leaving += children

    def _end(self) -> None:
        self.port.close()  # whoever connects from now on is refused, and a proxy asks elsewhere
        self._leave([self._serving, *self._others, *([self._coming] if self._coming else [])])
        until = time.monotonic() + self.longest_end + 2
        for child in self._leaving:
            child.end(max(0.1, until - time.monotonic()))


def _end_with_parent() -> None:
    """Linux: SIGTERM when the parent dies, also when it is killed."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)
