"""What administrators do with a site's webhooks: add, change, try, rotate the secret, send again, remove; and what a
delivery that failed does to one. A secret is shown once, to who made it; it is in no answer later and in no log.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.sealing import seal, unseal
from comments.core.webhooks import DAY, HOUR, OFF_AFTER, TEST, Secret, new_secret, read_types, read_url, rotated
from comments.outgoing import refuse_inner
from comments.storage import webhooks as rows
from comments.storage.audit import write_audit
from comments.storage.sites import Site, lock_site
from comments.storage.telling import write_message
from comments.storage.transaction import Transaction

MOST = 20  # webhooks of a site
LONGEST_OVERLAP = 7 * DAY
CHUNK = 500  # deliveries that are begun anew in one transaction


def opened_secrets(secret_key: bytes, webhook_id: int, sealed: str) -> list[Secret]:
    """A webhook's secrets. Raises Unopened if they were sealed with another key."""
    return msgspec.json.decode(unseal(secret_key, _purpose(webhook_id), sealed), type=list[Secret])


def _sealed(secret_key: bytes, webhook_id: int, known: Sequence[Secret]) -> str:
    return seal(secret_key, _purpose(webhook_id), msgspec.json.encode(known).decode())


def _purpose(webhook_id: int) -> str:
    return f"webhook:{webhook_id}"


class To(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as it is to be."""

    url: str
    description: str | None = None
    events: Sequence[str] = ()


class Keys(msgspec.Struct, frozen=True):
    """What the operator has that actions need: the key that secrets are sealed with, and whose inner hosts are fine."""

    secret_key: bytes
    private_hosts: frozenset[str] = frozenset()


def add_webhook(tx: Transaction, site: Site, to: To, keys: Keys, *, viewer: Viewer | None = None) -> tuple[int, str]:
    """Tell an address of what happens from now on: (id, the secret that its messages are signed with). `viewer` None:
    the command line.
    """
    _require(tx, site, viewer)
    columns = _columns(to, keys)
    lock_site(tx.conn, site.id)
    if len(rows.read_webhooks(tx.conn, site.id)) >= MOST:
        raise Conflict("too_many_webhooks", f"A site has at most {MOST} webhooks.")
    secret = new_secret()
    made = rows.insert_webhook(tx.conn, site_id=site.id, secrets="", created_at=tx.now, **columns)
    rows.update_webhook(tx.conn, made, secrets=_sealed(keys.secret_key, made, [Secret(secret)]))
    _audit(tx, site, viewer, "add_webhook", made, None, msgspec.to_builtins(to))
    return made, secret


def _columns(to: To, keys: Keys, known: str | None = None) -> dict[str, Any]:
    """`known`: the address that it has already; one from before inner addresses were refused can be switched off."""
    events = read_types(to.events)
    if to.url != known:
        refuse_inner(read_url(to.url, keys.private_hosts), keys.private_hosts, "url")
    return {
        "url": to.url,
        "description": (to.description or "").strip() or None,
        "events": msgspec.json.encode(events).decode(),
    }


def change_webhook(
    tx: Transaction,
    site: Site,
    webhook_id: int,
    change: dict[str, Any],
    keys: Keys,
    *,
    viewer: Viewer | None = None,
) -> None:
    """Another address, description or events (fields of To), or `enabled`. What waits goes to the address that it has
    then; switched on again, it begins without its past.
    """
    _require(tx, site, viewer)
    row = webhook_of(tx, site, webhook_id)
    was = To(url=row.url, description=row.description, events=msgspec.json.decode(row.events))
    enabled = change.pop("enabled", row.enabled)
    to = msgspec.structs.replace(was, **change)
    columns = _columns(to, keys, row.url) | {"enabled": enabled}
    columns = {name: value for name, value in columns.items() if getattr(row, name) != value}
    if not columns:
        return
    before = {name: _shown(row, name) for name in columns}
    if "enabled" in columns:
        columns |= {"off_reason": None if enabled else "hand", "failing_since": None, "resting_until": 0}
    rows.update_webhook(tx.conn, row.id, **columns)
    now = webhook_of(tx, site, webhook_id)
    _audit(tx, site, viewer, "change_webhook", row.id, before, {name: _shown(now, name) for name in before})


def _shown(row: Any, name: str) -> Any:
    return msgspec.json.decode(row.events) if name == "events" else getattr(row, name)


def rotate_secret(
    tx: Transaction, site: Site, webhook_id: int, overlap: int, keys: Keys, *, viewer: Viewer | None = None
) -> str:
    """A new secret, which is returned and never shown again; those before it go on signing beside it for `overlap` µs
    and are forgotten then.
    """
    _require(tx, site, viewer)
    row = webhook_of(tx, site, webhook_id)
    if not 0 <= overlap <= LONGEST_OVERLAP:
        raise Malformed(f"Two secrets sign for 0 to {LONGEST_OVERLAP // HOUR} hours.", field="overlap_hours")
    secret = new_secret()
    known = rotated(opened_secrets(keys.secret_key, row.id, row.secrets), secret, tx.now, overlap)
    rows.update_webhook(tx.conn, row.id, secrets=_sealed(keys.secret_key, row.id, known))
    _audit(tx, site, viewer, "rotate_webhook_secret", row.id, None, {"overlap_hours": overlap / HOUR})
    return secret


def remove_webhook(tx: Transaction, site: Site, webhook_id: int, *, viewer: Viewer | None = None) -> None:
    """Nothing is sent any more, and the secrets are forgotten at once; the log goes with its time."""
    _require(tx, site, viewer)
    row = webhook_of(tx, site, webhook_id)
    rows.update_webhook(tx.conn, row.id, enabled=False, secrets="", deleted_at=tx.now)
    _audit(tx, site, viewer, "remove_webhook", row.id, {"url": row.url}, None)


def try_webhook(tx: Transaction, site: Site, webhook_id: int, *, viewer: Viewer | None = None) -> int:
    """Send `webhook.test`, soon, by a worker and once; the delivery's id. Raises Conflict: it is switched off."""
    _require(tx, site, viewer)
    row = webhook_of(tx, site, webhook_id)
    if not row.enabled:
        raise Conflict("webhook_off", "The webhook is switched off: switch it on first.")
    made = write_message(tx.conn, site.id, TEST, {"site": site.key, "webhook": str(row.id)}, row.id, tx.now)
    _audit(tx, site, viewer, "try_webhook", row.id, None, {"delivery": str(made)})
    return made


def replay(tx: Transaction, site: Site, webhook_id: int, ids: Sequence[int], *, viewer: Viewer | None = None) -> int:
    """Deliver these of its deliveries once more, under the ids that they had; how many it were."""
    _require(tx, site, viewer)
    row = webhook_of(tx, site, webhook_id)
    if not row.enabled:
        raise Conflict("webhook_off", "The webhook is switched off: switch it on first.")
    number = rows.begin_anew(tx.conn, row.id, ids, tx.now)
    if number:
        _audit(tx, site, viewer, "replay_webhook", row.id, None, {"deliveries": number})
    return number


def webhook_of(tx: Transaction, site: Site, webhook_id: int) -> Any:
    """The locked row. Raises NotFound."""
    row = rows.find_webhook(tx.conn, site.id, webhook_id, lock=True)
    if row is None:
        raise NotFound("webhook")
    return row


def switch_off(tx: Transaction, row: Any, *, gone: bool) -> bool:
    """Switch a webhook off whose receiver is gone, or took nothing for days; whether it was still on. The console says
    so, and the log.
    """
    if not row.enabled or not (gone or row.failing_since < tx.now - OFF_AFTER):
        return False
    reason = "gone" if gone else "failing"
    rows.update_webhook(tx.conn, row.id, enabled=False, off_reason=reason)
    write_audit(
        tx.conn, "switch_off_webhook", ("webhook", row.id), tx.now, site_id=row.site_id,
        before={"enabled": True}, after={"enabled": False}, reason=reason,
    )  # fmt: skip
    return True


def _require(tx: Transaction, site: Site, viewer: Viewer | None) -> None:
    if viewer is not None:
        require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)


def _audit(
    tx: Transaction, site: Site, viewer: Viewer | None, action: str, webhook_id: int, before: Any, after: Any
) -> None:
    write_audit(
        tx.conn, action, ("webhook", webhook_id), tx.now, site_id=site.id,
        user_id=None if viewer is None else viewer.id, before=before, after=after,
    )  # fmt: skip
