"""How much of what anybody may ask for in a minute: per address for everything that is not lying ready, per account of
the console, and per site, so that a flood on one site leaves the others theirs. Limits of members stand in the views.

Whatever the application answers is counted here; what is free is listed, with the reason.
"""

from typing import Any

from flask import Flask, g, request

from comments.core.site import is_site_key
from comments.http.request import Parts, limit, network_of, parts

COUNTED = "comments.counted"  # in a request's environ: it was counted before the application got it
FREE = {"health.healthz": "says that the process lives, out of its own head, to whoever restarts it"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CONSOLE = "/api/v1/console/"

ACCOUNT = 1200  # requests of one account of the console
COSTLY = {  # … and of these, by their endpoints: they look through much, write much, or ask the outside
    "search.search": 120,
    "figures.figures": 120,
    "figures.figures_csv": 30,
    "transparency.figures": 60,
    "transparency.figures_csv": 30,
    "transparency.statements_csv": 10,
    "transparency.statements_ndjson": 10,
    "gates.conversions": 120,
    "sites.members": 240,
    "moderation.audit": 120,
    "people.member_page": 240,
    "people.member_comments": 240,
    "decisions.preview": 120,
    "decisions.bulk": 60,
    "decisions.undo_bulk": 60,
    "classifiers.test": 20,
    "webhooks.test": 20,
    "webhooks.replay_failed": 20,
}


def register(app: Flask) -> None:
    """Count every request; runs after the address is known."""

    @app.before_request
    def _count() -> None:
        if request.endpoint in FREE or COUNTED in request.environ:
            return
        limit("requests", g.network, parts().settings.requests_per_minute)
        site = (request.view_args or {}).get("site")
        if site and request.method in SAFE and not request.path.startswith(CONSOLE) and is_site_key(site):
            limit("site_reads", site, parts().settings.site_requests_per_minute)


def count_before(parts: Parts, environ: dict[str, Any]) -> None:
    """The same in front of the application, for what is not lying ready. Only the address counts there: a flood on a
    site keeps nobody from its first pages. Raises TooMany.
    """
    environ[COUNTED] = True
    settings = parts.settings
    parts.limiter.hit("requests", network_of(environ, settings.trusted_proxies), settings.requests_per_minute)


def count_account(user_id: object) -> None:
    """One more request of this account of the console. Raises TooMany."""
    limit("account", user_id, ACCOUNT)
    endpoint = request.endpoint or ""
    if endpoint in COSTLY:
        limit(endpoint, user_id, COSTLY[endpoint])
