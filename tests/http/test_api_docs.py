"""docs/api.md stays true: its commands run, its examples are answered as it says, its codes are those there are."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from flask import Flask

from comments.http.keyholders import KEYS_OPEN
from tests.conftest import FakeClock
from tests.gazette import Gazette, good

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
COMMENTS = Path(sys.executable).parent / "comments"
CREATE = ["site", "create", "gazette", "--name", "The Gazette", "--origin", "https://www.gazette.example", "--issuer",
          "https://www.gazette.example"]  # fmt: skip


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)


def test_the_commands_run(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "COMMENTS_DATA_DIR": str(tmp_path)}
    said = []
    for command in [CREATE, *(shlex.split(line)[1:] for line in "".join(blocks("sh")).splitlines())]:
        done = subprocess.run([COMMENTS, *command], env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert re.search(r"key +cak_\w{49} ", said[1]) and "our CMS\tread manage\tuntil" in said[2]
    assert "never used" in said[2] and re.search(r"cak_\w{49}", said[2]) is None and "revoked" in said[3]


def test_the_examples_are_answered(paper: Gazette) -> None:
    program = paper.program("manage")
    examples = blocks("http")
    assert len(examples) == 2
    for example in examples:
        head, _, body = example.partition("\n\n")
        method, path = head.splitlines()[0].split()
        sent: Any = json.loads(body) if body.strip() else None
        answer = program.call(method, path.removeprefix("/api/v1"), sent)
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)


def test_the_pages(app: Flask, paper: Gazette) -> None:
    """The document as pages: every operation is on the page of its group, the search finds, nothing is a script."""
    client = app.test_client()
    index = client.get("/api/docs")
    document = paper.get("/openapi.json")
    pages = {}
    for slug in sorted(set(re.findall(r'href="/api/docs/([a-z-]+)"', index.get_data(as_text=True)))):
        pages[slug] = client.get(f"/api/docs/{slug}")
    text = "".join(page.get_data(as_text=True) for page in pages.values())
    for operations in document["paths"].values():
        for one in operations.values():
            assert f'id="{one["operationId"]}"' in text, one["operationId"]
    for page in (index, *pages.values()):
        policy = page.headers["Content-Security-Policy"]
        assert page.status_code == 200 and "unsafe" not in policy and "default-src 'none'" in policy
        assert not re.search(r"<script|<style| style=| on\w+=", page.get_data(as_text=True))
    found = client.get("/api/docs?q=set+up+article").get_data(as_text=True)
    assert "articles_set_up_put" in found and "queues_queue_counts" not in found
    sent = client.get('/api/docs?q="><script>alert(1)</script>').get_data(as_text=True)
    assert "<script" not in sent and "&lt;script&gt;" in sent
    assert client.get("/api/docs/nothing").status_code == 404


def test_what_it_says_of_addresses(app: Flask, paper: Gazette, clock: FakeClock) -> None:
    assert all(place.removeprefix("/api/v1/console/").rstrip("/") in DOCS for place in KEYS_OPEN)
    program = paper.program("read", expires_at=clock() + 1_000_000)
    codes = [program.call("PATCH", "/console/sites/gazette", {}).get_json()["code"]]
    codes.append(program.call("GET", "/console/account").get_json()["code"])
    clock.forward(1)
    codes.append(program.call("GET", "/console/sites/gazette").get_json()["code"])
    codes.append(paper.call("GET", "/console/sites/gazette", Authorization="Bearer cak_x").get_json()["code"])
    assert all(f"`{code}`" in DOCS for code in codes) and len(set(codes)) == 4
    assert good(paper.call("GET", "/openapi.json"))["info"]["description"]
