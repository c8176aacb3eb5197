"""The samples of deploy/ that nothing here can run: compose.yaml, the image's and systemd's commands, the settings."""

import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from comments.cli import main
from comments.settings import KNOWN
from deploy.rehearsal.programs import DEPLOY, render
from tests.served import COMMENTS, Served

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = {name: part for name, part in COMPOSE["services"].items() if part["image"] == "comments"}


def accept(arguments: list[str]) -> None:
    """Raises what click says where our command does not know these arguments."""
    context = main.make_context("comments", list(arguments))
    name, command, rest = main.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    command.make_context(name, rest, parent=context)


def test_compose_starts_each_role_with_settings_that_exist() -> None:
    for part in OURS.values():
        accept(part["command"])
        assert {name for name in part["environment"] if not name.startswith("COMMENTS_")} == set()
        assert set(part["environment"]) <= set(KNOWN)
    roles = [part["command"][2] for part in OURS.values() if part["command"][0] == "serve"]
    assert (sorted(roles), {"worker", "migrate"} < OURS.keys()) == (["live", "web"], True)


def test_compose_mounts_what_is_there_and_waits_for_what_it_has() -> None:
    made_by_the_operator = {"./tls", "./redis/users.acl"}
    for name, part in COMPOSE["services"].items():
        for mount in part.get("volumes", ()):
            source = mount.split(":")[0]
            known = source in COMPOSE["volumes"] or source in made_by_the_operator or (DEPLOY / source).exists()
            assert known, f"{name} mounts {source}"
        for other in part.get("depends_on", ()):
            assert other in COMPOSE["services"]
        for config in part.get("configs", ()):
            assert config["source"] in COMPOSE["configs"]
        assert "healthcheck" in part or "build" in part, f"nobody can see whether {name} is well"
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    told = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / ".env.example").read_text(), re.MULTILINE))
    assert asked == told


def test_the_pools_of_compose_are_those_of_the_sample() -> None:
    """Only the servers differ."""

    def without_servers(text: str) -> list[list[str]]:
        lines = [line.partition("#")[0].split() for line in text.splitlines()]
        return [[word for word in line if not re.search(r":\d+$", word)] for line in lines if line]

    def once(lines: list[list[str]]) -> list[list[str]]:
        return [line for at, line in enumerate(lines) if not at or line != lines[at - 1]]

    sample = once(without_servers((DEPLOY / "nginx/upstreams.conf").read_text()))
    assert once(without_servers(COMPOSE["configs"]["upstreams"]["content"])) == sample


def test_the_image_copies_what_is_there_and_serves() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert all((DEPLOY.parent / source).exists() for sources in copied for source in sources)
    command = next(line for line in lines if line.startswith("CMD"))
    accept(yaml.safe_load(command.removeprefix("CMD ")))
    assert "USER comments" in lines


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    started = re.search(r"^ExecStart=/opt/comments/bin/comments (.*)$", unit.read_text(), re.MULTILINE)
    assert started is not None
    accept(shlex.split(started[1].replace("%i", "8001").replace("${LISTEN}", "127.0.0.1")))


def test_the_units_are_told_settings_that_exist() -> None:
    text = (DEPLOY / "systemd/comments.env.example").read_text()
    assert set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)) <= set(KNOWN)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "systemd", tmp_path, dirs_exist_ok=True)
    instances = []
    for unit in UNITS:
        instances.append(tmp_path / unit.name.replace("@", "@8001"))
        render(unit, instances[-1], {"/opt/comments/bin/comments": str(COMMENTS)})
    command = ["systemd-analyze", "verify", "--recursive-errors=one", "--man=no", *instances]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(30)
        yield ear


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_systemd_is_told_that_the_service_is_ready(ear: socket.socket, served: Callable[..., Served]) -> None:
    """The units are of Type=notify: whoever restarts one machine after the other waits for this."""
    served(NOTIFY_SOCKET=ear.getsockname())
    assert ear.recv(1000).startswith(b"READY=1")
