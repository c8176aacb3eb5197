"""A real `comments serve` or `demo` or `worker`, run as an operator would run it; conftest.py makes fixtures of it."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.servers import ServerError, wait_until

COMMENTS = Path(sys.executable).parent / "comments"
STARTS_WITHIN = 60.0  # seconds; the first start compiles modules and migrates
STOPS_WITHIN = 30.0  # seconds after SIGTERM
SIGNS_OF_TROUBLE = ("Traceback", "Warning:", "ERROR", "CRITICAL")


class Served:
    """One running command. `url`: without a slash at the end; `log()`: what it printed; `pid`: of the parent;
    `program`: the `comments` of another installation.
    """

    def __init__(
        self, command: list[str], environ: Mapping[str, str], url: str, log_path: Path, program: Path = COMMENTS
    ) -> None:
        self.url = url
        self.command = command
        self.environ = dict(environ)
        self._log_path = log_path
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [program, *command],
                cwd=log_path.parent,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default"} | self.environ

    def log(self) -> str:
        return self._log_path.read_text(errors="replace")

    def wait_until_ready(self, within: float = STARTS_WITHIN) -> "Served":
        """Wait for /readyz; a process that ended or never answers is an error with its log."""
        try:
            wait_until(lambda: not self.is_running() or self._is_ready(), f"{self.url}/readyz", within)
        except TimeoutError as error:
            raise ServerError(f"{error}\n{self.log()}") from None
        if not self.is_running():
            raise ServerError(f"it ended with exit code {self._process.returncode}:\n{self.log()}")
        return self

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and wait; its exit code. One that does not stop is killed with its children: an error."""
        if self.is_running():
            self._process.send_signal(by)
        try:
            return self._process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"it did not stop within {STOPS_WITHIN} s of {by.name}:\n{self.log()}") from None

    def kill(self) -> None:
        """End it and everything it started at once, as a power cut would."""
        for pid in [self.pid, *descendants(self.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def complaints(self) -> list[str]:
        """Lines of the log that a healthy run does not have."""
        return [line for line in self.log().splitlines() if any(sign in line for sign in SIGNS_OF_TROUBLE)]


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that they started."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state_and_parent = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(state_and_parent[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]
