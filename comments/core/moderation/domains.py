"""Hosts of links, compared label by label: `example.org` has `www.example.org` below it and `myexample.org` not."""

from functools import lru_cache
from urllib.parse import urlsplit


def host_of(href: str) -> str:
    """The host that a link leads to, of a mail address its domain; as `ascii_host` writes it."""
    if href.startswith("mailto:"):
        return ascii_host(href.rpartition("@")[2])
    return ascii_host(urlsplit(href).hostname or "")


@lru_cache(maxsize=4096)
def ascii_host(host: str) -> str:
    """Lower case, without a dot at its end, with `xn--` for what is not ASCII: one form for one host."""
    host = host.strip().rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:  # no name that a resolver would take; compared as it is
        return host


def lies_in(host: str, domains: tuple[str, ...]) -> str | None:
    """The listed domain that this host is or lies below, None if it lies in none. The nearest one is named."""
    listed = _listed(domains)
    labels = host.split(".")
    for at in range(len(labels)):
        if (found := listed.get(".".join(labels[at:]))) is not None:
            return found
    return None


@lru_cache(maxsize=64)
def _listed(domains: tuple[str, ...]) -> dict[str, str]:
    """By the form that is compared, as the publisher wrote it."""
    return {ascii_host(domain.strip().removeprefix("*.").strip(".")): domain for domain in reversed(domains)}
