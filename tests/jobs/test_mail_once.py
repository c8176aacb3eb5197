"""Nobody gets a mail twice: real workers, killed at any moment, and a real server that counts."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
import sqlalchemy as sa

from comments.actions.sites import NewSite, create_site
from comments.core.site import SiteSettings
from comments.storage.sites import find_site
from comments.storage.tables import mails
from comments.storage.transaction import Database
from tests.conftest import Environ
from tests.gazette import SECRET
from tests.jobs.conftest import StartWorker
from tests.live.conftest import second_process
from tests.postbox import Postbox, postbox
from tests.servers import wait_until

LETTERS = 40


@pytest.fixture
def box() -> Iterator[Postbox]:
    box = Postbox()
    box.answer = lambda _mail: (time.sleep(0.02), "250 OK")[1]  # the server's own time, in which workers die
    with postbox(box) as box:
        yield box


@pytest.fixture
def real(environ: Environ, box: Postbox) -> Iterator[Database]:
    environ |= {"COMMENTS_SMTP_URL": box.url(), "COMMENTS_MAIL_FROM": "comments@gazette.example"}
    with second_process(environ) as database:
        yield database


def states(database: Database) -> Counter[str]:
    with database.read() as conn:
        return Counter(conn.execute(sa.select(mails.c.state)).scalars())


def test_killed_workers_send_nothing_twice(start_worker: StartWorker, real: Database, box: Postbox) -> None:
    new = NewSite(
        key="gazette", name="Gazette", issuer="https://g.example", origins=("https://g.example",),
        products=("x",), secret=SECRET,
        settings=SiteSettings(mail=True),
    )  # fmt: skip
    with real.transaction() as tx:
        create_site(tx, new)
        site = find_site(tx.conn, "gazette")
        assert site is not None
        row = {"site_id": site.id, "kind": "letter", "template": "stop", "params": "{}", "created_at": tx.now}
        rows = [row | {"address": f"reader{n}@home.example", "run_at": tx.now} for n in range(LETTERS)]
        tx.conn.execute(sa.insert(mails), rows)

    def sent_more(than: int) -> bool:
        return len(box.to) > than or not states(real)["waiting"]

    dice, workers = random.Random(24), list[subprocess.Popen[bytes]]()
    for _ in range(3):
        workers += [start_worker() for _ in range(2 - sum(one.poll() is None for one in workers))]
        wait_until(partial(sent_more, len(box.to)), "a mail to be sent", 60)
        time.sleep(dice.random() * 0.2)
        victim = dice.choice([one for one in workers if one.poll() is None])
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        with real.transaction() as tx:  # the time that a lease takes is over at once
            theirs = sa.update(mails).where(mails.c.state.in_(["taken", "sending"]))
            if not any(one.poll() is None for one in workers):
                tx.conn.execute(theirs.values(run_at=0))
    for one in workers:
        if one.poll() is None:
            one.send_signal(signal.SIGKILL)
            one.wait()
    with real.transaction() as tx:
        tx.conn.execute(sa.update(mails).where(mails.c.state.in_(["taken", "sending"])).values(run_at=0))
    start_worker()
    wait_until(lambda: not {"waiting", "taken", "sending"} & states(real).keys(), "the last mails", 60)
    got, found = Counter(box.to), states(real)
    assert max(got.values()) == 1, "somebody got it twice"
    assert found.keys() <= {"sent", "uncertain"} and found["sent"] + found["uncertain"] == LETTERS
    assert found["sent"] <= len(got) <= LETTERS, "what counts as sent came"
    with real.read() as conn:
        doubtful = conn.execute(sa.select(mails.c.id).where(mails.c.state == "uncertain")).scalars().all()
    assert len(doubtful) <= 5, "one for each kill at most"
