"""The operator's settings: defaults that serve the embedded case, and one clear sentence for each wrong value."""

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from comments.settings import KNOWN, Settings, SettingsError, read_settings
from tests.servers import ROOT

LONG = "x" * 32


def read(tmp_path: Path, **environ: str) -> Settings:
    return read_settings({"COMMENTS_DATA_DIR": str(tmp_path / "data")} | environ)


def test_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path)
    data = tmp_path / "data"
    assert (settings.data_dir, settings.database_url) == (data, f"sqlite:///{data}/comments.db")
    assert (settings.port, settings.demo_port, settings.public_url) == (8000, 8001, "http://localhost:8000")
    assert (settings.redis_url, settings.trusted_proxies, settings.private_hosts) == (None, (), frozenset())
    assert (settings.sqlite_synchronous, settings.log_level, settings.postgres_pooler) == ("FULL", "info", False)
    assert (settings.posts_per_minute, settings.reactions_per_minute, settings.sockets_per_minute) == (5, 60, 20)
    assert (settings.is_sqlite, settings.is_https, settings.public_origin) == (True, False, "http://localhost:8000")


def test_empty_is_not_set(tmp_path: Path) -> None:
    empty = dict.fromkeys(KNOWN, "") | {"COMMENTS_DATA_DIR": str(tmp_path / "data")}
    assert read_settings(empty) == read(tmp_path)


def test_the_secret_key_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        key = read(tmp_path).secret_key
    finally:
        os.umask(before)
    path = tmp_path / "data" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (len(key) >= 32, path.read_bytes()) == (True, key)
    assert read(tmp_path).secret_key == key
    assert read(tmp_path / "elsewhere").secret_key != key, "hard-coded nowhere"
    assert [one.name for one in path.parent.iterdir()] == ["secret_key"], "nothing else is left behind"


def test_processes_that_start_at_once_read_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        keys.append(read(tmp_path).secret_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8 and len(set(keys)) == 1


def test_a_key_that_is_given_is_not_written(tmp_path: Path) -> None:
    assert read(tmp_path, COMMENTS_SECRET_KEY=LONG).secret_key == LONG.encode()
    assert not (tmp_path / "data" / "secret_key").exists()


DATABASES = {
    "postgres://u:p@db.example/x": "postgresql+psycopg://u:p@db.example/x",
    "postgresql://u:p@db.example:5433/x?sslmode=require": "postgresql+psycopg://u:p@db.example:5433/x?sslmode=require",
    "postgresql+psycopg://u@[::1]:5432/x": "postgresql+psycopg://u@[::1]:5432/x",
    "postgresql:///x?host=/run/postgresql": "postgresql+psycopg:///x?host=/run/postgresql",
    "sqlite:////srv/comments.db": "sqlite:////srv/comments.db",
}


@pytest.mark.parametrize(("url", "read_as"), DATABASES.items())
def test_databases(tmp_path: Path, url: str, read_as: str) -> None:
    assert read(tmp_path, COMMENTS_DATABASE_URL=url).database_url == read_as


def test_a_relative_file_lies_where_the_command_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nowhere else: Flask-SQLAlchemy would put it into a folder beside the package."""
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path, COMMENTS_DATABASE_URL="sqlite:///here.db").database_url == f"sqlite:///{tmp_path}/here.db"


GOOD: dict[str, tuple[dict[str, str], str, Any]] = {
    "a redis": (
        {"COMMENTS_REDIS_URL": "rediss://:pw@cache.example:6380/2"},
        "redis_url",
        "rediss://:pw@cache.example:6380/2",
    ),
    "a public address": (
        {"COMMENTS_PUBLIC_URL": "https://comments.example.com/"},
        "public_url",
        "https://comments.example.com",
    ),
    "the port in the default address": ({"COMMENTS_PORT": "9000"}, "public_url", "http://localhost:9000"),
    "any port": ({"COMMENTS_PORT": "0"}, "port", 0),
    "hosts": (
        {"COMMENTS_PRIVATE_HOSTS": " Keys.internal ,,localhost"},
        "private_hosts",
        {"keys.internal", "localhost"},
    ),
    "a word in capitals": ({"COMMENTS_LOG_LEVEL": "DEBUG"}, "log_level", "debug"),
    "a yes": ({"COMMENTS_POSTGRES_POOLER": "Yes"}, "postgres_pooler", True),
    "a word in small letters": ({"COMMENTS_SQLITE_SYNCHRONOUS": "normal"}, "sqlite_synchronous", "NORMAL"),
    "a limit": ({"COMMENTS_POSTS_PER_MINUTE": "7"}, "posts_per_minute", 7),
}


@pytest.mark.parametrize(("environ", "field", "value"), GOOD.values(), ids=GOOD)
def test_good_values(tmp_path: Path, environ: dict[str, str], field: str, value: Any) -> None:
    assert getattr(read(tmp_path, **environ), field) == value


def test_proxies(tmp_path: Path) -> None:
    found = read(tmp_path, COMMENTS_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8,2001:db8::/32").trusted_proxies
    assert [str(network) for network in found] == ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]


PORTS = ["x", "-1", "65536", "80.5", "٨", " 80", "9" * 5000]
LIMITS = ["0", "many", "-5", "1e3", "100000001"]
BAD: dict[str, list[str]] = {
    "COMMENTS_DATABASE_URL": [
        "mysql://u@db/x", "sqlite://", "sqlite:///", "sqlite:///:memory:", "comments.db", "postgresql",
        "postgresql+psycopg2://u@db/x", "postgresql://u:p@db:port/x", "postgresql://u@[::1/x", "postgresql://u@db:99999/x",
        "http://db.example/",
    ],
    "COMMENTS_REDIS_URL": ["localhost:6379", "http://cache", "redis://cache:port", "redis://[::1", "redis:cache"],
    "COMMENTS_PUBLIC_URL": [
        "comments.example.com", "https://comments.example.com/comments", "ftp://comments.example.com", "https://",
        "https://u@comments.example.com", "https://comments.example.com:port", "https://c.example?x", "https://[::1",
    ],
    "COMMENTS_TRUSTED_PROXIES": ["proxy.internal", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0-10.0.0.9", "*"],
    "COMMENTS_SECRET_KEY": ["x", "x" * 31],
    "COMMENTS_PORT": PORTS, "DEMO_PORT": PORTS,
    "COMMENTS_POSTS_PER_MINUTE": LIMITS, "COMMENTS_REACTIONS_PER_MINUTE": LIMITS, "COMMENTS_SOCKETS_PER_MINUTE": LIMITS,
    "COMMENTS_SOCKETS_PER_ADDRESS": LIMITS,
    "COMMENTS_REQUESTS_PER_MINUTE": LIMITS, "COMMENTS_SITE_POSTS_PER_MINUTE": LIMITS,
    "COMMENTS_SITE_REQUESTS_PER_MINUTE": LIMITS,
    "COMMENTS_SOCKETS": [*LIMITS, "1000001"],
    "COMMENTS_SNAPSHOTS_MB": ["0", "many", "-5", "1.5", "100001"],
    "COMMENTS_POSTGRES_POOLER": ["true"],
    "COMMENTS_SQLITE_SYNCHRONOUS": ["OFF"], "COMMENTS_LOG_LEVEL": ["loud"],
    "COMMENTS_DATABSE_URL": ["sqlite:////x.db"], "COMMENTS_": ["x"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_wrong_values(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        read(tmp_path, **{name: value})
    sentence = str(wrong.value)
    assert name in sentence
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 500
    assert "p@" not in sentence, "no password in it"


@pytest.mark.parametrize(
    "what", ["a file", "unwritable", "an empty key", "a short key", "no text as key", "a folder as key"]
)
def test_data_folders_that_cannot_be_used(tmp_path: Path, what: str) -> None:
    data = tmp_path / "data"
    if what == "a file":
        data.write_text("x")
    elif what == "unwritable":
        data = Path("/proc/comments")
    else:
        data.mkdir()
        key = data / "secret_key"
        key.mkdir() if what == "a folder as key" else key.write_bytes(
            {"an empty key": b"", "a short key": b"x" * 31, "no text as key": b"\xff" * 40}[what]
        )
    with pytest.raises(SettingsError) as wrong:
        read_settings({"COMMENTS_DATA_DIR": str(data)})
    assert str(data) in str(wrong.value)
    assert str(wrong.value).endswith(".") and "\n" not in str(wrong.value)


def test_every_setting_is_explained() -> None:
    """In the help of the command and in the operator's page; nothing else is read."""
    code = (ROOT / "comments" / "settings.py").read_text()
    page = (ROOT / "docs" / "operating.md").read_text()
    for name in KNOWN:
        assert code.count(name) >= 2, name
        assert name in page or name == "DEMO_PORT", f"docs/operating.md says nothing of {name}"
