"""The newspaper's readers and their subscriptions: some ready-made, others sign up. Kept in one small JSON file."""

import json
import secrets
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from comments.demo import kept
from comments.demo.config import PRODUCT

Plan = Literal["none", "trial", "full", "cancelled"]

DAY = 86_400  # seconds
TRIAL, PERIOD = 14 * DAY, 30 * DAY
MOST_READERS = 1000  # of each publication: a demo that stands open must not grow for ever
MAX_NAME = 40


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
        """The word for it in a token: registered, trial, active or lapsed."""
        if self.plan == "trial" and self.until is not None and self.until <= now:
            return "lapsed"
        return {"none": "registered", "trial": "trial", "full": "active", "cancelled": "lapsed"}[self.plan]

    def entitlements(self, now: float) -> list[dict[str, Any]]:
        """The claim `ent`: what the reader has, and until when (seconds)."""
        state = self.state(now)
        ends = {"trial": self.until or now + TRIAL, "active": now + PERIOD}.get(state, now)
        return [{"product": PRODUCT, "state": state, "exp": int(ends)}]


READY_MADE = (
    Reader("r-1001", "kiesel", "full", note="subscriber"),
    Reader("r-1002", "northwind", "full", note="subscriber"),
    Reader("r-1003", "trial-reader", "trial", note="on trial for two weeks"),
    Reader("r-1004", "quiet-reader", note="registered, no subscription"),
    Reader("r-1005", "former-subscriber", "cancelled", note="subscription has ended"),
    Reader("r-1006", "newsroom", "full", badges=("staff",), note="from the newsroom, with a badge"),
    Reader("r-1007", None, "full", note="subscriber without a display name"),
)


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

    def ready_made(self) -> list[Reader]:
        return [self._readers[reader.sub] for reader in READY_MADE]

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
