"""`comments import`, killed at any moment and run again: nothing lost, nothing double; what it says and how it ends."""

import os
import random
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from comments.actions.reading import WORTH
from comments.core.archive import SYSTEMS
from tests.importers.test_hostile import disqus, post
from tests.importers.test_systems import FILES, isso_database
from tests.served import COMMENTS
from tests.servers import ROOT, wait_until
from tests.test_cli import several

MANY = 3000
CREATE = ["site", "create", "gazette", "--name", "The Gazette", "--issuer", "https://gazette.example"]
CREATE += ["--origin", "https://gazette.example"]


@pytest.fixture
def environ(sqlite_template: Path, tmp_path: Path) -> dict[str, str]:
    """A database of its own with the site in it, for commands."""
    shutil.copyfile(sqlite_template, tmp_path / "comments.db")
    environ = {"PATH": os.environ["PATH"], "COMMENTS_DATA_DIR": str(tmp_path)}
    subprocess.run([COMMENTS, *CREATE], env=environ, check=True, capture_output=True)
    return environ


def command(*words: str | Path) -> list[str | Path]:
    return [COMMENTS, "import", *words, "--site", "gazette"]


def run(environ: dict[str, str], *words: str | Path) -> Any:
    return subprocess.run(command(*words), env=environ, capture_output=True, text=True, check=False)


def rows(environ: dict[str, str], query: str) -> list[Any]:
    with closing(sqlite3.connect(Path(environ["COMMENTS_DATA_DIR"], "comments.db"), timeout=20)) as conn:
        return conn.execute(query).fetchall()


def children_of(pid: int) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def none_runs(pids: list[int]) -> bool:
    return not any(map(is_running, pids))


def wait_for(environ: dict[str, str], importing: "subprocess.Popen[bytes]", least: int) -> None:
    """Until so many comments are there, or the import has ended."""
    number = "SELECT count(*) FROM comments"
    wait_until(lambda: rows(environ, number)[0][0] >= least or importing.poll() is not None, f"{least} comments", 120)


def words_of(number: int) -> str:
    return f"words of {number}" + " and more of them" * 40


@pytest.mark.timeout(300)
def test_killed_and_run_again(environ: dict[str, str], tmp_path: Path) -> None:
    chance = random.Random(7)
    parents = [None if number < 3 else chance.randrange(number) for number in range(MANY)]
    posts = [post(number, parent=above, text=words_of(number)) for number, above in enumerate(parents)]
    file = tmp_path / "export.xml"
    file.write_bytes(disqus(*posts))
    assert file.stat().st_size > WORTH
    for least in (1, 900, 1800):
        with subprocess.Popen(command("disqus", file), env=environ, stderr=subprocess.DEVNULL) as importing:
            wait_for(environ, importing, least)
            time.sleep(chance.random() / 5)  # at any moment: of a batch, between two, while another reads
            helpers = children_of(importing.pid)
            importing.send_signal(signal.SIGKILL)
        wait_until(partial(none_runs, helpers), "the end of who reads", 60)
    done = run(environ, "disqus", file)
    assert done.returncode == 0, done.stderr
    assert f"{MANY} records read" in done.stdout
    written = rows(
        environ,
        "SELECT c.archive_key, p.archive_key, c.text FROM comments c LEFT JOIN comments p ON p.id = c.parent_id",
    )
    assert sorted(written) == sorted(
        (f"disqus:{at}", None if above is None else f"disqus:{above}", words_of(at)) for at, above in enumerate(parents)
    )
    doctor = subprocess.run([COMMENTS, "doctor"], env=environ, capture_output=True, text=True, check=False)
    assert doctor.returncode == 0, doctor.stdout


def test_what_the_command_says(environ: dict[str, str], tmp_path: Path) -> None:
    dry = run(environ, "disqus", FILES["disqus"], "--dry-run")
    assert (dry.returncode, rows(environ, "SELECT count(*) FROM comments")) == (1, [(0,)])
    assert "4 would be imported, 0 known already, 0 changed, 1 not imported" in dry.stdout
    assert "disqus.xml:53: not imported: its thread '99' is not in this file" in dry.stderr
    mapping = tmp_path / "articles.csv"
    mapping.write_text("source,article\n99,lost-and-found\n")
    done = run(environ, "disqus", FILES["disqus"], "--articles", mapping)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("lost-and-found",) in rows(environ, "SELECT key FROM articles")
    cut = tmp_path / "cut.xml"
    cut.write_bytes(FILES["disqus"].read_bytes()[:1500])
    broken = run(environ, "disqus", cut)
    assert broken.returncode == 2
    assert "known already" in broken.stdout
    assert "cut.xml: Line" in broken.stderr and "cut off" in broken.stderr
    other = run(environ, "wordpress", FILES["disqus"])
    assert (other.returncode, other.stdout) == (2, "")
    assert "begins with <disqus>, not with <rss>" in other.stderr
    mapping.write_text("only one column\n")
    wrong = run(environ, "disqus", FILES["disqus"], "--articles", mapping)
    assert (wrong.returncode, "two columns" in wrong.stderr) == (2, True)


def test_the_commands_of_the_documentation_work(environ: dict[str, str], tmp_path: Path) -> None:
    text = (ROOT / "docs" / "moving-in.md").read_text()
    for path in FILES.values():
        shutil.copy(path, tmp_path)
    isso_database(tmp_path / "isso.db")
    (tmp_path / "archive.ndjson").write_bytes((ROOT / "tests" / "samples" / "archive.ndjson").read_bytes())
    mapping = re.search(r"^```csv\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert mapping is not None
    (tmp_path / "articles.csv").write_text(mapping[1])
    given = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]
    files = {path.name: str(path) for path in tmp_path.iterdir()}
    commands = [
        [files.get(word, word) for word in shlex.split(line)[1:]] for line in given if line.startswith("comments ")
    ]
    assert {words[1] for words in commands} == set(SYSTEMS)
    together = tuple(" ".join(words) for words in commands)
    for words, done in zip(together, several(environ, *commands), strict=True):
        assert done.returncode in (0, 1), (words, done.stderr)
        assert " records read: " in done.stdout, words
    kinds = rows(environ, "SELECT DISTINCT substr(archive_key, 1, instr(archive_key, ':') - 1) FROM comments")
    assert {kind for (kind,) in kinds} >= set(SYSTEMS) - {"archive"}
