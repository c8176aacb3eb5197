"""One article, one comment and all the world: two services on one PostgreSQL, straight and through PgBouncer."""

import itertools
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.moderation import Decision, decide
from comments.core.errors import Conflict
from comments.core.identity import Role, Viewer
from comments.storage.checks import CHECKS
from comments.storage.tables import articles, comments
from comments.storage.transaction import system_clock
from tests.conftest import Environ
from tests.gazette import Gazette
from tests.http.test_races import COMMENTS_OF_1, Answer, Paper, at_once
from tests.served import Served
from tests.servers import free_port, wait_until

WRITERS, ROUNDS = 20, 4
ADMINISTRATOR = Viewer(Role.ADMINISTRATOR, id=None, sites=None)


@pytest.fixture
def pgbouncer(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The same database through a PgBouncer in transaction mode, with fewer sessions than anybody wants."""
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer).")
    url, port = urlsplit(database_url), free_port()
    folder = tmp_path / "pgbouncer"
    folder.mkdir()
    (folder / "users").write_text(f'"{url.username}" "{url.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={url.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"unix_socket_dir =\nauth_type = plain\nauth_file = {folder / 'users'}\npool_mode = transaction\n"
        "default_pool_size = 6\nlog_connections = 0\nlog_disconnections = 0\n"
    )
    user = ["--user=nobody"] if os.geteuid() == 0 else []  # it refuses to run as root
    for path in (*reversed(folder.parents[:3]), folder) if user else ():
        path.chmod(path.stat().st_mode | 0o011)
    if user:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "nobody")
    with (tmp_path / "pgbouncer.log").open("w+") as log:
        process = subprocess.Popen([program, *user, folder / "pgbouncer.ini"], stdout=log, stderr=log)
        try:
            wait_until(lambda: "process up" in (tmp_path / "pgbouncer.log").read_text(), "PgBouncer")
            yield database_url.replace(f":{url.port}/", f":{port}/")
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(params=["straight", "through PgBouncer"])
def variables(request: pytest.FixtureRequest) -> Environ:
    """How a service reaches the database."""
    if request.param == "straight":
        return {}
    return {"COMMENTS_DATABASE_URL": request.getfixturevalue("pgbouncer"), "COMMENTS_POSTGRES_POOLER": "yes"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_lost_on_a_hot_article(
    app: Flask, variables: Environ, redis_url: str, served: Callable[..., Served]
) -> None:
    """Writers post, answer one comment and recommend it, in two services, while moderators decide in a third."""
    gazette = Gazette.make(app, system_clock, write="registered", banned_words=("beware",))
    gazette.database.clock = system_clock  # what this process wrote in March would be swept away as old
    papers = [Paper(served(COMMENTS_REDIS_URL=redis_url, **variables).url) for _ in range(2)]
    tokens = [papers[0].access(f"writer {number}") for number in range(WRITERS)]
    hot = papers[0].call("POST", COMMENTS_OF_1, {"body": "everybody answers this"}, tokens[0], "hot")[1]["id"]
    answers: list[Answer] = []

    def write(mine: int) -> Answer:
        """A post, an answer to the hot comment, a recommendation of it, and something for the moderators."""
        paper, token = papers[mine % 2], tokens[mine]
        for turn in range(ROUNDS):
            for words, parent in (("hello", None), ("an answer", hot), ("beware", None)):
                body = {"body": f"{words} {turn}", "parent_id": parent}
                answers.append(paper.call("POST", COMMENTS_OF_1, body, token, f"{words} {turn}"))
        method = "PUT" if mine else "DELETE"  # nobody recommends oneself: the first one wrote it
        return paper.call(method, f"/comments/{hot}/reactions/recommend", None, token)

    def moderate(_: int) -> Answer:
        """Whatever waits is decided about, in turns for and against, until all was."""
        decided = 0
        for kind in itertools.cycle(("approve", "reject")):
            decided += (new := _decide_about_one(gazette, kind))
            if not new and len(answers) == WRITERS * ROUNDS * 3:
                return decided, None
        raise AssertionError

    reacted = at_once(WRITERS + 2, lambda mine: write(mine) if mine < WRITERS else moderate(mine))
    assert Counter(status for status, _ in answers) == {201: WRITERS * ROUNDS * 3}, "no time-out, no deadlock"
    assert Counter(status for status, _ in reacted)[200] == WRITERS - 1
    _nothing_is_missing(gazette, [int(comment["id"]) for _, comment in answers] + [int(hot)])
    assert papers[0].call("GET", f"/comments/{hot}/context", None)[1]["comments"][0]["reply_count"] == WRITERS * ROUNDS


def _decide_about_one(gazette: Gazette, kind: str) -> int:
    """Whether there was one that nobody else decided about meanwhile."""
    with gazette.read() as conn:
        waiting = conn.execute(sa.select(comments.c.id, comments.c.version).where(comments.c.status == "waiting"))
        one = waiting.first()
    if one is None:
        return 0
    reason = "spam" if kind == "reject" else None
    try:
        with gazette.database.transaction() as tx:
            decide(tx, ADMINISTRATOR, one.id, Decision(kind, one.version, reason))  # type: ignore[arg-type]
    except Conflict:
        return 0
    return 1


def _nothing_is_missing(gazette: Gazette, confirmed: list[int]) -> None:
    gazette.work()
    with gazette.read() as conn:
        assert sorted(conn.execute(sa.select(comments.c.id)).scalars()) == sorted(confirmed)
        assert {name: check(conn) for name, check in CHECKS.items()} == dict.fromkeys(CHECKS, 0)
        article = conn.execute(sa.select(articles)).one()
        public = sa.select(sa.func.count()).where(comments.c.status == "published")
        assert article.total == conn.execute(public).scalar_one()
        assert conn.execute(sa.select(comments.c.status).where(comments.c.status == "waiting")).first() is None
