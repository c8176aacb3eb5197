"""What a site tells the authors of held and rejected comments: its own words in place of the house's."""

from collections.abc import Mapping

import msgspec

from comments.core.characters import clean
from comments.core.errors import Malformed
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.receipt import PLACE
from comments.core.site import read_settings, to_store
from comments.storage.audit import write_audit
from comments.storage.sites import Site, lock_site, site_by_id, update_settings
from comments.storage.transaction import Transaction

PLAIN: dict[str, set[str]] = {"waiting": set(), "note": {"note"}}  # not about what a rule found
BANNED = "banned_author"  # a reason of the service: comments that waited when their author was banned


def places_of(site: Site, house: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """The reasons that a site may have words for, those of the house and its own for rejections, each with the places
    that are filled in its text. `house`: reason → language → text.
    """
    found = {
        reason: sorted({name for text in texts.values() for name in PLACE.findall(text)} | PLAIN.get(reason, {"words"}))
        for reason, texts in house.items()
        if not reason.startswith("decision")
    }
    rejections = ["decision", "decision_without_reason"]
    rejections += [f"decision.{reason}" for reason in (*site.settings.reject_reasons, BANNED)]
    return found | {reason: ["note", "reason"] for reason in rejections}


def change_text(
    tx: Transaction,
    viewer: Viewer,
    site: Site,
    reason: str,
    language: str,
    text: str | None,
    places: dict[str, list[str]],
) -> Site:
    """Say it in the site's own words from now on; without `text` in those of the house again. Raises Malformed."""
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
    if reason not in places:
        raise Malformed(f"There is no reason {reason!r} here.", field="reason")
    text = clean(text).strip() if text is not None else None
    unknown = sorted(set(PLACE.findall(text or "")) - set(places[reason]))
    if unknown:
        filled = ", ".join(f"{{{name}}}" for name in places[reason])
        raise Malformed(f"Nothing fills {{{unknown[0]}}} here; there are {filled}.", field="text")
    lock_site(tx.conn, site.id)  # two who change texts at once do not undo each other
    settings = site_by_id(tx.conn, site.id).settings
    by_language = dict(settings.receipts.get(reason, {}))
    before = by_language.pop(language, None)
    if text:
        by_language[language] = text
    if before == (text or None):
        return site
    receipts = {name: texts for name, texts in (settings.receipts | {reason: by_language}).items() if texts}
    after = read_settings(msgspec.json.encode(msgspec.structs.replace(settings, receipts=receipts)))
    update_settings(tx.conn, site.id, to_store(after))
    write_audit(
        tx.conn,
        "change_text",
        ("site", site.id),
        tx.now,
        site_id=site.id,
        user_id=viewer.id,
        before={"text": before},
        after={"text": text or None, "reason": reason, "language": language},
    )
    return site_by_id(tx.conn, site.id)
