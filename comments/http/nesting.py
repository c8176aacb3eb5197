"""Rows of a thread, as the public sees them, hung below each other: what a page without JavaScript prints.

The same places as frontend/shared/thread_view.ts gives them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comments.core.markup import stored
from comments.core.policy import THE_PUBLIC
from comments.core.site import is_http_url
from comments.core.status import Status
from comments.core.thread import Cursor

DEEPEST_HEADING = 6


@dataclass(slots=True, eq=False)
class Shown:
    """One comment. `body` None: a stub. `answers`: what it replies to, where that is not what it stands below; `more`:
    how many replies are elsewhere, `after` the cursor of the last that is here.
    """

    row: Any
    body: str | None  # Markup, which templates print as it stands
    badges: list[str]
    children: list["Shown"] = field(default_factory=list)
    answers: Any = None
    more: int = 0
    after: str | None = None

    @property
    def heading(self) -> int:
        """Level of its heading; the page's own is 1."""
        return min(int(self.row.depth) + 2, DEEPEST_HEADING)

    @property
    def avatar(self) -> str | None:
        url = self.row.avatar
        return url if url and url.startswith("https:") and is_http_url(url) else None


def shown_in_full(rows: Iterable[Any]) -> list[int]:
    """The ids of those comments whose text the public sees."""
    return [row.id for row in rows if _sight(row) == "full"]


def nest(rows: Sequence[Any], html: Mapping[int, str], elsewhere: Mapping[int, Any] | None = None) -> list[Shown]:
    """The topmost of these rows with all others below them, in the order of the rows. `html`: the texts of those
    shown in full; `elsewhere`: what is answered and not among the rows.
    """
    nodes = {row.id: _shown(row, html) for row in rows}
    top = []
    hangs: dict[int, Shown | None] = {}
    for row in rows:
        node, above = nodes[row.id], _above(row, nodes, hangs)
        hangs[row.id] = above
        if above is None:
            top.append(node)
            continue
        above.children.append(node)
        if row.parent_id != above.row.id:
            parent = nodes.get(row.parent_id)
            node.answers = parent.row if parent else (elsewhere or {}).get(row.parent_id)
    return top


def count_rest(top: Iterable[Shown]) -> None:
    """Say of each of these how many replies are not below it here."""
    for node in top:
        below = list(_below(node))
        counted = below if node.row.depth == 0 else node.children  # a root counts all of its replies, others their own
        node.more = max(0, node.row.reply_count - sum(one.row.status == Status.PUBLISHED for one in counted))
        if counted:
            at, last = max((one.row.created_at, one.row.id) for one in counted)
            node.after = Cursor("replies", at, last).encode()


def _shown(row: Any, html: Mapping[int, str]) -> Shown:
    if _sight(row) != "full":
        return Shown(row, None, [])
    return Shown(row, stored(html[row.id]), msgspec.json.decode(row.badges or "[]", type=list[str]))


def _sight(row: Any) -> str:
    return THE_PUBLIC.admits(row.status, row.member_id, row.visible_children)


def _above(row: Any, nodes: Mapping[int, Shown], hangs: Mapping[int, Shown | None]) -> Shown | None:
    """What a reply hangs on: its parent or, at the deepest level, what that hangs on; its root if that is not here.

    `hangs`: what is known of rows before this one, so that a long chain at the deepest level is not walked for each.
    """
    if row.depth == 0:
        return None
    above = nodes.get(row.parent_id)
    while above is not None and above.row.depth >= row.depth and above.row.parent_id is not None:
        if above.row.depth == row.depth and above.row.id in hangs:
            return hangs[above.row.id]
        above = nodes.get(above.row.parent_id)
    return above or nodes.get(row.root_id)


def _below(node: Shown) -> Iterable[Shown]:
    for child in node.children:
        yield child
        yield from _below(child)
