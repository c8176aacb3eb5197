"""Figures and how they are made of rounds: medians, spreads, percentiles, the table. Knows no service."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Figure:
    """One line of the table. `rounds`: what was measured in each; `limits`: what the machine gave right after each.

    `p50`, `p99`: milliseconds, medians of the rounds' own; `cpu`: milliseconds of processor that the service took for
    one of them, which other work on the machine disturbs least, and `limit_cpu` that of the limit. `target`: in words;
    `reached`: None without one. `doubt`: why the figure says nothing.
    """

    part: str
    what: str
    unit: str
    rounds: list[float]
    limits: list[float] = field(default_factory=list)
    p50: float | None = None
    p99: float | None = None
    cpu: float | None = None
    limit_cpu: float | None = None
    target: str = ""
    reached: bool | None = None
    doubt: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return statistics.median(self.rounds)

    @property
    def limit(self) -> float | None:
        return statistics.median(self.limits) if self.limits else None

    @property
    def ratio(self) -> float | None:
        """The median of the rounds, each against its own limit."""
        pairs = zip(self.rounds, self.limits, strict=True) if self.limits else ()
        return statistics.median([one / limit for one, limit in pairs]) if self.limits else None

    @property
    def cpu_ratio(self) -> float | None:
        """The same by the processor's time alone: the limit's over the service's."""
        return self.limit_cpu / self.cpu if self.limit_cpu and self.cpu else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"value": self.value, "ratio": self.ratio, "cpu_ratio": self.cpu_ratio}


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of them do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def at_most(figure: Figure, limit: float, words: str) -> Figure:
    figure.target, figure.reached = words, figure.value <= limit
    return figure


def at_least(figure: Figure, limit: float, words: str) -> Figure:
    figure.target, figure.reached = words, figure.value >= limit
    return figure


def number(value: float | None) -> str:
    """As much of it as was measured: four digits at most behind no more than two places."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


COLUMNS = (
    "part", "what", "median", "lowest–highest", "unit", "p50 ms", "p99 ms", "CPU ms", "limit", "ratio", "by CPU",
    "target", "",
)  # fmt: skip


def table(figures: Iterable[Figure]) -> str:
    """The figures as lines of equal columns."""
    rows = [COLUMNS, *map(_row, figures)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    right = {2, 3, 5, 6, 7, 8, 9, 10}
    lines = []
    for row in rows:
        cells = [row[at].rjust(width) if at in right else row[at].ljust(width) for at, width in enumerate(widths)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    spread = f"{number(min(figure.rounds))}–{number(max(figure.rounds))}" if len(figure.rounds) > 1 else ""
    reached = {None: "", True: "reached", False: "MISSED"}[figure.reached]
    return (
        figure.part, figure.what, number(figure.value), spread, figure.unit, number(figure.p50),
        number(figure.p99), number(figure.cpu), number(figure.limit), ratio(figure.ratio),
        ratio(figure.cpu_ratio),
        figure.target, f"DOUBTFUL: {figure.doubt}" if figure.doubt else reached,
    )  # fmt: skip
