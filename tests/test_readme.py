"""The README and docs/ stay true: commands run, token examples are accepted by a real service, links lead somewhere."""

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask

from comments.actions.sites import NewSite, create_site

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent
SECRET = "a-secret-of-the-gazette-that-is-long-enough"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[list[str]]:
    text = "\n".join(blocks("sh")).replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line.strip()]


def test_make_knows_the_two_commands() -> None:
    targets = [command[1] for command in commands() if command[0] == "make"]
    assert targets == ["run", "test"]
    for target in targets:
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


def test_the_commands_of_the_five_minutes_work(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "COMMENTS_DATA_DIR": str(tmp_path)}
    ours = [command[1:] for command in commands() if command[0] == ".venv/bin/comments"]
    create, user, serve = ours
    made = subprocess.run([BIN / "comments", *create], env=environ, check=True, capture_output=True, text=True).stdout
    assert "gazette" in made and "<script async src=" in made and "<noscript><a href=" in made
    answer_passwords([str(BIN / "comments"), *user], environ)
    shown = subprocess.run(
        [BIN / "comments", "site", "list"], env=environ, check=True, capture_output=True, text=True
    ).stdout
    assert "https://www.gazette.example" in shown
    assert serve[:1] == ["serve"]
    subprocess.run([BIN / "comments", "serve", "--help"], env=environ, check=True, capture_output=True)


def answer_passwords(command: list[str], environ: dict[str, str]) -> None:
    """Type the password twice at the terminal that the command asks."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(command[0], command, environ)
    seen = b""
    for prompt in (b"Password:", b"Again:"):
        while prompt not in seen:
            seen += os.read(terminal, 1000)
        os.write(terminal, b"correct horse battery\n")
    while True:
        try:
            more = os.read(terminal, 1000)
        except OSError:
            break
        if not more:
            break
        seen += more
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, seen.decode()
    assert b"administrator" in seen


def python_token(folder: Path) -> str:
    (folder / "sign.py").write_text(blocks("python")[0])
    call = "import sys; from sign import comments_token; print(comments_token(*sys.argv[1:4], int(sys.argv[4])))"
    return output([sys.executable, "-c", call], folder)


def node_token(folder: Path) -> str:
    node = shutil.which("node") or shutil.which(str(BIN / "node"))
    if node is None:
        pytest.skip("no Node on this machine")
    (folder / "sign.mjs").write_text(blocks("js")[0])
    (folder / "call.mjs").write_text(
        'import { commentsToken } from "./sign.mjs";\n'
        "const [secret, id, name, until] = process.argv.slice(2);\n"
        "console.log(commentsToken(secret, id, name, Number(until)));\n"
    )
    return output([node, "call.mjs"], folder)


def php_token(folder: Path) -> str:
    php = shutil.which("php")
    if php is None:
        pytest.skip("no PHP on this machine: apt-get install php-cli")
    code = blocks("php")[0] + "\necho comments_token($argv[1], $argv[2], $argv[3], (int) $argv[4]);\n"
    (folder / "sign.php").write_text(code)
    return output([php, "sign.php"], folder)


def output(command: list[str], folder: Path) -> str:
    arguments = [SECRET, "reader-1", "kiesel", str(int(time.time()) + 86_400)]
    done = subprocess.run([*command, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("sign", [python_token, node_token, php_token])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_examples_sign_tokens_that_are_accepted(sign: object, app: Flask, clock: object, tmp_path: Path) -> None:
    new = NewSite(
        key="gazette",
        name="The Gazette",
        issuer="https://www.gazette.example",
        origins=("https://www.gazette.example",),
        products=("digital",),
        secret=SECRET,
    )
    with app.extensions["comments"].database.transaction() as tx:
        create_site(tx, new)
    clock.now = time.time_ns() // 1000  # type: ignore[attr-defined]
    token = sign(tmp_path)  # type: ignore[operator]
    answer = app.test_client().post("/api/v1/session", json={"site": "gazette", "token": token})
    assert answer.status_code == 200, answer.json
    assert answer.json["viewer"]["state"] == "active" and answer.json["viewer"]["can"]["write"]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", page.read_text()):
        assert (page.parent / target).exists(), target
