"""One scrape for all processes of a `comments serve`: each writes its numbers into a folder of the supervisor's every
second, and whoever is asked adds them up (decision 20).

Of a process that is gone the counters stay in the sum, which must never fall, and the gauges are forgotten. Whether it
is gone the kernel says: each holds a lock on a file of its own, which ends with the process however that ends.
"""

import contextlib
import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from comments.seen.meters import METERS, Gauge, Series

EVERY = 1.0  # seconds between two writings
BETWEEN = "\x1f"  # labels in a file
Numbers = dict[str, Series]  # of a process, or of all: by the meter's name
Written = dict[str, dict[str, list[float]]]


class Past(msgspec.Struct):
    """What processes counted that are gone. `names`: whose files were added already and may still lie there."""

    numbers: Written = {}
    names: list[str] = []


def own_numbers() -> Numbers:
    return {name: meter.series() for name, meter in METERS.items()}


class Sharing:
    """A process among those that share `folder`; None: it is alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._held: int | None = None
        self._writing = threading.Lock()
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to write. Called in the process itself, after the fork."""
        if self._folder is None:
            return
        self._held = os.open(self._folder / f"{self._name}.lives", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._held, fcntl.LOCK_EX)
        self._write(own_numbers())
        threading.Thread(target=self._go_on, daemon=True, name="figures").start()

    def end(self) -> None:
        """The last numbers, before the process ends."""
        self._ended.set()
        if self._held is not None:
            self._write(own_numbers())

    def total(self) -> Numbers:
        """Of all processes. What it tells of this one is written first: should it die, nothing of that is lost."""
        own = own_numbers()
        if self._folder is None or self._held is None:
            return own
        self._write(own)
        with self._sorted_out(self._folder) as past:
            found: Numbers = {}
            _add(found, past.numbers)
            for path in self._folder.glob("*.json"):
                with contextlib.suppress(OSError, msgspec.DecodeError):
                    _add(found, msgspec.json.decode(path.read_bytes(), type=Written), path.stem != self._name)
        return found

    def _go_on(self) -> None:
        while not self._ended.wait(EVERY):
            with contextlib.suppress(OSError):  # the folder is gone: the supervisor is, and we soon
                self._write(own_numbers())

    def _write(self, numbers: Numbers) -> None:
        assert self._folder is not None
        written = {
            name: {BETWEEN.join(labels): values for labels, values in series.items()}
            for name, series in numbers.items()
            if series
        }
        with self._writing:
            _replace(self._folder / f"{self._name}.json", msgspec.json.encode(written))

    @contextlib.contextmanager
    def _sorted_out(self, folder: Path) -> Iterator[Past]:
        """The past, with all in it that are gone by now. Nobody else sorts meanwhile."""
        with (folder / "sorting").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            kept = folder / "past"
            past = msgspec.json.decode(kept.read_bytes(), type=Past) if kept.exists() else Past()
            gone = [path for path in folder.glob("*.lives") if _is_gone(path)]
            for path in gone:
                numbers = path.with_suffix(".json")
                if path.stem not in past.names and numbers.exists():
                    _add_past(past.numbers, msgspec.json.decode(numbers.read_bytes(), type=Written))
                    past.names.append(path.stem)
            if gone:
                _replace(kept, msgspec.json.encode(past))
                for path in gone:
                    path.with_suffix(".json").unlink(missing_ok=True)
                    path.unlink(missing_ok=True)
            yield past


def _is_gone(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all, for those who read meanwhile."""
    aside = path.with_suffix(".new")
    aside.write_bytes(data)
    aside.replace(path)


def _add(total: Numbers, written: Written, is_other: bool = True) -> None:
    """Meters and shapes of another version are left out."""
    for name, series in written.items():
        meter = METERS.get(name)
        if meter is None or (is_other and isinstance(meter, Gauge) and meter.is_shared):
            continue
        of_name = total.setdefault(name, {})
        for joined, values in series.items():
            labels = tuple(joined.split(BETWEEN)) if meter.labels else ()
            if len(values) == meter.width and len(labels) == len(meter.labels):
                before = of_name.get(labels)
                of_name[labels] = values if before is None else [a + b for a, b in zip(before, values, strict=True)]


def _add_past(past: Written, written: Written) -> None:
    for name, series in written.items():
        meter = METERS.get(name)
        if meter is None or meter.kind == "gauge":
            continue
        of_name = past.setdefault(name, {})
        for joined, values in series.items():
            before = of_name.get(joined, [0.0] * len(values))
            if len(before) == len(values):
                of_name[joined] = [a + b for a, b in zip(before, values, strict=True)]
