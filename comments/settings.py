"""Every environment variable of the operator: type, default, meaning. Read once, by the command; no other module
reads the environment.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from comments.core.mail import mailable
from comments.core.site import origin_of
from comments.core.smtp import MailServer, read_smtp_url

Synchronous = Literal["FULL", "NORMAL"]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]
Network = IPv4Network | IPv6Network


class SettingsError(Exception):
    """A setting is wrong; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's settings, checked. The comments name the variable and its meaning."""

    data_dir: Path  # COMMENTS_DATA_DIR: where the database and the secret key lie
    database_url: str  # COMMENTS_DATABASE_URL: sqlite:///FILE or postgresql://…
    postgres_pooler: bool  # COMMENTS_POSTGRES_POOLER: PgBouncer in transaction mode stands before PostgreSQL
    redis_url: str | None  # COMMENTS_REDIS_URL: needed as soon as more than one process serves
    public_url: str  # COMMENTS_PUBLIC_URL: where browsers reach the service; its origin is the console's
    trusted_proxies: tuple[Network, ...]  # COMMENTS_TRUSTED_PROXIES: whose X-Forwarded-For counts
    secret_key: bytes  # COMMENTS_SECRET_KEY: signs tokens and sessions; made once into the data directory otherwise
    port: int  # COMMENTS_PORT: for `serve` and `demo`
    demo_port: int  # DEMO_PORT: the demo newspaper
    sqlite_synchronous: Synchronous  # COMMENTS_SQLITE_SYNCHRONOUS: FULL loses nothing at a power cut
    private_hosts: frozenset[
        str
    ]  # COMMENTS_PRIVATE_HOSTS: hosts whose private addresses we may fetch from (JWKS, webhooks)
    log_level: LogLevel  # COMMENTS_LOG_LEVEL
    log_format: LogFormat  # COMMENTS_LOG_FORMAT: lines for people, or JSON for programs
    posts_per_minute: int  # COMMENTS_POSTS_PER_MINUTE: per member
    reactions_per_minute: int  # COMMENTS_REACTIONS_PER_MINUTE: per member
    sockets_per_minute: int  # COMMENTS_SOCKETS_PER_MINUTE: new connections per address
    sockets_per_address: int  # COMMENTS_SOCKETS_PER_ADDRESS: of one address that one serving process holds
    requests_per_minute: int  # COMMENTS_REQUESTS_PER_MINUTE: per address, of what is not lying ready
    site_posts_per_minute: int  # COMMENTS_SITE_POSTS_PER_MINUTE: of all members of a site
    site_requests_per_minute: int  # COMMENTS_SITE_REQUESTS_PER_MINUTE: reads of a site, and as many changes
    sockets: int  # COMMENTS_SOCKETS: live connections that one serving process holds
    drain_seconds: int
    require_totp: bool  # COMMENTS_REQUIRE_TOTP: who has no second factor sets one up before anything else
    snapshots_mb: int  # COMMENTS_SNAPSHOTS_MB: memory for prepared answers in each serving process
    otlp_endpoint: str | None  # COMMENTS_OTLP_ENDPOINT: where traces are sent; None: there are none
    traces_sampled: float  # COMMENTS_TRACES_SAMPLED: the share of requests and jobs that is traced
    smtp: MailServer | None  # COMMENTS_SMTP_URL: who takes our mail; None: none is sent
    mail_from: str | None  # COMMENTS_MAIL_FROM: the sender's address
    metrics_token: bytes | None  # COMMENTS_METRICS_TOKEN: who has it may read /metrics; None: there is none

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def public_origin(self) -> str:
        origin = origin_of(self.public_url)
        assert origin is not None  # read_settings refuses others
        return origin

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


KNOWN = {
    "COMMENTS_DATA_DIR": "folder for the database and the secret key (default var)",
    "COMMENTS_DATABASE_URL": "sqlite:////path/file.db or postgresql://user:password@host/name "
    "(default: SQLite in the data folder)",
    "COMMENTS_POSTGRES_POOLER": "yes behind PgBouncer in transaction mode: nothing is kept in a session (default no)",
    "COMMENTS_REDIS_URL": "redis://… or rediss://…; needed for more than one serving process (default: none)",
    "COMMENTS_PUBLIC_URL": "where browsers reach the service (default http://localhost:COMMENTS_PORT)",
    "COMMENTS_TRUSTED_PROXIES": "addresses or networks, comma-separated, whose X-Forwarded-For counts (default: none)",
    "COMMENTS_SECRET_KEY": "at least 32 characters; signs tokens and sessions "
    "(default: made once, kept in the data folder)",
    "COMMENTS_PORT": "port of `serve` and `demo` (default 8000)",
    "COMMENTS_SQLITE_SYNCHRONOUS": "FULL or NORMAL (default FULL)",
    "COMMENTS_PRIVATE_HOSTS": "host names, comma-separated, that may be fetched from although private (default: none)",
    "COMMENTS_LOG_LEVEL": "debug, info, warning or error (default info)",
    "COMMENTS_LOG_FORMAT": "text or json (default text)",
    "COMMENTS_POSTS_PER_MINUTE": "comments and edits a member may send (default 5)",
    "COMMENTS_REACTIONS_PER_MINUTE": "reactions and reports a member may send (default 60)",
    "COMMENTS_SOCKETS_PER_MINUTE": "new live connections from one address (default 20)",
    "COMMENTS_SOCKETS_PER_ADDRESS": "live connections of one address that one serving process holds (default 200)",
    "COMMENTS_REQUESTS_PER_MINUTE": "requests from one address that are not answered from memory (default 1200)",
    "COMMENTS_SITE_POSTS_PER_MINUTE": "comments and edits that all members of a site may send (default 600)",
    "COMMENTS_SITE_REQUESTS_PER_MINUTE": "reads of one site that are not answered from memory, and as many changes "
    "by its members (default 30000)",
    "COMMENTS_SOCKETS": "live connections that one serving process holds (default 10000)",
    "COMMENTS_DRAIN_SECONDS": "seconds at a stop that /readyz says 503 before the port is closed (default 0)",
    "COMMENTS_SNAPSHOTS_MB": "megabytes of memory for prepared answers in each serving process (default 64)",
    "COMMENTS_SMTP_URL": "smtp://user:password@host:587 (STARTTLS), smtps://… (TLS) or, in one's own network, "
    "smtp+plain://host; who takes our mail (default: none is sent)",
    "COMMENTS_MAIL_FROM": "address that our mail comes from; needed with COMMENTS_SMTP_URL",
    "COMMENTS_METRICS_TOKEN": "at least 16 characters; who sends it as a bearer token may read /metrics "
    "(default: nobody)",
    "COMMENTS_REQUIRE_TOTP": "yes: accounts of the console need a second factor (default no)",
    "COMMENTS_OTLP_ENDPOINT": "http(s)://host[:port] of an OpenTelemetry collector, for traces (default: none)",
    "COMMENTS_TRACES_SAMPLED": "share of requests and jobs that is traced, from 0 to 1 (default 0.01)",
    "DEMO_PORT": "port of the demo newspaper (default 8001)",
}


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises SettingsError with one sentence for the first value that is wrong."""
    environ = os.environ if environ is None else environ
    for name in environ:
        if name.startswith("COMMENTS_") and name not in KNOWN and name != "COMMENTS_CORPUS":
            near = "".join(f" (is {one} meant?)" for one in get_close_matches(name, KNOWN, 1))
            raise SettingsError(f"{name} is not a setting{near}; “comments --help” lists them all.")
    data_dir = Path(environ.get("COMMENTS_DATA_DIR") or "var").resolve()
    port = _whole(environ, "COMMENTS_PORT", 8000, 0, 65_535)
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(environ, data_dir),
        postgres_pooler=_one_of(environ, "COMMENTS_POSTGRES_POOLER", ("yes", "no"), "no") == "yes",
        redis_url=_redis_url(environ),
        public_url=_public_url(environ, port),
        trusted_proxies=_proxies(environ),
        secret_key=_secret_key(environ, data_dir),
        port=port,
        demo_port=_whole(environ, "DEMO_PORT", 8001, 0, 65_535),
        sqlite_synchronous=cast(
            Synchronous, _one_of(environ, "COMMENTS_SQLITE_SYNCHRONOUS", get_args(Synchronous), "FULL")
        ),
        private_hosts=frozenset(
            host.strip().lower() for host in environ.get("COMMENTS_PRIVATE_HOSTS", "").split(",") if host.strip()
        ),
        log_level=cast(LogLevel, _one_of(environ, "COMMENTS_LOG_LEVEL", get_args(LogLevel), "info")),
        log_format=cast(LogFormat, _one_of(environ, "COMMENTS_LOG_FORMAT", get_args(LogFormat), "text")),
        posts_per_minute=_whole(environ, "COMMENTS_POSTS_PER_MINUTE", 5, 1, 100_000_000),
        reactions_per_minute=_whole(environ, "COMMENTS_REACTIONS_PER_MINUTE", 60, 1, 100_000_000),
        sockets_per_minute=_whole(environ, "COMMENTS_SOCKETS_PER_MINUTE", 20, 1, 100_000_000),
        sockets_per_address=_whole(environ, "COMMENTS_SOCKETS_PER_ADDRESS", 200, 1, 100_000_000),
        requests_per_minute=_whole(environ, "COMMENTS_REQUESTS_PER_MINUTE", 1200, 1, 100_000_000),
        site_posts_per_minute=_whole(environ, "COMMENTS_SITE_POSTS_PER_MINUTE", 600, 1, 100_000_000),
        site_requests_per_minute=_whole(environ, "COMMENTS_SITE_REQUESTS_PER_MINUTE", 30_000, 1, 100_000_000),
        sockets=_whole(environ, "COMMENTS_SOCKETS", 10_000, 1, 1_000_000),
        drain_seconds=_whole(environ, "COMMENTS_DRAIN_SECONDS", 0, 0, 15),
        require_totp=_one_of(environ, "COMMENTS_REQUIRE_TOTP", ("yes", "no"), "no") == "yes",
        snapshots_mb=_whole(environ, "COMMENTS_SNAPSHOTS_MB", 64, 1, 100_000),
        smtp=_smtp(environ),
        mail_from=_mail_from(environ),
        metrics_token=_metrics_token(environ),
        otlp_endpoint=_otlp_endpoint(environ),
        traces_sampled=_share(environ, "COMMENTS_TRACES_SAMPLED", "0.01"),
    )


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not (re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most):
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not {text[:40]!r}.")
    return int(text)


def _one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...], default: str) -> str:
    text = environ.get(name) or default
    found = next((choice for choice in choices if choice.lower() == text.lower()), None)
    if found is None:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return found


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    url = environ.get("COMMENTS_DATABASE_URL")
    if not url:
        _make_folder(data_dir)
        url = f"sqlite:///{data_dir / 'comments.db'}"
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")) or url == "sqlite:///" or ":memory:" in url:
        raise SettingsError(
            "COMMENTS_DATABASE_URL must begin with sqlite:///FILE or postgresql://…; no other database is supported."
        )
    if url.startswith("sqlite:///"):
        return f"sqlite:///{Path(url.removeprefix('sqlite:///')).absolute()}"  # Flask-SQLAlchemy means another folder
    return _with_a_port("COMMENTS_DATABASE_URL", url)


def _with_a_port(name: str, url: str) -> str:
    """The URL; what its library would only say when it connects is said at the start."""
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise SettingsError(f"{name} has no proper host and port ({error}).") from error
    return url


def _redis_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("COMMENTS_REDIS_URL") or None
    if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("COMMENTS_REDIS_URL must begin with redis://, rediss:// or unix://.")
    return None if url is None else _with_a_port("COMMENTS_REDIS_URL", url)


def _public_url(environ: Mapping[str, str], port: int) -> str:
    here = f"http://localhost:{port}" if port else "http://localhost"  # any port: known when it is open
    url = (environ.get("COMMENTS_PUBLIC_URL") or here).rstrip("/")
    if origin_of(url) != url:
        raise SettingsError(f"COMMENTS_PUBLIC_URL must be scheme://host[:port] without a path, not {url!r}.")
    return url


def _proxies(environ: Mapping[str, str]) -> tuple[Network, ...]:
    texts = [text.strip() for text in environ.get("COMMENTS_TRUSTED_PROXIES", "").split(",") if text.strip()]
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingsError(f"COMMENTS_TRUSTED_PROXIES must list addresses or networks: {error}.") from error


def _otlp_endpoint(environ: Mapping[str, str]) -> str | None:
    given = (environ.get("COMMENTS_OTLP_ENDPOINT") or "").rstrip("/")
    if given and origin_of(given) != given:
        raise SettingsError(f"COMMENTS_OTLP_ENDPOINT must be scheme://host[:port] without a path, not {given!r}.")
    return given or None


def _share(environ: Mapping[str, str], name: str, default: str) -> float:
    text = environ.get(name) or default
    if not re.fullmatch(r"0|1|[01]?\.[0-9]{1,9}", text) or not 0 <= float(text) <= 1:
        raise SettingsError(f"{name} must be a number from 0 to 1, not {text[:40]!r}.")
    return float(text)


def _smtp(environ: Mapping[str, str]) -> MailServer | None:
    url = environ.get("COMMENTS_SMTP_URL")
    try:
        return read_smtp_url(url) if url else None
    except ValueError as error:
        raise SettingsError(f"COMMENTS_SMTP_URL: {error}.") from error


def _mail_from(environ: Mapping[str, str]) -> str | None:
    given = environ.get("COMMENTS_MAIL_FROM") or None
    if given is None and environ.get("COMMENTS_SMTP_URL"):
        raise SettingsError("COMMENTS_SMTP_URL needs COMMENTS_MAIL_FROM, the address that our mail comes from.")
    if given is not None and mailable(given) is None:
        raise SettingsError(f"COMMENTS_MAIL_FROM must be an address such as comments@example.com, not {given!r}.")
    return given and mailable(given)


def _metrics_token(environ: Mapping[str, str]) -> bytes | None:
    given = environ.get("COMMENTS_METRICS_TOKEN") or None
    if given is not None and not re.fullmatch(r"[!-~]{16,}", given):
        raise SettingsError(
            "COMMENTS_METRICS_TOKEN must have at least 16 printable characters of ASCII, and no spaces."
        )
    return None if given is None else given.encode()


def _secret_key(environ: Mapping[str, str], data_dir: Path) -> bytes:
    given = environ.get("COMMENTS_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise SettingsError("COMMENTS_SECRET_KEY must have at least 32 characters; leave it out to have one made.")
        return given.encode()
    path = data_dir / "secret_key"
    _make_folder(data_dir)
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_text().strip()
    except OSError as error:
        raise _unusable(error, path) from error
    except UnicodeDecodeError:
        key = ""
    if len(key) < 32:
        raise SettingsError(f"{path} holds no secret key; remove it to have one made (this signs everybody out).")
    return key.encode()


def _make_folder(data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(error, data_dir) from error


def _unusable(error: OSError, path: Path) -> SettingsError:
    return SettingsError(f"COMMENTS_DATA_DIR: {error.filename or path} cannot be used ({error.strerror}).")


def _make_key(path: Path) -> None:
    """Write it aside and link it into place: of two processes that start at once both read the same whole key."""
    aside = path.with_name(f"secret_key.{secrets.token_hex(4)}")
    aside.touch(mode=0o600, exist_ok=False)
    try:
        aside.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
    finally:
        aside.unlink()
