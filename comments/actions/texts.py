"""What a site tells the authors of held and rejected comments: its own words in place of the house's."""

from typing import Any

import msgspec

from comments.core.characters import clean
from comments.core.errors import Malformed
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.receipt import check_templates
from comments.core.site import read_settings
from comments.storage.audit import write_audit
from comments.storage.sites import Site, lock_site, site_by_id, update_settings
from comments.storage.transaction import Transaction

BANNED = "banned_author"  # a reason of the service: comments that waited when their author was banned


def reasons_of(site: Site, house: Any) -> list[str]:
    """The reasons that a site may have words for: those of the house and its own for rejections."""
    listed = [f"decision.{reason}" for reason in (*site.settings.reject_reasons, BANNED)]
    machine = [name for name in house if not name.startswith("decision.")]
    return [*machine, *listed]


def change_text(
    tx: Transaction, viewer: Viewer, site: Site, reason: str, language: str, text: str | None, known: list[str]
) -> Site:
    """Say it in the site's own words from now on; without `text` in those of the house again. Raises Malformed."""
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
    if reason not in known:
        raise Malformed(f"There is no reason {reason!r} here.", field="reason")
    text = clean(text).strip() if text is not None else None
    lock_site(tx.conn, site.id)  # two who change texts at once do not undo each other
    settings = site_by_id(tx.conn, site.id).settings
    by_language = dict(settings.receipts.get(reason, {}))
    before = by_language.pop(language, None)
    if text:
        by_language[language] = text
    if before == (text or None):
        return site
    receipts = {name: texts for name, texts in (settings.receipts | {reason: by_language}).items() if texts}
    check_templates(receipts)
    after = read_settings(msgspec.json.encode(msgspec.structs.replace(settings, receipts=receipts)))
    update_settings(tx.conn, site.id, msgspec.json.encode(after).decode())
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
