"""Counters, gauges and histograms of this process: plain numbers in dictionaries, cheap to add to, read at a scrape.

Labels are words of our own (endpoint templates, kinds, reasons), never what somebody sent; should that ever fail, a
meter stops growing at MOST_SERIES.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Literal

Labels = tuple[str, ...]
Series = dict[Labels, list[float]]  # counter and gauge: [value]; histogram: [in each bucket…, above all, sum]
Kind = Literal["counter", "gauge", "histogram"]

MOST_SERIES = 2_000  # of one meter; what comes then is counted as OTHER
OTHER = "other"
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
SLOW = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)  # seconds

METERS: dict[str, "Meter"] = {}


class Meter:
    """One name with its series. `collect` adds numbers that are kept elsewhere and only read at a scrape."""

    def __init__(self, kind: Kind, name: str, what: str, labels: Labels = (), buckets: tuple[float, ...] = ()) -> None:
        self.kind, self.name, self.what, self.labels, self.buckets = kind, name, what, labels, buckets
        self.collect: Callable[[], Iterable[tuple[Labels, float]]] = tuple
        self._series: Series = {}
        self._lock = threading.Lock()
        METERS[name] = self

    @property
    def width(self) -> int:
        """How many numbers a series has."""
        return len(self.buckets) + 2 if self.kind == "histogram" else 1

    def series(self) -> Series:
        """A copy of what was counted so far."""
        with self._lock:
            found = {labels: list(numbers) for labels, numbers in self._series.items()}
        for labels, number in self.collect():
            found.setdefault(labels, [0.0])[0] += number
        return found

    def _of(self, labels: Labels) -> list[float]:
        numbers = self._series.get(labels)
        if numbers is None:
            if len(self._series) >= MOST_SERIES:
                labels = (OTHER,) * len(self.labels)
            numbers = self._series.setdefault(labels, [0.0] * self.width)
        return numbers


class Counter(Meter):
    def __init__(self, name: str, what: str, *labels: str) -> None:
        super().__init__("counter", name, what, labels)

    def add(self, *labels: str, by: float = 1) -> None:
        with self._lock:
            self._of(labels)[0] += by


class Gauge(Meter):
    """What `collect` finds at a scrape. `is_shared`: of all processes the same (the database, the disk), so that only
    the one that is asked tells it.
    """

    def __init__(self, name: str, what: str, *labels: str, is_shared: bool = False) -> None:
        super().__init__("gauge", name, what, labels)
        self.is_shared = is_shared


class Histogram(Meter):
    def __init__(self, name: str, what: str, *labels: str, buckets: tuple[float, ...] = QUICK) -> None:
        super().__init__("histogram", name, what, labels, buckets)

    def observe(self, value: float, *labels: str) -> None:
        with self._lock:
            numbers = self._of(labels)
            numbers[bisect_left(self.buckets, value)] += 1
            numbers[-1] += value
