"""What an account of the console sets for itself. Nobody else sees it: no entry in the log."""

import msgspec

from comments.core.identity import Viewer
from comments.core.keys import check_keys
from comments.storage.sites import find_user, update_user
from comments.storage.transaction import Transaction


def change_keys(tx: Transaction, viewer: Viewer, keys: dict[str, str | None]) -> None:
    """Set one's keys: what is not named is as usual. Raises Malformed."""
    assert viewer.id is not None
    kept = msgspec.json.decode(find_user(tx.conn, user_id=viewer.id).preferences)
    kept["keys"] = check_keys(keys)
    update_user(tx.conn, viewer.id, preferences=msgspec.json.encode(kept).decode())
