"""A client that a generator makes of our document: each of its modules compiles and is loaded, what a program writes
with it fits its types, and it calls the real service with a key.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from comments.app import create_app
from comments.settings import read_settings
from comments.storage.transaction import system_clock
from tests.gazette import Gazette
from tests.served import Served
from tests.servers import free_port

BIN = Path(sys.executable).parent
CONFIG = """
content_type_overrides:
  application/x-ndjson: text/plain  # lines of JSON: the generator knows them as text
"""
LOADS = """
import importlib, pkgutil
import client
names = [one.name for one in pkgutil.walk_packages(client.__path__, "client.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
TRIES = """
import sys
from client import AuthenticatedClient
from client.api.articles import articles_article, articles_set_up_put
from client.api.queues import queues_queue_counts
from client.models import ArticleSetup, ArticleShown, Problem

url, key, wrong = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=key)
made = articles_set_up_put.sync("gazette", "1", client=client, body=ArticleSetup(title="One", section="sport"))
assert isinstance(made, ArticleShown) and made.title == "One", made
read = articles_article.sync("gazette", "1", client=client)
assert isinstance(read, ArticleShown) and read.section == "sport", read
stale = articles_set_up_put.sync("gazette", "1", client=client, body=ArticleSetup(title="Two"), if_match='"x"')
assert isinstance(stale, Problem) and stale.code == "outdated", stale
refused = queues_queue_counts.sync("gazette", client=AuthenticatedClient(base_url=url, token=wrong))
assert isinstance(refused, Problem) and refused.code == "key_invalid", refused
print("called")
"""


@pytest.mark.timeout(300)
def test_a_generated_client(tmp_path: Path) -> None:
    url = f"http://localhost:{(port := free_port())}"
    environ = {"COMMENTS_DATA_DIR": str(tmp_path / "data"), "COMMENTS_PORT": str(port)}
    served = Served(["serve"], environ, url, tmp_path / "log").wait_until_ready()
    try:
        app = create_app(read_settings(environ))
        paper = Gazette.make(app, system_clock)
        program = paper.program("manage")
        document = paper.get("/openapi.json")
        app.extensions["comments"].database.engine.dispose()
        theirs = [path for path in document["paths"] if path.startswith("/api/v1/console/sites/")]
        document["paths"] = {path: document["paths"][path] for path in theirs}
        (tmp_path / "openapi.json").write_text(json.dumps(document))
        (tmp_path / "config.yaml").write_text(CONFIG)
        generate = ["generate", "--path", "openapi.json", "--meta", "none", "--output-path", "client"]
        generate += ["--config", "config.yaml"]
        said = _run([str(BIN / "openapi-python-client"), *generate], tmp_path)
        assert "removal" not in said and "WARNING" not in said, "the generator understands every schema"
        (tmp_path / "tries.py").write_text(TRIES)
        (tmp_path / "loads.py").write_text(LOADS)
        operations = sum(len(one) for one in document["paths"].values())
        assert int(_run([sys.executable, "loads.py"], tmp_path)) > operations, (
            "a module of each, and those of the shapes"
        )
        _run([str(BIN / "mypy"), "--config-file", os.devnull, "--follow-imports", "silent", "tries.py"], tmp_path)
        assert "called" in _run([sys.executable, "tries.py", url, program.key, "cak_wrong"], tmp_path)
        assert served.stop() == 0
        shutil.rmtree(tmp_path / "client")
    finally:
        served.kill()


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr
