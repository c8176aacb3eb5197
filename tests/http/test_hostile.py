"""What is no request, or one that is meant to hurt, on the real service: a problem document that says no, soon, without
naming what serves, and without memory.
"""

import gzip
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comments.http.request import LARGEST_REQUEST
from tests.served import Served, descendants
from tests.servers import free_port

SOON = 0.5  # seconds: some of these would take ten times as long if they were read
MEMORY = 50 * 2**20
HOST = b"Host: localhost\r\n"
JSON = HOST + b"Content-Type: application/json\r\n"
POST = b"POST /api/v1/session HTTP/1.1\r\n" + JSON


def chunked(*chunks: bytes) -> bytes:
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks)


def sent(body: bytes, more: bytes = b"") -> bytes:
    return POST + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


BOMB = gzip.compress(bytes(100 * 2**20), 9)[:200_000]
HOSTILE: dict[str, tuple[int, bytes]] = {
    # no requests, and requests that two readers may read differently
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"),
    "a word": (400, b"hello\r\n\r\n"),
    "no version": (400, b"GET /healthz\r\n\r\n"),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/9": (400, b"GET / HTTP/9.9\r\n" + HOST + b"\r\n"),
    "a small method": (400, b"get / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a control character": (400, b"GET /a\x01 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "bare line feeds": (400, b"GET / HTTP/1.1\nHost: localhost\n\n"),
    "a bare carriage return": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\rC: d\r\n\r\n"),
    "a space before the colon": (400, b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"),
    "a folded header": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n c\r\n\r\n"),
    "NUL in a header": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: \0\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n"),
    "length and chunks": (400, POST + b"Content-Length: 4\r\n" + chunked(b"{}", b"")),
    "chunks and length": (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
    "a list of lengths": (400, POST + b"Content-Length: 2, 3\r\n\r\n{} "),
    "a signed length": (400, POST + b"Content-Length: +2\r\n\r\n{}"),
    "a negative length": (400, POST + b"Content-Length: -2\r\n\r\n{}"),
    "a hexadecimal length": (400, POST + b"Content-Length: 0x2\r\n\r\n{}"),
    "chunked twice": (400, POST + b"Transfer-Encoding: chunked\r\n" + chunked(b"{}", b"")),
    "xchunked": (400, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "chunked, identity": (400, POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    "chunked behind a tab": (400, POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n"),
    "chunked before a colon": (400, POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    "chunked in HTTP/1.0": (400, POST.replace(b"1.1", b"1.0") + chunked(b"{}", b"")),
    "a chunk of zz": (400, POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "a negative chunk": (400, POST + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n"),
    "a chunk without an end": (400, POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n0\r\n\r\n"),
    "another expectation": (417, POST + b"Expect: 200-ok\r\n\r\n"),
    # too much
    "a long address": (414, b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a long header": (431, b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"b" * 9_000 + b"\r\n\r\n"),
    "many headers": (431, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 61 + b"\r\n"),
    "a large body": (413, sent(b"[" * (LARGEST_REQUEST + 1))),
    "a large body to be": (413, POST + b"Content-Length: 99999999999\r\n\r\n"),
    "a length of many digits": (413, POST + b"Content-Length: 9" + b"9" * 30 + b"\r\n\r\n"),
    "large chunks": (413, POST + chunked(*[b" " * 65_536] * 5, b"")),
    "many parameters": (400, b"GET /api/v1/sites/x/counts?" + b"article=1&" * 200 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    # what hides what is meant
    "a hidden slash": (400, b"GET /api%2fv1/console/session HTTP/1.1\r\n" + HOST + b"\r\n"),
    "hidden dots": (400, b"GET /static/%2e%2E/manifest.json HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a hidden backslash": (400, b"GET /static/..%5cmanifest.json HTTP/1.1\r\n" + HOST + b"\r\n"),
    "NUL in an address": (400, b"GET /static/embed.js%00.css HTTP/1.1\r\n" + HOST + b"\r\n"),
    "dots": (404, b"GET /static/../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n"),
    "two slashes": (404, b"GET //evil.example/%2f.. HTTP/1.1\r\n".replace(b"%2f", b"") + HOST + b"\r\n"),
    "a tunnel": (404, b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "everything": (404, b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n"),
    "another method": (405, b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n"),
    "TRACE": (405, b"TRACE /healthz HTTP/1.1\r\n" + HOST + b"\r\n"),
    # bodies
    "a gzip bomb": (415, sent(BOMB, b"Content-Encoding: gzip\r\n")),
    "brotli": (415, sent(b"{}", b"Content-Encoding: br\r\n")),
    "a form": (400, POST.replace(b"application/json", b"text/plain") + b"Content-Length: 2\r\n\r\n{}"),
    "depth": (400, sent(b'{"site":' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
    "depth below an unknown field": (400, sent(b'{"x":' + b'{"a":' * 40_000 + b"1" + b"}" * 40_000 + b"}")),
    "one field twice": (400, sent(b'{"site":"a","token":"b","site":"c"}')),
    "NUL": (400, sent(b'{"site":"a\0","token":"b"}')),
    "half a surrogate pair": (400, sent(b'{"site":"\\ud800","token":"b"}')),
    "half a surrogate pair in UTF-8": (400, sent(b'{"site":"\xed\xa0\x80","token":"b"}')),
    "no UTF-8": (400, sent(b'{"site":"\xff","token":"b"}')),
    "UTF-16": (400, sent('{"site":"a","token":"b"}'.encode("utf-16"))),
    "NaN": (400, sent(b'{"site":NaN,"token":"b"}')),
    "Infinity": (400, sent(b'{"site":-Infinity,"token":"b"}')),
    "a huge number": (400, sent(b'{"site":' + b"9" * 200_000 + b',"token":"b"}')),
    "a huge exponent": (400, sent(b'{"site":1e999999999,"token":"b"}')),
    "a number for a text": (400, sent(b'{"site":1,"token":"b"}')),
    "nothing": (400, sent(b"")),
    "two values": (400, sent(b"{}{}")),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One `comments serve` for all of these."""
    folder, port = tmp_path_factory.mktemp("hostile"), free_port()
    environ = {"COMMENTS_DATA_DIR": str(folder / "data"), "COMMENTS_PORT": str(port)}
    one = Served(["serve"], environ, f"http://localhost:{port}", folder / "log").wait_until_ready()
    yield one
    assert one.stop() == 0
    assert not one.complaints()


def asked(service: Served, data: bytes, ends: bool = False) -> tuple[int, dict[str, str], bytes, float]:
    """Status, headers, body, and the seconds until the answer began. `ends`: nothing more is sent."""
    port = int(service.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 15) as connection:
        began = time.perf_counter()
        connection.sendall(data)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        got = connection.recv(65_536)
        took = time.perf_counter() - began
        while b"\r\n\r\n" not in got:
            got += connection.recv(65_536)
        head, _, body = got.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65_536)
    return int(status.split()[1]), headers, body, took


def memory_of(service: Served) -> int:
    pages = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in (service.pid, *descendants(service.pid))]
    return sum(map(int, pages)) * 4096


def is_problem(status: int, headers: dict[str, str], body: bytes) -> None:
    assert headers["content-type"] == "application/problem+json"
    assert "server" not in headers and "x-powered-by" not in headers
    assert json.loads(body)["status"] == status
    assert b"gunicorn" not in body.lower() and b"Traceback" not in body
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_what_is_hostile_is_refused_soon(service: Served) -> None:
    for _ in range(2):  # what is loaded once is loaded
        asked(service, sent(b"{}"))
    before = memory_of(service)
    for name, (wanted, data) in HOSTILE.items():
        tries = [asked(service, data) for _ in range(3)]
        for status, headers, body, _ in tries:
            assert status == wanted, (name, status, body)
            is_problem(status, headers, body)
        assert min(took for *_, took in tries) < SOON, name
    assert memory_of(service) - before < MEMORY
    assert asked(service, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")[0] == 200


def test_nothing_that_serves_says_its_name(service: Served) -> None:
    for path in ("/healthz", "/embed.js", "/console", "/articles/x/1", "/api/v1/sites/x/articles/1/comments", "/x"):
        status, headers, _, _ = asked(service, f"GET {path} HTTP/1.1\r\n".encode() + HOST + b"\r\n")
        assert status < 500 and "server" not in headers, path


def test_absolute_targets_name_nobody_else(service: Served) -> None:
    """HTTP wants them understood; the host that they name is as little believed as any."""
    status, headers, body, _ = asked(service, b"GET http://evil.example/healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert status == 200 and "evil" not in f"{headers}{body!r}"


def test_a_body_that_ends_early(service: Served) -> None:
    for data in (POST + b"Content-Length: 100\r\n\r\n{}", POST + b"Transfer-Encoding: chunked\r\n\r\n20\r\n{}"):
        status, headers, body, took = asked(service, data, ends=True)
        assert status == 400 and took < 5
        is_problem(status, headers, body)


def test_a_body_that_does_not_come(service: Served) -> None:
    """It is waited for, for a while; and whatever follows it is not taken for a request."""
    status, headers, body, took = asked(service, POST + b'Content-Length: 100\r\n\r\n{"site":')
    assert status == 408 and 8 < took < 25
    is_problem(status, headers, body)


def test_what_follows_a_refused_body_is_no_request(service: Served) -> None:
    inner = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    port = int(service.url.rpartition(":")[2])
    for data in (
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx" + inner,
        POST + b"Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n" + inner,
    ):
        with socket.create_connection(("127.0.0.1", port), 15) as connection:
            connection.sendall(data)
            got = b""
            while more := _received(connection):
                got += more
        assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"400"], data


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionResetError:
        return b""
