"""Which addresses a member's link may have: the last of three checks (bleach, nh3, this one), and the strictest.

Browsers forgive much (`\\` for `/`, tabs within a scheme, no slashes); so whatever needs forgiving is refused here.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

import regex

MAX_HREF = 2048  # characters; longer ones do not survive mail and logs anyway

_FORBIDDEN = regex.compile(r"[\s\p{C}<>\"'`\\]")  # white space, controls, the invisible, quotes and escapes
_LABEL = r"[^\W_](?:[\w-]*\w)?"
_NETLOC = re.compile(rf"(?:(?:{_LABEL}\.)*{_LABEL}\.?|\[[0-9a-f:.]+\])(?::[0-9]{{1,5}})?", re.IGNORECASE)
_MAIL = re.compile(  # ASCII: the Kelvin sign is no k in an address
    r"[a-z0-9.!#$&*+=^_{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE | re.ASCII
)


@lru_cache(maxsize=512)  # each link is asked about some five times on its way
def safe_href(href: str) -> str | None:
    """The address if it is an absolute http(s) URL with a host and no userinfo, or mailto with one address; else None.

    The scheme comes back in lower case, the rest as it was.
    """
    if len(href) > MAX_HREF or _FORBIDDEN.search(href):
        return None
    scheme, _, rest = href.partition(":")
    match scheme.lower():
        case "http" | "https" as web:
            return f"{web}:{rest}" if rest.startswith("//") and _has_plain_host(href) else None
        case "mailto":
            return f"mailto:{rest}" if len(rest) <= 254 and _MAIL.fullmatch(rest) else None
    return None


def _has_plain_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port  # a port beyond 65,535 raises
    except ValueError:
        return False
    return host is not None and len(host) <= 253 and bool(_NETLOC.fullmatch(parts.netloc))
