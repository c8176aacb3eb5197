"""What the console and the command line do for a site, a key can do: every call of the console about a site opens to
keys, but for what people alone may, and every command of `comments site` has its call.
"""

import click
from flask import Flask

from comments.commands.site import site
from comments.core.policy import OF_SCOPES, Action
from comments.http.keyholders import KEYS_OPEN
from tests.test_roles import ROUTES

PEOPLES = {Action.MANAGE_API_KEYS, Action.BAN_EVERYWHERE}
ONES_OWN = {"sessions", "accounts", "preferences"}  # of the person at the console
CALLS = {  # of each command that is about one site
    "set": "sites.change", "key list": "sites.signing_keys", "key add": "sites.add_signing_key",
    "key revoke": "sites.revoke_signing_key", "webhook list": "webhooks.webhooks", "webhook add": "webhooks.add",
    "webhook remove": "webhooks.remove",
}  # fmt: skip
OPERATORS = {"create", "list"}  # of the whole service
OF_PEOPLE = {"api-key list", "api-key add", "api-key revoke"}


def test_every_call_about_a_site_opens_to_keys(app: Flask) -> None:
    console = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/console/")]
    assert len(console) > 80
    for rule in console:
        if rule.endpoint.partition(".")[0] in ONES_OWN:
            assert not rule.rule.startswith(KEYS_OPEN), rule.rule
            continue
        assert rule.rule.startswith(KEYS_OPEN), rule.rule
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            action = ROUTES[method, rule.endpoint].action
            assert action in PEOPLES or any(action in allowed for allowed in OF_SCOPES.values()), rule.rule


def test_every_command_has_its_call(app: Flask) -> None:
    found = set()
    for name, command in site.commands.items():
        below = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {one}" for one in below} or {name}
    assert found == CALLS.keys() | OPERATORS | OF_PEOPLE, "a new command of `comments site` needs a call of the API"
    assert set(CALLS.values()) <= {rule.endpoint for rule in app.url_map.iter_rules()}
