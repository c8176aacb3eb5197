"""The one way out: what it refuses, and that nobody on the other side can keep us."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from comments.outgoing import MOST_BYTES, OutgoingError, fetch, send
from tests.opinions.service import Service, service
from tests.servers import free_port

HERE = frozenset({"localhost"})


@pytest.fixture
def other() -> Iterator[Service]:
    with service() as told:
        yield told


def test_a_post_as_it_arrives(other: Service) -> None:
    other.answers, other.headers = b"fine", {"X-Tip": "discard"}
    answer = send("POST", other.url + "?v=1", HERE, body=b"a=1", headers={"Content-Type": "text/x", "X-Key": "k"})
    assert (answer.body, answer.headers["x-tip"]) == (b"fine", "discard")
    (asked,) = other.asked
    assert (asked.path, asked.body) == ("/judge?v=1", b"a=1")
    assert (asked.headers["content-type"], asked.headers["x-key"]) == ("text/x", "k")
    assert asked.headers["user-agent"] == "comments"


def test_private_addresses_get_no_connection(other: Service) -> None:
    port = other.url.rpartition(":")[2].partition("/")[0]
    for host in ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1"):
        with pytest.raises(OutgoingError, match="private"):
            send("POST", f"http://{host}:{port}/judge", frozenset({"elsewhere"}), body=b"x", seconds=2)
    assert other.asked == []


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_only_200_counts_and_redirects_are_not_followed(other: Service, status: int) -> None:
    other.status, other.headers = status, {"Location": "/elsewhere"}
    with pytest.raises(OutgoingError, match=f"answered {status}"):
        send("POST", other.url, HERE, body=b"x")
    assert [one.path for one in other.asked] == ["/judge"]


def test_too_much_is_not_read(other: Service) -> None:
    other.answers = b"x" * (MOST_BYTES * 20)
    with pytest.raises(OutgoingError, match="more than"):
        fetch(other.url, HERE)
    other.answers = b"x" * MOST_BYTES
    assert len(fetch(other.url, HERE)) == MOST_BYTES


def test_drops_of_a_body_do_not_keep_us(other: Service) -> None:
    """Each byte comes in time, all of them together would take a minute."""
    other.answers, other.drip = b"x" * 600, 0.1
    began = time.monotonic()
    with pytest.raises(OutgoingError, match=r"within 0\.5 s"):
        send("POST", other.url, HERE, body=b"x", seconds=0.5)
    assert time.monotonic() - began < 8


def test_silence_does_not_keep_us(other: Service) -> None:
    other.open.clear()
    began = time.monotonic()
    with pytest.raises(OutgoingError, match=r"within 0\.3 s"):
        send("POST", other.url, HERE, body=b"x", seconds=0.3)
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("secure", [False, True])
def test_drops_of_headers_or_of_a_handshake_do_not_keep_us(secure: bool) -> None:
    said = b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 1000 if not secure else b"\x16\x03\x03\x40\x00" + b"\0" * 1000
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def drip() -> None:
            line, _ = listening.accept()
            with line:
                for at in range(len(said)):
                    if ended.is_set():
                        return
                    try:
                        line.send(said[at : at + 1])
                    except OSError:
                        return
                    time.sleep(0.02)

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        scheme = "https" if secure else "http"
        with pytest.raises(OutgoingError, match=r"within 0\.5 s|timed out"):
            send("GET", f"{scheme}://localhost:{listening.getsockname()[1]}/", HERE, seconds=0.5)
        assert time.monotonic() - began < 8
        ended.set()
        thread.join()


def test_who_is_not_there(other: Service) -> None:
    for url in (f"http://localhost:{free_port()}/", "http://no-such-host.invalid/", "http:///x", "http://a..b/"):
        with pytest.raises(OutgoingError):
            send("POST", url, HERE, body=b"x", seconds=2)


def test_an_answer_that_ends_too_early(other: Service) -> None:
    other.answers, other.length = b"short", 500
    with pytest.raises(OutgoingError):
        fetch(other.url, HERE)


def test_headers_of_ours_break_no_lines(other: Service) -> None:
    with pytest.raises(OutgoingError):
        send("POST", other.url, HERE, body=b"x", headers={"X-Key": "a\r\nX-Evil: b"})
    assert other.asked == []
