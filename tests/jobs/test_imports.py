"""Imports in the console: brought in chunks, tried, imported by the worker, stopped, taken up again by another one."""

import gzip
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.http.request import LARGEST_REQUEST
from comments.importers import read_file
from comments.jobs import imports as importing
from comments.jobs.upkeep import sweep
from comments.jobs.worker import Worker
from comments.storage.imports import prune_files
from comments.storage.tables import audit, comments, jobs, upload_lines, uploads
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, good, parts_of, refused
from tests.importers.test_systems import FILES
from tests.jobs.conftest import StartWorker
from tests.servers import wait_until

PATH = "/sites/gazette/imports"
HEADER = b'{"archive":"comments","version":1}\n'


@pytest.fixture
def gazette(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock)


@pytest.fixture
def chief(gazette: Gazette) -> Desk:
    return gazette.desk("administrator")


def archive(number: int, words: int = 20) -> bytes:
    """An archive of so many comments and one line that is none."""
    line = '{"key":"old:%d","article":{"id":"harbour"},"author":{"id":"a%d","name":"kiesel"},"body":"%s",'
    line += '"created_at":"2021-04-01T10:02:00Z"}\n'
    lines = [line % (at, at % 7, f"Number {at} " + "word " * words) for at in range(number)]
    return HEADER + "".join(lines).encode() + b'{"key":"old:bad","article":{}}\n'


def written(gazette: Gazette) -> int:
    with gazette.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one())


def start(chief: Desk, upload: str, dry_run: bool = False) -> Any:
    return good(chief.call("POST", f"{PATH}/{upload}/start", {"dry_run": dry_run}))


def counts(one: Any) -> tuple[Any, ...]:
    return tuple(one[name] for name in ("state", "read", "imported", "already", "refused", "changed"))


def last_entry(chief: Desk) -> tuple[str, str, Any]:
    """Of the site's log: what was done, by whom, to what."""
    last = chief.get("/sites/gazette/audit")["entries"][0]
    return last["action"], last["by"], last["before"]


def test_a_file_is_brought_tried_and_imported(gazette: Gazette, chief: Desk) -> None:
    data = archive(300, 250)
    assert LARGEST_REQUEST < len(data) < 2 * LARGEST_REQUEST
    new = {"name": "old.ndjson", "size": len(data), "format": "archive"}
    made = good(chief.call("POST", PATH, new), 201)
    upload, chunk = made["id"], made["chunk_size"]
    assert (made["state"], made["chunks"], made["received"]) == ("uploading", 0, 0)
    refused(chief.send_chunk("gazette", upload, 1, data[chunk:]), 409, "chunk_missing")
    refused(chief.send_chunk("gazette", upload, 0, data[:10]), 400)
    refused(chief.send_chunk("gazette", upload, 2, b"x"), 404)
    good(chief.send_chunk("gazette", upload, 0, data[:chunk]))
    refused(chief.call("POST", f"{PATH}/{upload}/start", {"dry_run": True}), 409, "upload_unfinished")
    here = chief.get(f"{PATH}/{upload}")
    assert (here["chunks"], here["received"]) == (1, chunk)  # what somebody who comes back goes on from
    for _ in range(2):
        good(chief.send_chunk("gazette", upload, 1, data[chunk:]))
    (path,) = (parts_of(gazette.app).settings.data_dir / "imports").iterdir()
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700

    assert start(chief, upload, True)["state"] == "waiting"
    refused(chief.call("POST", f"{PATH}/{upload}/start", {"dry_run": False}), 409, "import_running")
    refused(chief.send_chunk("gazette", upload, 0, data[:chunk]), 409, "upload_finished")
    gazette.work()
    tried = chief.get(f"{PATH}/{upload}")
    assert counts(tried) == ("done", 301, 300, 0, 1, 0) and tried["dry_run"] and written(gazette) == 0
    assert tried["bytes_read"] == tried["size"]
    (line,) = chief.get(f"{PATH}/{upload}/lines")["lines"]
    assert (line["what"], line["line"], line["key"]) == ("refused", 302, "old:bad") and "id" in line["reason"]

    start(chief, upload)
    gazette.work()
    done = chief.get(f"{PATH}/{upload}")
    assert counts(done) == ("done", 301, 300, 0, 1, 0) and written(gazette) == 300
    assert chief.get(PATH)["imports"] == [done] and done["by"] in chief.email and not done["dry_run"]
    assert len(chief.get(f"{PATH}/{upload}/lines")["lines"]) == 1
    start(chief, upload)
    gazette.work()
    assert counts(chief.get(f"{PATH}/{upload}")) == ("done", 301, 0, 300, 1, 0) and written(gazette) == 300
    refused(chief.call("POST", f"{PATH}/{upload}/stop"), 409, "import_not_running")
    with gazette.read() as conn:
        assert list(conn.execute(sa.select(audit.c.action)).scalars()).count("import") == 2


def test_a_mapping_and_what_is_listed_page_by_page(gazette: Gazette, chief: Desk) -> None:
    data, mapping = FILES["disqus"].read_bytes(), "source,article\n99,lost\n"
    mapped = chief.bring("gazette", data, "d.xml", "disqus", articles=mapping)
    start(chief, mapped)
    gazette.work()
    assert counts(chief.get(f"{PATH}/{mapped}"))[:2] == ("done", 5)
    assert gazette.page("lost")["total"] >= 1
    bad = HEADER + b"".join(b'{"key":"k%d\\u0000","body":7}\n' % at for at in range(1100))
    upload = chief.bring("gazette", gzip.compress(bad), "old.ndjson.gz")
    start(chief, upload, True)
    gazette.work()
    assert counts(chief.get(f"{PATH}/{upload}")) == ("done", 1100, 0, 0, 1100, 0)
    seen, cursor = [], ""
    while cursor is not None:
        page = chief.get(f"{PATH}/{upload}/lines?limit=100{cursor and f'&cursor={cursor}'}")
        seen += [one["line"] for one in page["lines"]]
        cursor = page["next_cursor"]
    assert seen == list(range(2, 1002))  # the first thousand


@pytest.mark.parametrize(
    ("kind", "data", "articles", "says"),
    [
        ("disqus", b"<rss/>", "", "begins with"),
        ("archive", archive(2), "one column\n", "two columns"),
        ("archive", gzip.compress(archive(500))[:-60], "", "cut off"),
    ],
)
def test_what_cannot_be_read_is_said(
    gazette: Gazette, chief: Desk, kind: str, data: bytes, articles: str, says: str
) -> None:
    upload = chief.bring("gazette", data, "old", kind, articles=articles)
    start(chief, upload)
    gazette.work()
    failed = chief.get(f"{PATH}/{upload}")
    assert failed["state"] == "failed" and says in failed["error"]
    assert failed["imported"] == written(gazette) == (0 if says != "cut off" else failed["read"])


def test_who_may_and_what_is_no_file(gazette: Gazette, chief: Desk, clock: FakeClock) -> None:
    herald = Gazette.make(gazette.app, clock, "herald").desk("administrator", ("herald",))
    upload = chief.bring("gazette", archive(1))
    refused(gazette.desk().call("GET", f"{PATH}/{upload}"), 403)
    refused(herald.call("GET", f"{PATH}/{upload}"), 404)
    refused(herald.call("POST", f"/sites/herald/imports/{upload}/start", {"dry_run": True}), 404)
    good(gazette.program("manage").call("GET", f"/console{PATH}/{upload}/lines"))
    new = {"name": "a", "size": 1, "format": "archive"}
    for wrong in ({"size": 0}, {"size": 2**45}, {"format": "xml"}, {"name": "a\nb"}, {"name": ""}):
        refused(chief.call("POST", PATH, new | wrong), 400)


def test_a_file_on_another_machine(gazette: Gazette, chief: Desk) -> None:
    """Machines without a shared folder: whoever asks is told, and so is who looks at the list."""
    upload = chief.bring("gazette", archive(1))
    start(chief, upload)
    (path,) = (parts_of(gazette.app).settings.data_dir / "imports").iterdir()
    elsewhere = path.rename(path.parent.parent / "elsewhere")
    gazette.work()
    shown = chief.get(f"{PATH}/{upload}")
    assert shown["state"] == "failed" and "shared data folder" in shown["error"]
    elsewhere.rename(path)
    start(chief, upload)
    gazette.work()
    assert chief.get(f"{PATH}/{upload}")["state"] == "done"
    data = archive(300, 250)
    new = {"name": "old.ndjson", "size": len(data), "format": "archive"}
    half = good(chief.call("POST", PATH, new), 201)["id"]
    good(chief.send_chunk("gazette", half, 0, data[:LARGEST_REQUEST]))
    (begun,) = {*path.parent.iterdir()} - {path}
    begun.unlink()
    missing = refused(chief.send_chunk("gazette", half, 1, data[LARGEST_REQUEST:]), 409, "chunk_missing")
    assert "shared data folder" in missing["detail"]


def test_files_and_rows_go_after_seven_days(gazette: Gazette, chief: Desk, clock: FakeClock) -> None:
    upload = chief.bring("gazette", archive(1))
    start(chief, upload, True)
    gazette.work()
    folder = parts_of(gazette.app).settings.data_dir / "imports"
    prune_files(folder.parent)
    (path,) = folder.iterdir()
    os.utime(path, (0, time.time() - 7 * 86_400 - 5))
    prune_files(folder.parent)
    assert not [*folder.iterdir()]
    start_again = chief.call("POST", f"{PATH}/{upload}/start", {"dry_run": True})
    refused(start_again, 503, "file_elsewhere")
    clock.forward(7 * 86_400 + 5)
    sweep(gazette.database)
    with gazette.read() as conn:
        assert [*conn.execute(sa.select(uploads)), *conn.execute(sa.select(upload_lines))] == []


def test_stopped_in_the_middle(gazette: Gazette, chief: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before stays, and started again it goes on."""
    monkeypatch.setattr(importing, "TELLS_EVERY", 0.0)
    upload = chief.bring("gazette", archive(600))

    def stopping(*given: Any) -> Iterator[Any]:
        for at, record in enumerate(read_file(*given)):
            if at == 300:
                good(chief.call("POST", f"{PATH}/{upload}/stop"))
            yield record

    settings = parts_of(gazette.app).settings
    start(chief, upload)
    Worker(gazette.database, frozenset(), settings.secret_key, settings.data_dir, None, stopping).work()
    stopped = chief.get(f"{PATH}/{upload}")
    assert stopped["state"] == "stopped" and 0 < written(gazette) < 600
    assert last_entry(chief)[:2] == ("stop_import", stopped["by"])
    start(chief, upload)
    gazette.work()
    assert counts(chief.get(f"{PATH}/{upload}"))[:2] == ("done", 601) and written(gazette) == 600


def test_a_file_is_deleted_and_what_was_imported_stays(gazette: Gazette, chief: Desk) -> None:
    upload = chief.bring("gazette", archive(3))
    taken = start(chief, upload)
    refused(chief.call("DELETE", f"{PATH}/{upload}"), 409, "import_running")
    gazette.work()
    (path,) = (parts_of(gazette.app).settings.data_dir / "imports").iterdir()
    assert chief.call("DELETE", f"{PATH}/{upload}").status_code == 204
    assert not path.exists() and chief.get(PATH)["imports"] == [] and written(gazette) == 3
    assert last_entry(chief) == ("delete_import", taken["by"], {"format": "archive", "name": taken["name"]})
    refused(chief.call("DELETE", f"{PATH}/{upload}"), 404)
    with gazette.read() as conn:
        assert conn.execute(sa.select(upload_lines)).all() == []
    unfinished = good(chief.call("POST", PATH, {"name": "new.ndjson", "size": 9, "format": "archive"}), 201)
    assert chief.call("DELETE", f"{PATH}/{unfinished['id']}").status_code == 204, "nothing of it has come"


def test_a_killed_workers_import_goes_on(gazette: Gazette, chief: Desk, start_worker: StartWorker) -> None:
    many = 6000
    upload = chief.bring("gazette", archive(many))
    start(chief, upload)
    program = gazette.program("manage")  # real workers' clock ends the session of this test's
    first = start_worker()
    wait_until(lambda: written(gazette) > 300, "the first comments", 60)
    first.send_signal(signal.SIGKILL)
    first.wait()
    killed = program.get(f"/console{PATH}/{upload}")
    assert killed["state"] == "running" and written(gazette) < many, "it was too quick for this test"

    def a_minute_ago(conn: sa.Connection) -> None:
        conn.execute(sa.update(uploads).values(beat_at=0))
        conn.execute(sa.update(jobs).where(jobs.c.kind == "import").values(run_at=0, locked_until=0))

    gazette.change(a_minute_ago)
    start_worker()
    wait_until(lambda: program.get(f"/console{PATH}/{upload}")["state"] == "done", "the end", 120)
    done = program.get(f"/console{PATH}/{upload}")
    assert written(gazette) == many == done["imported"] + done["already"] and done["already"] >= 300
    assert (done["read"], done["refused"], done["error"]) == (many + 1, 1, None)
