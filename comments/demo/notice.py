"""Tells the service at once that a subscription changed, as a publisher's billing would; otherwise it takes minutes."""

import json
import logging

# a publisher's own request to the service, not one of the service to the outside
from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: TID251
from urllib.parse import quote, urlsplit

log = logging.getLogger(__name__)

TIMEOUT = 5.0  # seconds


def tell(service_url: str, site: str, sub: str, token: str) -> bool:
    """POST the member's entitlement, signed; whether the service took it. It does not know who never came to it."""
    parts = urlsplit(service_url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        body = json.dumps({"site": site, "token": token})
        path = f"/api/v1/members/{quote(sub, safe='')}/entitlement"
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        log.warning("the comment service was not told of a subscription: %s", error)
        return False
    finally:
        connection.close()
    if status not in (204, 404):
        log.warning("the comment service answered %s to a changed subscription", status)
    return status == 204
