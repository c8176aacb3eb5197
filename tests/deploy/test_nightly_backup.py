"""The nightly backup of deploy/backup, made and restored on both engines, with the list of erasures beside it."""

import os
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from comments.storage.transaction import system_clock
from deploy.rehearsal.programs import DEPLOY
from tests.conftest import postgresql_database
from tests.gazette import Gazette
from tests.served import COMMENTS
from tests.servers import Run
from tests.storage.test_migrations import app_on
from tests.test_cli import run as command
from tests.test_cli import variables


def test_a_night_is_restored(
    environ: dict[str, str], tmp_path: Path, run: Run, worker_id: str, request: pytest.FixtureRequest
) -> None:
    url = environ["COMMENTS_DATABASE_URL"]
    with app_on(url, tmp_path) as (app, _):
        Gazette.make(app, system_clock).reader("kiesel").post("Accepted before the night.")
    folder, data = tmp_path / "backups", Path(environ["COMMENTS_DATA_DIR"])
    folder.mkdir()
    for name, days in (("old.dump", 15), ("young.db", 13)):
        (folder / name).write_text("another night")
        os.utime(folder / name, (0, time.time() - days * 86_400 - 60))
    data.mkdir(exist_ok=True)
    (data / "erased.ndjson").write_text("")
    path = f"{Path(COMMENTS).parent}:{os.environ['PATH']}"
    night = variables(environ) | {"BACKUP_DIR": str(folder), "BACKUP_DAYS": "14", "PATH": path}
    done = subprocess.run(
        [DEPLOY / "backup" / "comments-backup"], env=night, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {one.name for one in folder.iterdir()} > {"young.db", "erased.ndjson"} and not (folder / "old.dump").exists()
    if url.startswith("sqlite"):
        (made,) = [one for one in folder.glob("*.db") if one.name != "young.db"]
        looked = command(environ | {"COMMENTS_DATABASE_URL": f"sqlite:///{made}"}, "doctor")
    else:
        (made,) = folder.glob("*.dump")
        admin: psycopg.Connection = request.getfixturevalue("postgresql")
        with postgresql_database(run, admin, f"restored_{worker_id}", "template0") as there:
            back = ["pg_restore", "--no-owner", "--exit-on-error", "-d", there, str(made)]
            subprocess.run(back, check=True, capture_output=True)
            looked = command(environ | {"COMMENTS_DATABASE_URL": there}, "doctor")
            with psycopg.connect(there) as conn:
                assert conn.execute("SELECT count(*) FROM comments").fetchone() == (1,)
    assert looked.returncode == 0, looked.stdout
    assert made.stat().st_mode & 0o777 == 0o600 and "none is back" in looked.stdout
