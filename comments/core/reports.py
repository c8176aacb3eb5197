"""What readers' reports are worth, and what many of them at once look like. Pure."""

import hashlib
import hmac
import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from comments.core.entitlement import SECOND

LEAST, MOST = 20, 200  # hundredths that one report counts
DAY = 86_400 * SECOND

ENOUGH = 3  # reports below which nothing is suspected
YOUNG = 7 * DAY  # accounts that were no older when they reported
BURST = 10 * 60 * SECOND  # most of the reports within this time


def weight_of(upheld: int, rejected: int) -> int:
    """How much a member's report counts, in hundredths: twice the share of their reports that were right, where two
    more are thought of, one of each kind; somebody new counts 100.
    """
    return max(LEAST, min(MOST, round(200 * (upheld + 1) / (upheld + rejected + 2))))


def hides(weight: int, limit: int) -> bool:
    """Whether reports of this weight hide a comment. `limit`: RuleSet.hide_reports, 0 = never."""
    return limit > 0 and weight >= limit * 100


def source_of(address: str, salt: str) -> str | None:
    """The same for reports from one network (/24, or /48 of IPv6) on one day, and nobody finds the address from it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    network = ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False)
    return hmac.new(salt.encode(), str(network.network_address).encode(), hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One report with what is known of who made it. Times µs UTC."""

    at: int
    weight: int
    first_seen: int
    has_commented: bool
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Brigading:
    """Whether the reports look arranged; `why`: every sign of it, also where they are not enough."""

    suspected: bool
    why: tuple[str, ...]


def brigading(reports: Sequence[Told]) -> Brigading:
    """Signs that reports were arranged: each holds for more than half of them. Two signs make it suspected; a moderator
    decides, nothing follows by itself.
    """
    if len(reports) < ENOUGH:
        return Brigading(False, ())
    sources = Counter(report.source for report in reports if report.source is not None)
    first = sorted(report.at for report in reports)
    most = len(reports) // 2 + 1  # so many are more than half
    spans = (last - begin for begin, last in zip(first, first[most - 1 :], strict=False))
    signs = {
        "young_accounts": sum(report.at - report.first_seen < YOUNG for report in reports) >= most,
        "one_source": max(sources.values(), default=0) >= most,
        "never_commented": sum(not report.has_commented for report in reports) >= most,
        "little_trusted": sum(report.weight < 100 for report in reports) >= most,
        "burst": min(spans) <= BURST,
    }
    why = tuple(sign for sign, holds in signs.items() if holds)
    return Brigading(len(why) >= 2, why)
