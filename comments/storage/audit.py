"""The append-only log of what was decided and configured: who, when, what before and after, why."""

from typing import Any

import msgspec
import sqlalchemy as sa

from comments.storage.tables import audit


def write_audit(
    conn: sa.Connection,
    action: str,
    subject: tuple[str, int],
    now: int,
    *,
    site_id: int | None,
    user_id: int | None = None,
    before: Any = None,
    after: Any = None,
    reason: str | None = None,
    note: str | None = None,
) -> None:
    """Append one entry. `subject`: (type, id); `before` and `after`: JSON values; `user_id` None: the command line or
    the service.
    """
    conn.execute(
        sa.insert(audit).values(
            site_id=site_id,
            user_id=user_id,
            action=action,
            subject_type=subject[0],
            subject_id=subject[1],
            before=None if before is None else msgspec.json.encode(before).decode(),
            after=None if after is None else msgspec.json.encode(after).decode(),
            reason=reason,
            note=note,
            created_at=now,
        )
    )
