"""The operator's command, run as an operator runs it: what it prints, what it does, and how it says no."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.storage.tables import articles, audit, users
from tests.conftest import FakeClock
from tests.gazette import Gazette
from tests.served import COMMENTS
from tests.servers import free_port

Done = subprocess.CompletedProcess[str]
# One process for several commands: to load the package takes longer than most of them.
SEVERAL = """
import json, sys
from click.testing import CliRunner
from comments.cli import main
for arguments, typed in json.load(sys.stdin):
    done = CliRunner().invoke(main, arguments, input=typed, prog_name="comments")
    if done.exc_info and done.exc_info[0] is not SystemExit:
        raise done.exception
    print(json.dumps([done.exit_code, done.stdout, done.stderr]), flush=True)
"""


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | dict(environ)


def run(environ: Mapping[str, str], *arguments: str, stdin: str = "") -> Done:
    """One command as an operator runs it."""
    return subprocess.run(
        [COMMENTS, *arguments], env=variables(environ), input=stdin, capture_output=True, text=True, check=False
    )


def several(environ: Mapping[str, str], *commands: Sequence[str], stdin: str = "") -> list[Done]:
    """One command after the other; each gets the same `stdin`."""
    asked = json.dumps([[list(arguments), stdin] for arguments in commands])
    told = subprocess.run(
        [sys.executable, "-c", SEVERAL],
        env=variables(environ),
        input=asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    return [Done(arguments, *answer) for arguments, answer in zip(commands, answers, strict=True)]


def says_no(done: Done, *words: str) -> None:
    """Exit status 1 and one sentence, and nothing of Python."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in sentence, sentence


CREATE = ("site", "create", "gazette", "--name", "The Gazette", "--origin", "https://www.gazette.example",
          "--issuer", "https://www.gazette.example")  # fmt: skip


# Without a database


def test_help_explains_itself(tmp_path: Path) -> None:
    done = run({}, "--help")
    assert done.returncode == 0
    for word in (
        "serve",
        "worker",
        "demo",
        "site",
        "user",
        "import",
        "doctor",
        "COMMENTS_DATABASE_URL",
        "COMMENTS_SECRET_KEY",
    ):
        assert word in done.stdout
    assert not (tmp_path / "var").exists()
    version, *wrong = several(
        {},
        ["--version"],
        ["no-such-command"],
        ["serve", "--port", "x"],
        ["serve", "--workers", "0"],
        ["serve", "--role", "pages"],
        ["site", "create"],
    )
    assert re.fullmatch(r"comments, version \d+\.\d+\.\d+\n", version.stdout)
    for done in wrong:
        assert (done.returncode, done.stdout) == (2, "")
        assert "Usage:" in done.stderr


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    """Each wrong value of them all: test_settings.py."""
    for name, value in (
        ("COMMENTS_PORT", "eighty"),
        ("COMMENTS_DATABASE_URL", "mysql://db"),
        ("COMMENTS_NO_SUCH", "1"),
    ):
        says_no(run({"COMMENTS_DATA_DIR": str(tmp_path), name: value}, "serve"), name)


def test_every_command_reads_the_settings(tmp_path: Path) -> None:
    environ = {"COMMENTS_DATA_DIR": str(tmp_path), "COMMENTS_PORT": "x"}
    password = ["user", "password", "a@b.example", "--password-file", "-"]
    for done in several(
        environ, ["worker"], ["demo"], ["doctor"], ["site", "list"], CREATE, password, stdin="ten characters"
    ):
        says_no(done, "COMMENTS_PORT")


def test_more_than_one_process_needs_redis(tmp_path: Path) -> None:
    environ = {"COMMENTS_DATA_DIR": str(tmp_path), "COMMENTS_PORT": str(free_port())}
    web, live, two = several(
        environ, ["serve", "--role", "web"], ["serve", "--role", "live"], ["serve", "--workers", "2"]
    )
    says_no(web, "The role web needs Redis", "COMMENTS_REDIS_URL")
    says_no(live, "The role live needs Redis", "COMMENTS_REDIS_URL")
    says_no(two, "More than one", "COMMENTS_REDIS_URL")


@pytest.mark.parametrize("url", ["postgresql://u:p@127.0.0.1:{port}/x", "sqlite:////proc/no/such.db"])
def test_a_database_that_is_not_there(tmp_path: Path, url: str) -> None:
    environ = {"COMMENTS_DATA_DIR": str(tmp_path), "COMMENTS_DATABASE_URL": url.format(port=free_port())}
    serve, listed, doctor = several(environ, ["serve"], ["site", "list"], ["doctor"])
    says_no(serve, "database")
    says_no(listed, "database")
    assert doctor.returncode == 1
    assert "WRONG" in doctor.stdout and "Traceback" not in doctor.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run({"COMMENTS_DATA_DIR": str(tmp_path)}, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "in use" in done.stderr


# Sites


def test_sites(environ: dict[str, str]) -> None:
    done = run(environ, *CREATE, "--product", "digital", "--product", "print", "--origin", "http://localhost:8001",
               "--login-url", "https://www.gazette.example/login")  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = dict(re.findall(r"(?m)^(site|secret|paste) +(\S.*?)(?: {3}.*)?$", done.stdout))
    assert printed["site"] == "gazette"
    assert len(printed["secret"].split()[0]) >= 43
    script = 'src="http://localhost:8000/embed.js" data-site="gazette" data-article="YOUR-ARTICLE-ID"'
    assert printed["paste"] == f"<script async {script}></script>"
    settings = ["write=registered", "max_depth=3", 'reactions=["agree"]', "presence=false"]
    wrong = ("write=everyone", "max_depth=many", "no_such=1", "login_url=javascript:x")
    listed, again, changed, unknown, no_value, *refused = several(
        environ, ["site", "list"], CREATE, ["site", "set", "gazette", *settings], ["site", "set", "herald", *settings],
        ["site", "set", "gazette", "write"], *(["site", "set", "gazette", one] for one in wrong),
    )  # fmt: skip
    assert listed.stdout == "gazette\tThe Gazette\thttps://www.gazette.example http://localhost:8001\n"
    says_no(again, "gazette")
    assert changed.stdout == 'write = "registered"\nmax_depth = 3\nreactions = ["agree"]\npresence = false\n'
    says_no(unknown, "herald")
    assert no_value.returncode == 2
    for done in refused:
        says_no(done, "Site settings")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sites_that_are_refused(environ: dict[str, str]) -> None:
    base = {"--name": "x", "--origin": "https://x.example", "--issuer": "https://x.example"}
    changes = (
        {"--origin": "x.example"}, {"--origin": "https://x.example/"}, {"--origin": "null"}, {"--issuer": "x"},
        {"--name": " "}, {"--secret": "short"}, {"--secret": "x" * 40}, {"--jwks-url": "keys"},
        {"--jwks-url": "https://x.example/keys", "--secret": "0123456789abcdefghijklmnopqrstuvwxyz"},
        {"--login-url": "/login"}, {"--subscribe-url": "javascript:x"},
    )  # fmt: skip

    def create(key: str, change: dict[str, str]) -> list[str]:
        return ["site", "create", key, *(part for pair in (base | change).items() for part in pair)]

    *refused, listed, made = several(
        environ, *(create("x", change) for change in changes), create("Not A Key", {}), ["site", "list"],
        create("x", {"--jwks-url": "https://x.example/keys"}),
    )  # fmt: skip
    for done in refused:
        says_no(done)
    assert listed.stdout == ""
    assert "secret" not in made.stdout and "https://x.example/keys" in made.stdout


# Accounts


def test_accounts_change_and_end(environ: dict[str, str]) -> None:
    bach = "bach@gazette.example"
    create = ["user", "create", bach, "--role", "moderator", "--section", "sport", "--password-file", "-"]
    _, _, listed, changed, no_section, unknown, disabled, again, ended = several(
        environ, CREATE, create, ["user", "list"], ["user", "role", bach, "administrator", "--site", "gazette"],
        ["user", "role", bach, "staff", "--section", "sport"], ["user", "role", "x@x.example", "staff"],
        ["user", "disable", bach], ["user", "disable", bach], ["user", "list"], stdin="a good password\n",
    )  # fmt: skip
    assert listed.stdout == f"{bach}\tmoderator\tall sites\tsport\n"
    assert changed.stdout == f"{bach} is administrator now and has to sign in again.\n"
    says_no(no_section, "moderator's")
    says_no(unknown, "x@x.example")
    assert disabled.stdout == f"{bach} is disabled and signed out everywhere.\n"
    says_no(again, "no account")
    assert ended.stdout == f"{bach}\tadministrator\tgazette\t\tdisabled\n"


def test_accounts(environ: dict[str, str], request: pytest.FixtureRequest) -> None:
    create = ["user", "create", "Kiesel@gazette.example", "--role", "admin", "--password-file", "-"]
    moderator = ["user", "create", "bach@gazette.example", "--role", "moderator", "--password-file", "-"]
    _, made, again, no_site, no_role, no_address, second, changed, nobody = several(
        environ, CREATE, create, create, [*moderator, "--site", "herald"],
        ["user", "create", "x@x.example", "--role", "owner"], ["user", "create", "no address", *moderator[3:]],
        [*moderator, "--site", "gazette", "--name", "Bach"],
        ["user", "password", "bach@gazette.example", "--password-file", "-"],
        ["user", "password", "nobody@x.example", "--password-file", "-"], stdin="a good password\n",
    )  # fmt: skip
    assert made.stdout == (
        "Kiesel@gazette.example is administrator now; the console is at http://localhost:8000/console\n"
    )
    says_no(again, "Kiesel@gazette.example")
    says_no(no_site, "herald")
    assert (no_role.returncode, second.returncode) == (2, 0)
    says_no(no_address, "address")
    assert changed.stdout == "bach@gazette.example has a new password and is signed out everywhere.\n"
    says_no(nobody, "nobody")
    says_no(run(environ, *moderator, stdin="too short\n"), "10 characters")
    database = request.getfixturevalue("app").extensions["comments"].database
    with database.read() as conn:
        rows = conn.execute(sa.select(users).order_by(users.c.id)).all()
        log = conn.execute(sa.select(audit.c.action, audit.c.user_id).order_by(audit.c.id)).all()
    assert [(row.email, row.name, row.role, row.sites, row.epoch) for row in rows] == [
        ("kiesel@gazette.example", "Kiesel", "administrator", None, 0),
        ("bach@gazette.example", "Bach", "moderator", "[1]", 1),
    ]
    assert all(row.password_hash.startswith("$argon2id$") for row in rows)
    assert [tuple(row) for row in log] == [
        (action, None) for action in ("create_site", "create_user", "create_user", "set_password")
    ]


# Doctor


def test_the_doctor(environ: dict[str, str], clock: FakeClock, request: pytest.FixtureRequest) -> None:
    """It recounts everything: what is right is said, what is wrong ends with status 1."""
    paper = Gazette.make(request.getfixturevalue("app"), clock)
    paper.reader().post("hello")
    told = [line for line in run(environ, "doctor").stdout.splitlines() if "bundles" not in line]
    assert len(told) >= 9
    assert [line for line in told if not line.startswith("ok ")] == []
    paper.change(lambda conn: conn.execute(sa.update(articles).values(total=7)))
    done = run(environ, "doctor")
    assert done.returncode == 1
    assert "WRONG  totals of articles: 1 wrong" in done.stdout


# Classifiers


def test_classifiers_of_the_command_line(environ: dict[str, str], tmp_path: Path) -> None:
    from tests.opinions.service import service
    from tests.opinions.test_adapters import SECRET

    assert run(environ, *CREATE).returncode == 0
    with service() as told:
        told.says(hate=0.75, fun=0.1)
        here = environ | {"COMMENTS_PRIVATE_HOSTS": "localhost"}
        add = ["classifier", "add", "gazette", "moody", "http", f"url={told.url}", "--secret-file", "-"]
        says_no(run(here, *add, stdin="short\n"), "whsec_")
        made, again, wrong, listed, tried, gone, nobody = several(
            here, add, add, ["classifier", "add", "gazette", "x", "nothing"], ["classifier", "list", "gazette"],
            ["classifier", "test", "gazette", "moody", "How is this?"], ["classifier", "remove", "gazette", "moody"],
            ["classifier", "test", "gazette", "moody", "And this?"], stdin=SECRET + "\n",
        )  # fmt: skip
    assert made.stdout == "moody is asked as soon as the rules of gazette name it.\n"
    says_no(again, "already")
    says_no(wrong, "akismet, http, openai, profanity")
    assert listed.stdout.startswith("moody\thttp\ton\t") and SECRET not in listed.stdout
    assert tried.stdout == "0.750  hate\n0.100  fun\n"
    assert gone.stdout == "moody is removed.\n"
    says_no(nobody, "moody")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rules_on_the_command_line(app: Flask, environ: dict[str, str], clock: FakeClock, tmp_path: Path) -> None:
    """Set from a file, tried without effect, taken back; what is wrong in a file is named by its line."""
    kiesel = Gazette.make(app, clock).reader("kiesel")
    for text in ("a weasel in the garden", "a hedgehog in the garden"):
        kiesel.post(text)
    words, bad = tmp_path / "words.txt", tmp_path / "bad.txt"
    words.write_text("weasel\n\n stoat* \nweasel\n", encoding="utf-8")
    bad.write_text(f"fine\n*\n{'x' * 101}\n", encoding="utf-8")
    tried, shown, listed, wrong, gone, no_list = several(
        environ, ["rules", "try", "gazette", f"banned_words=@{words}"], ["rules", "show", "gazette"],
        ["rules", "set", "gazette", f"banned_words=@{words}", "--reason", "weasels"],
        ["rules", "set", "gazette", f"banned_words=@{bad}"], ["rules", "set", "gazette", "banned_words=@/none"],
        ["rules", "set", "gazette", f"max_links=@{words}"],
    )  # fmt: skip
    assert tried.stdout.startswith("2 comments looked at in ")
    assert "newly held: 1 (banned_words 1)" in tried.stdout and "a [weasel] in the garden" in tried.stdout
    assert "banned_words" not in shown.stdout and "version 1" in shown.stdout
    assert listed.stdout == 'banned_words = ["weasel","stoat*"]\n'
    says_no(wrong, f"{bad}:2", "nothing to look for", f"{bad}:3", "longer")
    says_no(gone, "/none")
    assert (no_list.returncode, "no list" in no_list.stderr) == (2, True)
    after, back, again, unknown = several(
        environ, ["rules", "show", "gazette"], ["rules", "take-back", "gazette", "1", "--reason", "enough"],
        ["rules", "take-back", "gazette", "1"], ["rules", "take-back", "gazette", "9"],
    )  # fmt: skip
    assert "version 2\t2" in after.stdout and after.stdout.splitlines()[-2].endswith("the command line\tweasels")
    assert back.stdout == "version 3 counts now; it is version 1 again.\n"
    says_no(again, "version 1")
    says_no(unknown, "no such version")
