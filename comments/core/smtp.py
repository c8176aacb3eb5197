"""Which mail server the operator named: COMMENTS_SMTP_URL as data. Pure."""

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

Security = Literal["starttls", "tls", "plain"]
SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("plain", 25),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how. The password is in no repr."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: "Hidden | None" = None


class Hidden(str):
    """A text that tracebacks and logs do not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


def read_smtp_url(url: str) -> MailServer:
    """The server that an URL names. Raises ValueError with what is wrong, which never repeats the password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("it has no proper host and port") from error
    if parts.scheme not in SCHEMES:
        raise ValueError("it must begin with smtp:// (STARTTLS), smtps:// (TLS) or smtp+plain:// (not encrypted)")
    if not host or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("it must be scheme://user:password@host:port, and nothing behind the port")
    security, usual = SCHEMES[parts.scheme]
    user, password = unquote(parts.username or "") or None, unquote(parts.password or "") or None
    if (user is None) != (password is None):
        raise ValueError("it needs a user and a password, or neither")
    if security == "plain" and (user is not None or not _is_near(host)):
        raise ValueError("smtp+plain:// is for servers in one's own network, by localhost or address, without password")
    return MailServer(host, port or usual, security, user, None if password is None else Hidden(password))


def _is_near(host: str) -> bool:
    """Whether what is said to this host without encryption stays in the operator's own network."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host  # a name of the own network, as containers have them
    return address.is_private
