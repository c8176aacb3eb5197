"""Readers as browsers are: each opens a page on a connection of its own, follows its article on a socket for a while,
and leaves. One process holds thousands of them.
"""

import asyncio
import base64
import json
import os
import struct
from dataclasses import dataclass, field

from benchmarks.installation import SITE
from benchmarks.readers import PONG, masked
from benchmarks.reads import path_of

PATIENCE = 20.0  # seconds for an answer
CONNECT, PING = "40", "2"


@dataclass(slots=True)
class Tally:
    """What the visitors saw together."""

    pages: int = 0
    sockets: int = 0  # opened so far
    batches: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Visitors:
    """`web` and `live`: ports on loopback; `origin`: of the newspaper's pages."""

    web: int
    live: int
    origin: str
    tally: Tally = field(default_factory=Tally)

    async def visit(self, article: str, stay: float, also_page: bool = True) -> None:
        """One reader, from opening the page until they leave."""
        try:
            if also_page:
                await self.open_page(article)
            reader, writer = await self._open_socket(article)
        except (OSError, EOFError, TimeoutError) as error:
            self.tally.failed.append(f"{type(error).__name__} {error}")
            return
        try:
            async with asyncio.timeout(stay):
                await self._follow(reader, writer)
        except TimeoutError:
            pass
        except (OSError, EOFError) as error:
            self.tally.failed.append(f"cut: {error}")
        writer.close()

    async def open_page(self, article: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.web)
        writer.write(f"GET {path_of(article)} HTTP/1.1\r\n{self._headers()}Connection: close\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise EOFError(answer[:40].decode(errors="replace"))
        self.tally.pages += 1

    def _headers(self) -> str:
        return f"Host: localhost\r\nOrigin: {self.origin}\r\nAccept-Encoding: br, gzip\r\n"

    async def _open_socket(self, article: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.live)
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = (
            f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        )
        asked = f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n{self._headers()}{upgrade}\r\n"
        writer.write(asked.encode())
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101"):
                raise EOFError(head[:40].decode(errors="replace"))
            await _text(reader)  # Engine.IO's open
            writer.write(masked((CONNECT + json.dumps({"site": SITE, "article": article})).encode()))
            while not (text := await _text(reader)).startswith(CONNECT):
                if text == PING:  # may come before; who does not answer is cut
                    writer.write(PONG)
        self.tally.sockets += 1
        return reader, writer

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            text = await _text(reader)
            if text == PING:
                writer.write(PONG)
            elif text.startswith('42["thread.batch"'):
                self.tally.batches += 1


async def _text(reader: asyncio.StreamReader) -> str:
    """The next message; the server masks nothing and cuts no message into frames."""
    first, length = await reader.readexactly(2)
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    payload = await reader.readexactly(length)
    if first & 0x0F == 8:
        raise EOFError("closed by the server")
    return payload.decode()
