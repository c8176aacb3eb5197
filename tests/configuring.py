"""A site's settings and rules from one bag of names, as tests give them; and changing both."""

from typing import Any

import msgspec

from comments.actions.rules import change_rules
from comments.actions.sites import configure_site
from comments.core.moderation.ruleset import NAMES, RuleSet
from comments.core.site import SiteSettings
from comments.storage.sites import Site
from comments.storage.transaction import Transaction


def told_apart(chosen: dict[str, Any]) -> dict[str, Any]:
    """`settings` and `rules` for a NewSite."""
    rules = {name: value for name, value in chosen.items() if name in NAMES}
    settings = {name: value for name, value in chosen.items() if name not in NAMES}
    return {"settings": msgspec.convert(settings, SiteSettings), "rules": msgspec.convert(rules, RuleSet)}


def configure(tx: Transaction, site: Site, change: dict[str, Any]) -> None:
    rules = {name: value for name, value in change.items() if name in NAMES}
    if rules:
        change_rules(tx, site, rules)
    if len(rules) < len(change):
        configure_site(tx, site, {name: value for name, value in change.items() if name not in NAMES})
