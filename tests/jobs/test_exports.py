"""Exports by the worker: of a site in the console, of a member's own data; how far they are, who may fetch them, how
long they lie.
"""

import csv
import io
import json
import os
import time
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.archive_lines import archive_pieces
from comments.actions.exports import export_member
from comments.actions.own_data import COLUMNS
from comments.jobs.upkeep import sweep
from comments.storage.exports import find_export, prune_files
from comments.storage.integrity import snapshot
from comments.storage.members import find_member
from comments.storage.sites import site_by_id
from comments.storage.tables import audit, comments, exports
from tests.conftest import FakeClock
from tests.gazette import Gazette, good, parts_of, refused

PATH = "/sites/gazette/exports"


@pytest.fixture
def gazette(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock)


def test_an_administrator_exports_a_site(gazette: Gazette) -> None:
    kiesel, chief = gazette.reader("kiesel"), gazette.desk("administrator")
    for number in range(3):
        kiesel.post(f"Number {number}")
    started = good(chief.call("POST", PATH, {"kind": "archive"}), 201)
    assert (started["state"], started["done"], started["total"], started["size"]) == ("waiting", 0, None, None)
    refused(chief.call("POST", PATH, {"kind": "archive"}), 409, "export_running")
    refused(chief.call("POST", PATH, {"kind": "xml"}), 400)
    refused(chief.call("GET", f"{PATH}/{started['id']}/file"), 404)
    gazette.work()
    ready = chief.get(f"{PATH}/{started['id']}")
    assert (ready["state"], ready["done"], ready["total"], ready["error"]) == ("done", 3, 3, None)
    assert chief.get(PATH)["exports"] == [ready] and ready["by"] in chief.email
    sent = chief.call("GET", f"{PATH}/{ready['id']}/file")
    with snapshot(gazette.database) as conn:
        site = site_by_id(conn, gazette.id)
        assert sent.get_data() == b"".join(data for _, data in archive_pieces(conn, site))
    assert sent.headers["Cache-Control"] == "no-store" and int(sent.headers["Content-Length"]) == ready["size"]
    assert sent.headers["Content-Disposition"] == "attachment; filename=gazette-comments-2026-03-02.ndjson"
    with gazette.read() as conn:
        assert "export" in set(conn.execute(sa.select(audit.c.action)).scalars())


def test_files_are_for_administrators_of_the_site(gazette: Gazette, clock: FakeClock) -> None:
    chief, herald = gazette.desk("administrator"), Gazette.make(gazette.app, clock, "herald")
    made = good(chief.call("POST", PATH, {"kind": "csv"}), 201)["id"]
    gazette.work()
    file = f"{PATH}/{made}/file"
    refused(gazette.desk().call("GET", file), 403)
    refused(herald.desk("administrator", ("herald",)).call("GET", file), 404)
    refused(chief.call("GET", f"/sites/herald/exports/{made}/file"), 404)
    refused(gazette.call("GET", f"/console{file}"), 401)
    assert chief.call("GET", file).status_code == 200
    (path,) = (parts_of(gazette.app).settings.data_dir / "exports").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700


def test_files_lie_for_seven_days(gazette: Gazette, clock: FakeClock) -> None:
    chief = gazette.desk("administrator")
    good(chief.call("POST", PATH, {"kind": "csv"}), 201)
    gazette.work()
    folder = parts_of(gazette.app).settings.data_dir / "exports"
    prune_files(folder.parent)
    (path,) = folder.iterdir()
    elsewhere = path.rename(folder.parent / "elsewhere")  # in the data folder of another machine
    file = f"{PATH}/{chief.get(PATH)['exports'][0]['id']}/file"
    assert "shared data folder" in refused(chief.call("GET", file), 503, "file_elsewhere")["detail"]
    elsewhere.rename(path)
    assert chief.call("GET", file).status_code == 200
    os.utime(path, (0, time.time() - 7 * 86_400 - 5))
    prune_files(folder.parent)
    assert not [*folder.iterdir()]
    clock.forward(7 * 86_400 + 5)
    refused(gazette.desk("administrator").call("GET", file), 404)
    sweep(gazette.database)
    with gazette.read() as conn:
        assert conn.execute(sa.select(exports)).all() == []


def test_a_dead_workers_export_is_begun_anew_and_a_live_ones_is_not(gazette: Gazette, clock: FakeClock) -> None:
    chief = gazette.desk("administrator")
    made = good(chief.call("POST", PATH, {"kind": "csv"}), 201)["id"]
    gazette.change(lambda conn: conn.execute(sa.update(exports).values(state="running", beat_at=clock())))
    gazette.work()
    assert chief.get(f"{PATH}/{made}")["state"] == "running"
    clock.forward(120)
    gazette.work()
    assert chief.get(f"{PATH}/{made}")["state"] == "done"


def test_what_cannot_be_written_is_said(gazette: Gazette) -> None:
    chief = gazette.desk("administrator")
    made = good(chief.call("POST", PATH, {"kind": "csv"}), 201)["id"]
    folder = parts_of(gazette.app).settings.data_dir / "exports"
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    gazette.work()
    failed = chief.get(f"{PATH}/{made}")
    assert failed["state"] == "failed" and "could not be written" in failed["error"]


def own_data(gazette: Gazette, sub: str) -> tuple[Any, list[dict[str, str]], Any]:
    with gazette.database.transaction() as tx:
        export_id = export_member(tx, find_member(tx.conn, gazette.id, sub, lock=True))
    gazette.work()
    with gazette.read() as conn:
        row = find_export(conn, export_id)
    assert row.state == "done", row.error
    with zipfile.ZipFile(parts_of(gazette.app).settings.data_dir / "exports" / row.file) as pack:
        table = list(csv.DictReader(io.StringIO(pack.read("comments.csv").decode(), newline="")))
        return json.loads(pack.read("data.json")), table, row


def test_a_member_gets_all_their_data_and_nobody_elses(gazette: Gazette) -> None:
    kiesel, rune, desk = gazette.reader("kiesel"), gazette.reader("rune"), gazette.desk()
    root = kiesel.post("=First, *said*")
    good(kiesel.edit(root["id"], "=First, *mended*"))
    other = rune.post("Rune says something private to rune", root["id"])
    for answer in (kiesel.react(other["id"]), kiesel.report(other["id"], detail="look at it"),
                   kiesel.call("PUT", f"/members/{rune.id}/mute"),
                   kiesel.call("PUT", f"{gazette.article()}/follow")):  # fmt: skip
        assert answer.status_code < 300
    good(desk.decide(root["id"], "reject", message="not like this", note="for colleagues"))
    good(kiesel.call("POST", f"/comments/{root['id']}/appeal", {"text": "but why?"}), 201)
    data, table, row = own_data(gazette, "kiesel")
    (comment,) = data["comments"]
    assert (comment["source"], comment["status"]) == ("=First, *mended*", "rejected")
    assert [edit["source"] for edit in comment["edits"]] == ["=First, *said*"]
    assert data["member"]["sub"] == "kiesel" and data["site"] == "gazette"
    assert [one["text"] for one in data["appeals"]] == ["but why?"]
    assert [one["detail"] for one in data["reports"]] == ["look at it"]
    assert [one["decision"] for one in data["decisions"]] == ["reject"]
    assert len(data["reactions"]) == len(data["follows"]) == len(data["mutes"]) == 1
    assert "private to rune" not in json.dumps(data) and "for colleagues" not in json.dumps(data)
    assert tuple(table[0]) == COLUMNS and table[0]["text"] == "'=First, mended"
    with gazette.database.transaction() as tx:  # within a minute it is the same one
        assert export_member(tx, find_member(tx.conn, gazette.id, "kiesel", lock=True)) == row.id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ten_thousand_comments_take_no_minute(gazette: Gazette) -> None:
    kiesel = gazette.reader("kiesel")
    kiesel.post("Words " * 50)

    def multiply(conn: sa.Connection) -> None:
        row = dict(conn.execute(sa.select(comments)).mappings().one())
        plain = {name: value for name, value in row.items() if name not in ("shown", "idempotency_key")}
        made = [plain | {"id": n, "root_id": n, "created_at": row["created_at"] + n} for n in range(2, 10_001)]
        conn.execute(sa.insert(comments), made)

    gazette.change(multiply)
    before = time.monotonic()
    data, table, _ = own_data(gazette, "kiesel")
    assert len(data["comments"]) == len(table) == 10_000
    assert time.monotonic() - before < 60
    print(f"10,000 comments exported in {time.monotonic() - before:.1f} s")
