"""Whom a text mentions: found among the people of its thread, marked in its tree, and who of them is to hear of it."""

from dataclasses import replace

from comments.core.mentions import marked, wanted
from comments.core.moderation.findings import Draft
from comments.storage.mentions import read_named
from comments.storage.transaction import Connection


def mention(
    conn: Connection, site_id: int, article_id: int, draft: Draft, by: int, answered: int | None = None
) -> tuple[Draft, list[int]]:
    """The draft with its mentions marked, and the members to tell: neither `by`, who wrote it, nor those who muted
    them. Of two with one name it is the one who is `answered`, else who is here longer: nobody takes another's mentions
    by taking their name. A text without an `@` costs nothing.
    """
    keys = wanted(draft.tree) if "@" in draft.text else set()
    if not keys:
        return draft, []
    named = read_named(conn, site_id, article_id, keys, by)
    people: dict[str, int] = {}
    for row in named:
        if row.name_key not in people or row.id == answered:
            people[row.name_key] = row.id
    if not people:
        return draft, []
    tree, found = marked(draft.tree, people)
    silent = {row.id for row in named if row.deaf} | {by}
    return replace(draft, tree=tree), [one for one in found if one not in silent]
