"""The newspaper's readers and their subscriptions: some ready-made, others sign up. Kept in one small JSON file."""

import json
import secrets
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from comments.demo import kept
from comments.demo.config import PRODUCT

Plan = Literal["none", "trial", "full", "grace", "cancelled"]

DAY = 86_400  # seconds
TRIAL, PERIOD, GRACE = 14 * DAY, 30 * DAY, 7 * DAY
MOST_READERS = 1000  # of each publication: a demo that stands open must not grow for ever
MAX_NAME = 40
STATES = {"none": "registered", "trial": "trial", "full": "active", "grace": "grace", "cancelled": "lapsed"}
ENTITLED = frozenset({"active", "trial", "grace"})  # who reads everything


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an account at the newspaper. `until`: seconds when a trial ends; None for the ready-made: never."""

    sub: str
    name: str | None
    plan: Plan = "none"
    until: float | None = None
    badges: tuple[str, ...] = ()
    note: str = ""

    def state(self, now: float) -> str:
        """The word for it in a token: registered, trial, active, grace or lapsed."""
        if self.plan == "trial" and self.until is not None and self.until <= now:
            return "lapsed"
        return STATES[self.plan]

    def reads_all(self, now: float) -> bool:
        """Whether articles for subscribers are shown whole."""
        return self.state(now) in ENTITLED

    def entitlements(self, now: float) -> list[dict[str, Any]]:
        """The claim `ent`: what the reader has, and until when (seconds)."""
        state = self.state(now)
        ends = {"trial": self.until or now + TRIAL, "active": now + PERIOD, "grace": now + GRACE}.get(state, now)
        return [{"product": PRODUCT, "state": state, "exp": int(ends)}]


KIESEL = Reader(
    "r-1001", "kiesel", "full", note="Subscriber. Has been answered, has a comment waiting and one rejected"
)
NORTHWIND = Reader("r-1002", "northwind", "full", note="Subscriber")
ON_TRIAL = Reader("r-1003", "trial-reader", "trial", note="On trial for two weeks")
REGISTERED = Reader("r-1004", "quiet-reader", note="Registered, no subscription")
LAPSED = Reader("r-1005", "former-subscriber", "cancelled", note="The subscription has ended")
NEWSROOM = Reader("r-1006", "newsroom", "full", badges=("staff",), note="From the newsroom, with a badge")
NAMELESS = Reader("r-1007", None, "full", note="New subscriber, without a display name")
AUTHOR = Reader("r-1008", "crumb", "full", badges=("author",), note="Writes for us, and answers readers’ questions")
IN_GRACE = Reader("r-1009", "grace-reader", "grace", note="The last payment failed; a few days’ grace")
SUSPENDED = Reader("r-1010", "gull", "full", note="Subscriber, suspended from the comments")
BANNED = Reader("r-1011", "rattle", "full", note="Subscriber, banned from the comments")
WARNED = Reader("r-1012", "thistle", "full", note="Subscriber, with a warning to read first")

GROUPS = (  # as the log-in page shows them
    ("May write", (KIESEL, NORTHWIND, ON_TRIAL, IN_GRACE, NAMELESS)),
    ("May not, or not yet", (REGISTERED, LAPSED, WARNED, SUSPENDED, BANNED)),
    ("Of the house", (AUTHOR, NEWSROOM)),
)
READY_MADE = tuple(reader for _, group in GROUPS for reader in group)


class Readers:
    """The readers of one publication."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._readers = {reader.sub: reader for reader in READY_MADE}
        if path.exists():
            for stored in json.loads(path.read_text()):
                self._readers[stored["sub"]] = Reader(**stored | {"badges": tuple(stored["badges"])})

    def find(self, sub: str | None) -> Reader | None:
        return None if sub is None else self._readers.get(sub)

    def groups(self) -> list[tuple[str, list[Reader]]]:
        """The ready-made, as they are by now, under the words for what they can do."""
        return [(words, [self._readers[reader.sub] for reader in group]) for words, group in GROUPS]

    def sign_up(self, name: str) -> Reader | None:
        """A new account, with or without a display name; None when there are too many."""
        name = " ".join(name.split())[:MAX_NAME]
        reader = Reader(f"r-{secrets.token_hex(8)}", name or None)
        return self._keep(reader) if len(self._readers) < MOST_READERS else None

    def subscribe(self, reader: Reader, plan: Plan, now: float) -> Reader:
        """Buy (trial, full) or cancel; the reader as they are then."""
        return self._keep(replace(reader, plan=plan, until=now + TRIAL if plan == "trial" else None))

    def _keep(self, reader: Reader) -> Reader:
        with self._lock:
            self._readers[reader.sub] = reader
            kept.replace(self._path, json.dumps([asdict(one) for one in self._readers.values()], indent=1))
        return reader
