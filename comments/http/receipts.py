"""Comments as their authors get them, with receipts, in a language that they read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from comments.actions.open_appeals import somebody_else
from comments.core.errors import Refused
from comments.core.identity import Viewer
from comments.core.policy import Subject
from comments.core.present import Json, present_private
from comments.core.receipt import Standing, Wording, present_plea, receipt, told, told_findings
from comments.core.site import SiteSettings
from comments.core.times import time_text
from comments.http.wording import wording, wording_in
from comments.storage.appeals import plea_of, standings_of
from comments.storage.sites import Site


def present_own(conn: Any, rows: Sequence[Any], settings: SiteSettings, now: int) -> list[Json]:
    """Comments for whoever wrote them."""
    standings = standings_of(conn, rows)
    words = wording(settings)
    return [for_author(row, standings[row.id], words, now) for row in rows]


def for_author(row: Any, standing: Standing, words: Wording, now: int) -> Json:
    """A comment for its author: what stands against it and what they are told, and nothing that moderators know."""
    return present_private(row, told_findings(standing)) | {"receipt": receipt(standing, words, now)}


@contextmanager
def telling_words(text: str) -> Iterator[None]:
    """A refusal names the words as they stand in the text, not the entries of the site's lists."""
    try:
        yield
    except Refused as error:
        error.extras["finding"] = told(error.extras["finding"], text)
        raise


def present_outcome(appeal: Any) -> Json:
    """For the author of a comment that is public again."""
    plea = present_plea(plea_of(appeal))
    return {"comment_id": str(appeal.comment_id)} | {name: plea[name] for name in ("state", "note", "decided_at")}


def present_receipts(standings: Mapping[int, Standing], site: Site, now: int) -> dict[int, Json | None]:
    """What the authors of these comments are told, for moderators: in the site's own language."""
    words = wording_in(site.settings)
    return {key: receipt(standing, words, now) for key, standing in standings.items()}


def present_appeals(
    conn: Any, appeals: Mapping[int, Any], articles: Mapping[int, Any], viewer: Viewer, site: Site, now: int
) -> dict[int, Json]:
    """Appeals for a moderator; they and the articles: by comment id."""

    @cache  # asked once for a section, however many appeals of it there are
    def others_decide(section: str | None) -> bool:
        return somebody_else(conn, viewer, Subject(site.id, site.settings, section=section), now)

    shown = {}
    for key, appeal in appeals.items():
        by_me = appeal.against_id is not None and appeal.against_id == viewer.id
        is_open = appeal.decided_at is None
        shown[key] = _appeal(appeal, by_me, is_open and not (by_me and others_decide(articles[key].section)))
    return shown


def _appeal(appeal: Any, by_me: bool, decidable: bool) -> Json:
    by = "machine" if appeal.decision_id is None else "moderator"
    against = {"by": by, "by_me": by_me, "name": appeal.against, "reason": appeal.against_reason}
    about = {
        "id": str(appeal.id),
        "created_at": time_text(appeal.created_at),
        "against": against,
        "decidable": decidable,
    }
    return about | present_plea(plea_of(appeal))
