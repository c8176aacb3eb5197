"""The front end's files: in the encoding that is asked for, kept as long as their names allow, and nothing beside
them.
"""

import gzip
import json

import brotli
import pytest
from flask.testing import FlaskClient

from comments.http.bundles import FOLDER

WIDGET = "/static/" + json.loads((FOLDER / "manifest.json").read_text())["widget.js"]["file"]
PAGE = "/console"


@pytest.mark.parametrize(("path", "seconds"), [("/embed.js", 300), ("/teasers.js", 300), (WIDGET, 31_536_000)])
def test_a_file_in_every_encoding(client: FlaskClient, path: str, seconds: int) -> None:
    plain = client.get(path)
    assert plain.mimetype == "text/javascript"
    assert plain.cache_control.public and plain.cache_control.max_age == seconds
    assert (plain.headers["Access-Control-Allow-Origin"], plain.headers["Vary"]) == ("*", "Accept-Encoding")
    assert "Set-Cookie" not in plain.headers
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        packed = client.get(path, headers={"Accept-Encoding": encoding})
        assert packed.headers["Content-Encoding"] == encoding
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert unpack(packed.data) == plain.data
        again = client.get(path, headers={"Accept-Encoding": encoding, "If-None-Match": packed.headers["ETag"]})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", packed.headers["ETag"])


def test_head_tells_the_same_without_the_bytes(client: FlaskClient) -> None:
    head, whole = client.head(WIDGET), client.get(WIDGET)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(whole.data)))


@pytest.mark.parametrize(
    "path",
    ["/static/", "/static/manifest.json", f"{WIDGET}.br", "/static/../settings.py", "/static//etc/passwd",
     "/static/nothing.js", "/static/%2e%2e/settings.py", "/embed.jsx", "/embed.js.gz",
     "/teasers.js.br", "/teasers.jsx"],
)  # fmt: skip
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_file_is_not_written_to(client: FlaskClient) -> None:
    assert client.post("/embed.js").status_code == 404


def test_the_console_names_files_that_are_there(client: FlaskClient) -> None:
    page = client.get(PAGE).get_data(as_text=True)
    named = [part.split('"')[0] for part in page.split('"/static/')[1:]]
    assert len(named) == 2
    assert all(client.get(f"/static/{name}").status_code == 200 for name in named)
