"""Holds the layers of docs/architecture.md: the import contracts of pyproject.toml, and who may touch the outside."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "comments"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts)
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "service", "handler"}


@dataclass(frozen=True)
class Reserved:
    """Dotted names that only some files of the package may use (a folder ends with /)."""

    why: str
    names: tuple[str, ...]
    only: tuple[str, ...]
    planted: str  # a line that breaks the rule: the check itself is checked with it
    but: tuple[str, ...] = ()  # names that everybody may use all the same

    def allows(self, path: str) -> bool:
        return any(path == place or (place.endswith("/") and path.startswith(place)) for place in self.only)

    def covers(self, name: str) -> bool:
        reserved = any(name == reserved or name.startswith(f"{reserved}.") for reserved in self.names)
        return reserved and name not in self.but


RESERVED = [
    Reserved(
        "settings are read once, in settings.py; others are given a Settings",
        ("os.environ", "os.environb", "os.getenv", "os.putenv"),
        ("settings.py",),
        "import os as o\nx = o.environ['COMMENTS_PORT']",
    ),
    Reserved(
        "only storage writes SQL",
        ("sqlalchemy", "flask_sqlalchemy", "sqlite3", "psycopg"),
        ("storage/", "app.py"),
        "from sqlalchemy import text",
        but=("sqlalchemy.Connection", "sqlalchemy.Row"),  # types of what is handed on to storage
    ),
    Reserved(
        "core/markup.py makes the only HTML we emit",
        ("markupsafe", "flask.Markup", "bleach", "nh3"),
        ("core/markup.py",),
        "from markupsafe import Markup\nx = Markup('<b>')",
    ),
    Reserved(
        "outgoing.py is the only way out: it refuses private addresses and bounds size and time",
        ("urllib.request", "http.client", "urllib3", "requests", "httpx", "aiohttp", "socket.create_connection"),
        ("outgoing.py", "demo/"),  # the demo is a publisher, who speaks to us as to anybody
        "import urllib.request\nurllib.request.urlopen('https://example.com/')",
    ),
    Reserved(
        "traces go out through outgoing.py like all else; only their encoding is OpenTelemetry's",
        ("opentelemetry",),
        ("seen/tracing.py",),
        "from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter",
    ),
]


def used_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything imported, and of every attribute reached from an import."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
                top = alias.name.split(".")[0]
                known[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (dotted := _dotted(node)):
            first, _, rest = dotted.partition(".")
            if first in known:
                yield node.lineno, f"{known[first]}.{rest}"


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return None


def without_the_reading_of_settings(tree: ast.Module) -> ast.Module:
    """The one use of the environment outside settings.py: to hand it over, `read_settings(os.environ)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _dotted(node.func) in {"read_settings", "settings.read_settings"}:
            node.args = [arg for arg in node.args if _dotted(arg) != "os.environ"]
    return tree


def breaches(rule: Reserved, path: str, source: str) -> list[str]:
    if rule.allows(path):
        return []
    tree = without_the_reading_of_settings(ast.parse(source))
    return sorted({f"comments/{path}:{line} uses {name}" for line, name in used_names(tree) if rule.covers(name)})


@pytest.mark.parametrize("rule", RESERVED, ids=lambda rule: rule.why)
def test_what_is_reserved_is_used_only_where_it_may_be(rule: Reserved) -> None:
    found = [breach for path in MODULES for breach in breaches(rule, relative(path), path.read_text())]
    assert not found, f"{rule.why}:\n" + "\n".join(found)


@pytest.mark.parametrize("rule", RESERVED, ids=lambda rule: rule.why)
def test_the_check_finds_a_planted_breach(rule: Reserved) -> None:
    assert breaches(rule, "core/planted.py", rule.planted)
    assert not breaches(rule, rule.only[0] + ("planted.py" if rule.only[0].endswith("/") else ""), rule.planted)


def test_handing_the_environment_to_read_settings_is_no_breach() -> None:
    environment = RESERVED[0]
    assert not breaches(environment, "cli.py", "import os\nsettings = read_settings(os.environ)")
    assert breaches(environment, "cli.py", "import os\nsettings = other(os.environ)")


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    source = path.read_text()
    assert not source.strip() or ast.get_docstring(ast.parse(source)), f"{relative(path)} has no docstring"


def test_names_say_something() -> None:
    assert not [relative(path) for path in MODULES if path.stem.lower() in VAGUE]


HEARS_OTHERS = re.compile(
    r"""addEventListener\(\s*["'`]message|\bon\(\s*\w+,\s*["'`]message|\bonmessage(error)?\s*=|postMessage|"""
    r"""MessageChannel|BroadcastChannel|window\.opener|\bopener\b|window\.parent|\.contentWindow|SharedWorker"""
)
BY_SOCKET = "made.onmessage ="  # of the websocket that shared/socket.ts opened itself


def test_no_page_of_ours_hears_messages_of_others() -> None:
    """Neither the widget nor the console listens to `postMessage`, whoever sends it: ten thousand have no effect.
    Whoever needs it one day checks origin, source and shape of each, and replaces this test by one that sends them.
    """
    sources = [
        path
        for folder in ("embed", "widget", "console", "shared")
        for path in sorted((PACKAGE / "frontend" / folder).rglob("*.ts*"))
        if ".test." not in path.name
    ]
    found = [
        f"{path.name}:{number} {line.strip()}"
        for path in sources
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if HEARS_OTHERS.search(line) and BY_SOCKET not in line
    ]
    assert len(sources) > 50
    assert found == []
    for planted in (
        'addEventListener("message", hear)',
        "window.onmessage = hear",
        "parent.postMessage(1)",
        "window.opener",
    ):
        assert HEARS_OTHERS.search(planted)
