"""Holds what is written while no moderator is there."""

from comments.core.moderation.findings import Draft, Facts, Hold
from comments.core.moderation.hours import quiet_until


def quiet_hours(draft: Draft, facts: Facts) -> Hold | None:
    """What is written in the site's quiet hours waits for a moderator."""
    if not facts.rules.quiet_hours:
        return None
    zone = facts.rules.time_zone
    until = quiet_until(facts.rules.quiet_hours, zone, facts.now)
    return Hold("quiet_hours", params={"until": until, "zone": zone}) if until is not None else None
