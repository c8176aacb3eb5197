"""A publisher's server that takes webhooks' messages, and what the tests of them do: it checks every signature with the
package `standardwebhooks`, whose authors wrote the specification.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from comments.actions.webhooks import Keys, To, add_webhook
from comments.jobs.webhooks import Delivering
from comments.storage.sites import site_by_id
from comments.storage.tables import webhook_deliveries, webhooks
from comments.storage.transaction import Database
from tests.gazette import Gazette, parts_of
from tests.opinions.service import Question, Service

HERE = frozenset({"localhost"})


def keys_of(paper: Gazette) -> Keys:
    return Keys(parts_of(paper.app).settings.secret_key, HERE)


def add(paper: Gazette, url: str, *events: str) -> tuple[int, str]:
    with paper.database.transaction() as tx:
        to = To(url=url, events=events)
        return add_webhook(tx, site_by_id(tx.conn, paper.id), to, keys_of(paper))


class AtAnyTime(Webhook):
    """The package compares the time of an attempt with the machine's clock; most tests have a clock of their own."""

    def _Webhook__verify_timestamp(self, header: str) -> datetime:  # noqa: N802 - the package's own name
        return datetime.fromtimestamp(float(header), tz=UTC)


def verified(one: Question, secret: str, kind: type[Webhook] = AtAnyTime) -> Any:
    """The message, if its signature is good."""
    return kind(secret).verify(one.body, one.headers)


@dataclass
class Hooked:
    """A webhook of a paper's with its receiver."""

    paper: Gazette
    told: Service
    id: int
    secret: str
    delivering: Delivering = field(init=False)

    def __post_init__(self) -> None:
        self.delivering = self.worker(self.paper.database)

    def worker(self, database: Database) -> Delivering:
        return Delivering(database, HERE, keys_of(self.paper).secret_key)

    def send(self, most: int = 1000) -> None:
        """Deliver what is due, as the worker does."""
        while most > 0 and self.delivering.work():
            assert self.delivering.wait(20)
            most -= 1

    def heard(self) -> list[Any]:
        """What arrived, each with a good signature."""
        return [verified(one, self.secret) for one in self.told.asked]

    def types(self) -> list[str]:
        return [one["type"] for one in self.heard()]

    def deliveries(self) -> list[Any]:
        d = webhook_deliveries.c
        with self.paper.read() as conn:
            return list(conn.execute(sa.select(webhook_deliveries).where(d.webhook_id == self.id).order_by(d.id)))

    def row(self) -> Any:
        with self.paper.read() as conn:
            return conn.execute(sa.select(webhooks).where(webhooks.c.id == self.id)).one()
