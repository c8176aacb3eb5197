"""Who may open a socket at all: every way of saying a foreign Origin, every other way in; on a real service, byte by
byte.
"""

import base64
import os
import socket
from urllib.parse import urlsplit

import pytest

from tests.live.conftest import Desk
from tests.live.sockets import Refused

Headers = list[tuple[str, str]]


def ask(
    desk: Desk, headers: Headers, method: str = "GET", query: str = "EIO=4&transport=websocket", version: str = "1.1"
) -> int:
    """The status of the answer; 0 if the connection ended without one."""
    where = urlsplit(desk.url)
    lines = [f"{method} /socket.io/?{query} HTTP/{version}", *(f"{name}: {value}" for name, value in headers)]
    with socket.create_connection((where.hostname or "", where.port or 80), timeout=5) as line:
        try:
            line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8"))
            answer = line.recv(4096)
        except ConnectionResetError:
            return 0
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.") else 0


def upgrade(desk: Desk, origin: str | None, **change: str | None) -> Headers:
    said: dict[str, str | None] = {
        "Host": urlsplit(desk.url).netloc,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    said |= {name.replace("_", "-"): value for name, value in change.items()}
    return [(name, value) for name, value in said.items() if value is not None]


def look_alikes(host: str) -> list[str]:
    own, (cyrillic_e, cyrillic_a, full_stop) = f"https://{host}", "\u0435\u0430\u3002"
    return [
        "null", "", "https://", "https:", "*", "file://", "about:blank", "data:text/html,x", "undefined",
        f"http://{host}", f"ws://{host}", f"wss://{host}", f"ftp://{host}", f"//{host}", host, f"{own}:443",
        f"{own}:8443",
        f"{own}.", f"{own}/", f"{own}/path", f"{own}?x", f"{own}#x", f"{own} ", f"{own}\t", f"{own};", f"{own},{own}",
        f"{own} {own}", own.upper(), f"HTTPS://{host}", f"https://{host.upper()}", f"https://{host.title()}",
        f"https://www.{host}", f"https://evil-{host}", f"https://evil{host}", f"https://{host}.evil.example",
        f"https://{host}evil", f"https://evil.example/{host}", f"https://evil.example?{own}", f"https://evil.example#{own}",
        f"https://{host}@evil.example", f"https://evil.example@{host}", f"https://user:password@{host}", f"https://:@{host}",
        f"https://{host}%00.evil.example", f"https://{host}%2eevil.example", f"https://{host}\\.evil.example",
        f"https://{host.replace('e', cyrillic_e)}", f"https://{host.replace('a', cyrillic_a)}", f"https://xn--{host}",
        f"https://{host.replace('.', full_stop)}", f"https://{host}\u200b", f"\ufeff{own}", f"https://[{host}]",
        f"blob:{own}", f"filesystem:{own}", f"view-source:{own}", f"chrome-extension://{host}", f"https:{host}",
        f"https:/{host}", f"https:///{host}", f"https://{host}" + "a" * 7_000,
    ]  # fmt: skip


def test_no_foreign_origin_is_let_in(desk: Desk) -> None:
    host = desk.paper.origin.removeprefix("https://")
    assert ask(desk, upgrade(desk, desk.paper.origin)) == 101, "the right one is"
    assert ask(desk, upgrade(desk, None)) == 403, "none is not"
    answers = {origin: ask(desk, upgrade(desk, origin)) for origin in look_alikes(host)}
    trimmed = {f"{desk.paper.origin} ", f"{desk.paper.origin}\t"}  # white space around a value is none of it (RFC 9110)
    accepted = {origin for origin, status in answers.items() if status not in (400, 403, 431)}
    assert accepted <= trimmed, accepted
    print(f"{len(answers) - len(trimmed)} Origins were refused")
    own, foreign = ("Origin", desk.paper.origin), ("Origin", "https://elsewhere.example")
    rest = upgrade(desk, None)
    for two in ([own, foreign], [foreign, own], [own, own], [foreign, ("oRIGIN", desk.paper.origin)]):
        assert ask(desk, rest + two) in (400, 403), two
    assert ask(desk, [*rest, ("Origin", desk.paper.origin + "a" * 9_000)]) in (400, 431)
    assert ask(desk, [*rest, ("Origin", "https://elsewhere.example\r\n " + desk.paper.origin)]) in (400, 403)


def test_no_other_header_speaks_for_the_origin(desk: Desk) -> None:
    own = desk.paper.origin
    for name in (
        "X-Forwarded-Origin",
        "Origin_",
        "HTTP_ORIGIN",
        "Sec-WebSocket-Origin",
        "Referer",
        "X-Origin",
        "Cookie",
    ):
        assert ask(desk, [*upgrade(desk, None), (name, own)]) in (400, 403), name
        assert ask(desk, [*upgrade(desk, "https://elsewhere.example"), (name, own)]) in (400, 403), name
    host = own.removeprefix("https://")
    for more in (
        {"Host": host},
        {"X_Forwarded_Host": host},
        {"X_Forwarded_Proto": "https"},
        {"Forwarded": f"host={host}"},
    ):
        for origin in (None, f"http://{host}", "https://elsewhere.example"):
            assert ask(desk, upgrade(desk, origin, **more)) in (400, 403), (more, origin)
    foreign = "https://elsewhere.example"
    assert ask(desk, upgrade(desk, foreign, Host="elsewhere.example")) == 403, "one's own Host makes no Origin"


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "CONNECT", "PUT", "get"])
def test_only_get_upgrades(desk: Desk, method: str) -> None:
    assert ask(desk, [*upgrade(desk, desk.paper.origin), ("Content-Length", "0")], method) not in (0, 101)


def test_only_a_whole_handshake_of_this_version_upgrades(desk: Desk) -> None:
    own = desk.paper.origin
    for query in (
        "", "EIO=4", "transport=websocket", "EIO=3&transport=websocket", "EIO=4&transport=polling",
        "EIO=4&transport=webtransport", "EIO=4&transport=websocket&sid=abc",
        "EIO=4&transport=websocket&transport=polling",
        "EIO=4&EIO=3&transport=websocket", "EIO=4&transport=Websocket", "eio=4&transport=websocket",
        "EIO=4%00&transport=websocket",
    ):  # fmt: skip
        assert ask(desk, upgrade(desk, own), query=query) == 400, query
    changes: list[dict[str, str | None]] = [
        {"Upgrade": None}, {"Upgrade": "h2c"}, {"Upgrade": "websocket, h2c"}, {"Connection": None},
        {"Connection": "close"}, {"Sec_WebSocket_Version": None}, {"Sec_WebSocket_Version": "8"},
        {"Sec_WebSocket_Version": "13, 8"}, {"Sec_WebSocket_Key": None}, {"Sec_WebSocket_Key": "short"},
        {"Sec_WebSocket_Key": "A" * 100},
    ]  # fmt: skip
    for change in changes:
        assert ask(desk, upgrade(desk, own, **change)) == 400, change
    assert ask(desk, upgrade(desk, own), version="1.0") in (0, 101, 400)
    assert ask(desk, upgrade(desk, own), version="2.0") in (0, 400, 505)


def test_a_foreign_page_gains_nothing_by_the_consoles_cookie(desk: Desk) -> None:
    """The cookie alone opens no console: neither from a page of the publisher nor from elsewhere."""
    moderator = desk.paper.moderator()
    with pytest.raises(Refused, match="signed_out"):
        desk.handshake(cookie=moderator.cookie).greet({"console": True})
    status = ask(desk, [*upgrade(desk, "https://elsewhere.example"), ("Cookie", moderator.cookie)])
    assert status == 403
    line = desk.handshake(cookie=moderator.cookie)
    line.greet({"site": desk.paper.key, "article": "news"})
    for name in ("console", "join", "claim", "decide"):
        hostile = desk.handshake(cookie=moderator.cookie)
        hostile.greet({"site": desk.paper.key, "article": "news"})
        hostile.socket.send(f'42["{name}",{{"console":true}}]')
        hostile.wait_until_cut()
    desk.paper.member("anna").post("news", "beware: for moderators alone")
    assert "queue.counts" not in line.names()
