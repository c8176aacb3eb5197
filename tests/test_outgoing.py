"""The one outgoing client: what it refuses to connect to, however it is written, and how long and how much it reads.
A canary on every address of this machine must hear nothing.
"""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from comments import outgoing
from comments.core.errors import Malformed
from comments.outgoing import OutgoingError, fetch, is_public, refuse_inner, send
from tests.http.key_server import KeyServer, key_server
from tests.servers import wait_until


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server({"keys": []}) as told:
        yield told


LOOPBACK = [
    "127.0.0.1", "localhost", "localhost.", "LOCALHOST", "[::1]", "0.0.0.0", "0", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "2130706433", "0x7f000001", "0x7f.1", "017700000001",
    "0177.0.0.1", "127.1", "127.0.1", "127.255.255.254", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
    "127\u30020.0.1", "\uff11\uff12\uff17.0.0.1", "user@127.0.0.1", "www.example.com@127.0.0.1",
    "www.example.com:80@127.0.0.1", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::1%25lo]",
    "www.example.com#@127.0.0.1", "www.example.com\\@127.0.0.1", "127.0.0.1\t", " 127.0.0.1",
    "127.0.0.1%00.example.com",
]  # fmt: skip
INSIDE = [
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[fec0::1]",
    "[fd00:ec2::254]", "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "192.0.0.192", "198.18.0.1",
    "[ff02::1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2002:a9fe:a9fe::1]", "[2001::1]", "[::a9fe:a9fe]",
    "[::ffff:169.254.169.254]", "[100::1]", "[2001:db8::1]", "0.1.2.3", "192.88.99.1",
]  # fmt: skip


@pytest.fixture
def canary() -> Iterator[tuple[int, list[Any]]]:
    """A port of this machine, on every address that it has: whoever connects is written down."""
    came: list[Any] = []
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listening:

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = listening.accept()
                    came.append(address)
                    connection.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield listening.getsockname()[1], came
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_the_canary_hears(canary: tuple[int, list[Any]]) -> None:
    port, came = canary
    for host in ("127.0.0.1", "localhost", "[::1]"):
        with pytest.raises(OutgoingError):
            fetch(f"http://{host}:{port}/", frozenset({"127.0.0.1", "localhost", "::1"}))
    wait_until(lambda: len(came) == 3, "three connections")


def test_no_way_to_say_private_reaches_it(canary: tuple[int, list[Any]]) -> None:
    port, came = canary
    for host in [*LOOPBACK, *INSIDE]:
        for scheme in ("http", "https"):
            with pytest.raises(OutgoingError):
                send("POST", f"{scheme}://{host}:{port}/keys", frozenset({"elsewhere.example"}), body=b"x", seconds=2)
    for url in (f"//127.0.0.1:{port}/", f"ftp://127.0.0.1:{port}/", f"127.0.0.1:{port}", f"file:///127.0.0.1:{port}",
                f"gopher://127.0.0.1:{port}/", f"http:127.0.0.1:{port}", "http://www.example.com:0/", "http:///", "",
                f"http://127.0.0.1:{port}:{port}/", "http://[/", f"http://127.0.0.1:{port}/\r\nX: y"):  # fmt: skip
        with pytest.raises(OutgoingError):
            fetch(url, frozenset())
    assert came == []


def test_names_that_lead_inside(canary: tuple[int, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a public address and a private one; one that is public when it is looked at and private afterwards.
    198.51.100.1 and the like are nobody's, so that nothing outside is asked.
    """
    port, came = canary
    asked: list[str] = []
    records = {
        "both.example": [["93.184.216.34", "127.0.0.1"]],
        "both-turned.example": [["127.0.0.1", "93.184.216.34"]],
        "six.example": [["2606:2800:220:1::1", "::1"]],
        "mapped.example": [["::ffff:127.0.0.1"]],
        "translated.example": [["64:ff9b::7f00:1"]],
        "metadata.example": [["169.254.169.254"]],
    }

    def look_up(host: Any, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        found = records[host][0]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for host in records:
        with pytest.raises(OutgoingError, match="private address"):
            send("GET", f"http://{host}:{port}/", frozenset({"elsewhere.example"}), seconds=2)
    assert asked == list(records), "each once"
    assert came == []


def test_a_name_is_looked_up_once(canary: tuple[int, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: what is connected to is the address that was looked at, so the second answer is never heard."""
    port, came = canary
    answers, real, wanted = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"]), socket.create_connection, []

    def look_up(_host: Any, port: int, *_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: Any, **named: Any) -> Any:
        wanted.append(address)
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError("nothing outside is asked by tests")
        return real(address, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutgoingError, match="nothing outside"):
        fetch(f"http://rebinding.example:{port}/", frozenset())
    assert wanted == [("93.184.216.34", port)]
    assert came == []


def test_a_redirect_inside_is_not_followed(canary: tuple[int, list[Any]], server: KeyServer) -> None:
    port, came = canary
    for status in (301, 302, 303, 307, 308):
        server.status, server.headers = status, {"Location": f"http://127.0.0.1:{port}/"}
        with pytest.raises(OutgoingError, match=f"answered {status}"):
            fetch(server.url, frozenset({"localhost"}))
    assert came == []


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "1.1.1.1"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


def test_a_number_is_known_without_a_look_up() -> None:
    """What an administrator writes down is refused at once, however the number is spelt; names are not looked up."""
    numbers = [host for host in [*LOOPBACK, *INSIDE] if re.match(r"\[?[0-9:f\uff11][^@%]*$", host)]
    refused = []
    for host in numbers:
        try:
            refuse_inner(f"https://{host}/", frozenset(), "url")
        except Malformed as error:
            refused.append(host)
            assert error.extras == {"field": "url"} and "COMMENTS_PRIVATE_HOSTS" in error.detail
    assert refused == numbers and len(numbers) > 45
    for host in ("localhost", "inside.example", "93.184.216.34", "[2606:2800:220:1::1]", "1.1.1.1"):
        refuse_inner(f"https://{host}/", frozenset(), "url")
    refuse_inner("https://10.0.0.1:8443/hook", frozenset({"10.0.0.1"}), "url")


def test_a_name_that_hangs_takes_two_threads_and_no_more(server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up, held, asked = socket.getaddrinfo, threading.Event(), []

    def slowly(host: Any, *more: Any, **named: Any) -> Any:
        if host == "stuck.example":
            asked.append(host)
            held.wait(20)
            raise socket.gaierror("not now")
        return look_up(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    for _ in range(5):
        with pytest.raises(OutgoingError, match="did not answer"):
            send("GET", "http://stuck.example/keys", frozenset(), seconds=0.1)
    assert len(asked) == 2
    assert fetch(server.url, frozenset({"localhost"}))
    held.set()
    wait_until(lambda: not outgoing._left_behind, "the threads' end")
    with pytest.raises(OutgoingError, match="not now"):
        send("GET", "http://stuck.example/keys", frozenset(), seconds=5)


def test_headers_without_end(server: KeyServer) -> None:
    server.headers = {f"X-{number}": "x" * 4000 for number in range(60)}
    with pytest.raises(OutgoingError, match="bytes of answer and headers"):
        fetch(server.url, frozenset({"localhost"}))


def test_an_answer_that_drips(server: KeyServer) -> None:
    """A byte now and then holds nobody longer than the whole exchange may take."""
    server.drip = 0.05
    began = time.monotonic()
    with pytest.raises(OutgoingError, match="did not answer within"):
        send("GET", server.url, frozenset({"localhost"}), seconds=0.5)
    assert time.monotonic() - began < 8


def test_plain_http_is_not_taken_for_tls(server: KeyServer) -> None:
    with pytest.raises(OutgoingError):
        fetch(server.url.replace("http://", "https://"), frozenset({"localhost"}))
