"""What the service is made of: locked with hashes, built to the same bytes, listed; searched for faults and secrets."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
NOWHERE = "http://127.0.0.1:9"  # nobody listens there


def run(*command: str | Path, folder: Path = TOP, **environ: str) -> subprocess.CompletedProcess[str]:
    path = f"{BIN}:{os.environ['PATH']}"
    environ = dict(os.environ) | {"PATH": path} | environ
    return subprocess.run(
        [str(one) for one in command], check=False, cwd=folder, env=environ, capture_output=True, text=True
    )


@pytest.mark.parametrize("lock", ["requirements.lock", "scripts/uv.txt", "scripts/node.txt"])
def test_every_python_package_is_locked_with_hashes(lock: str) -> None:
    text = re.sub(r"\\\n", " ", (TOP / lock).read_text())
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert packages
    assert [one for one in packages if not re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", one)] == []


@pytest.mark.parametrize("folder", ["comments/frontend", "scripts/lighthouse"])
def test_every_npm_package_is_locked_with_hashes(folder: str) -> None:
    lock: dict[str, Any] = json.loads((TOP / folder / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if not one.get("integrity", "").startswith("sha512-")] == []
    assert [
        name for name, one in packages.items() if "resolved" in one
    ] == []  # any mirror serves them: the hash decides


def copy_of_the_tree(folder: Path) -> Path:
    tracked = run("git", "ls-files", "-z").stdout.split("\0")
    for name in [*filter(None, tracked), *(str(one.relative_to(TOP)) for one in (TOP / "comments/static").iterdir())]:
        if not (TOP / name).is_file():
            continue  # removed, and not yet committed
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TOP / name, folder / name)
    shutil.copymode(TOP / "scripts/wheel", folder / "scripts/wheel")
    (folder / ".venv").symlink_to(TOP / ".venv")
    return folder


def test_the_wheel_is_built_to_the_same_bytes(tmp_path: Path) -> None:
    """In another folder, at another time, by somebody with other rights on new files."""
    digests = []
    for number, umask in enumerate(("022", "077")):
        folder = copy_of_the_tree(tmp_path / f"copy-{number}")
        script = (
            f"umask {umask}; touch -d '{number} days ago' comments/*.py; exec scripts/wheel '{tmp_path}/dist-{number}'"
        )
        built = run("sh", "-c", script, folder=folder, SOURCE_DATE_EPOCH="1700000000")
        assert built.returncode == 0, built.stderr
        digests.append(hashlib.sha256(Path(built.stdout.strip()).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_an_audit_that_could_not_look_says_so_and_fails() -> None:
    found = run(
        sys.executable, "scripts/audit", HTTPS_PROXY=NOWHERE, https_proxy=NOWHERE, npm_config_registry=NOWHERE,
        npm_config_fetch_retries="0", NO_PROXY="", no_proxy="", npm_config_noproxy="",
    )  # fmt: skip
    assert found.returncode == 2
    assert found.stderr.count("could not be looked up") == 5, found.stderr
    assert "no known vulnerability" not in found.stdout


def test_a_secret_is_found(tmp_path: Path) -> None:
    """By the scan as `make check` runs it."""
    scan = next(line for line in run("make", "--dry-run", "check").stdout.splitlines() if "detect-secrets" in line)
    scan = scan.partition("detect-secrets-hook")[2]
    for number, secret in enumerate(("AKIA" + "Z7Q2M4X9B1K8W5T3", "-----BEGIN RSA " + "PRIVATE KEY-----")):
        planted = tmp_path / f"{number}.py"
        planted.write_text(f'KEY = "{secret}"\n')
        found = run("sh", "-c", f"detect-secrets-hook {scan} {planted}")
        assert found.returncode == 1, found.stdout + found.stderr


def test_what_bandit_warns_of_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("import pickle\n\n\ndef read(data):\n    return pickle.loads(data)\n")
    found = run(BIN / "bandit", "--quiet", "--configfile", "pyproject.toml", planted)
    assert (found.returncode, "B301" in found.stdout) == (1, True), found.stdout + found.stderr


def test_the_list_of_parts_is_what_is_installed() -> None:
    made = run("scripts/sbom")
    assert made.returncode == 0, made.stderr
    python, frontend = (json.loads((TOP / f"build/sbom/{name}.json").read_text()) for name in ("python", "frontend"))
    parts = {re.sub(r"[-_.]+", "-", one["name"].lower()): one["version"] for one in python["components"]}
    locked = dict(re.findall(r"^([\w.-]+)==([^\s\\]+)", (TOP / "requirements.lock").read_text(), re.MULTILINE))
    assert {"flask", "gevent", "bleach", "sqlalchemy"} <= parts.keys()
    assert parts.keys().isdisjoint({"pytest", "mypy", "playwright", "bandit"})
    assert {
        name: version for name, version in parts.items() if name != "comments" and locked.get(name) != version
    } == {}
    assert [one["name"] for one in frontend["components"]] == ["preact"]
