"""Handshakes while the database does not answer: refused for a moment, in order, without a traceback."""

from typing import Any

from comments.core.errors import Unavailable
from comments.live.door import guard

HANDSHAKE = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/socket.io/",
    "QUERY_STRING": "EIO=4&transport=websocket",
    "HTTP_UPGRADE": "websocket",
    "HTTP_CONNECTION": "Upgrade",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
    "HTTP_SEC_WEBSOCKET_KEY": "x" * 24,
    "HTTP_ORIGIN": "https://paper.example",
}


def test_who_cannot_be_looked_up_is_to_come_again() -> None:
    answers: list[tuple[str, dict[str, str]]] = []

    def is_listed(_origin: str) -> bool:
        raise Unavailable("The database does not answer now.")

    def nothing(*_: Any) -> Any:
        raise AssertionError("nobody is let in")

    guarded = guard(nothing, nothing, 10, is_listed, nothing)  # type: ignore[arg-type]
    assert list(guarded(dict(HANDSHAKE), lambda status, headers: answers.append((status, dict(headers))))) == []
    assert answers == [("503 Service Unavailable", {"Content-Length": "0", "Retry-After": "5"})]
