"""Websocket frames (RFC 6455): the ones that we send, prebuilt, and a strict reader of those that clients send.

A library would hold a parser of some kilobytes for each of ten thousand sockets that say nothing but "pong"; ours holds
what has not come whole yet. tests/live/test_frames.py reads the same bytes with wsproto.
"""

import struct
import time
from collections.abc import Iterator

LARGEST_MESSAGE = 64 * 1024  # bytes that a client may send at once
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
GOODBYE, GOING_AWAY, BROKEN, NOT_OURS, NOT_TEXT, TOO_MUCH, TOO_LARGE = 1000, 1001, 1002, 1003, 1007, 1008, 1009
WINDOW = 10.0  # seconds in which so much may come and no more


class Ended(Exception):
    """The connection is to be closed with this code, and a reason where the code does not say it."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


def frame(opcode: int, payload: bytes) -> bytes:
    """One whole frame from us: never masked, never in parts, never compressed."""
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", 0x80 | opcode, length) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", 0x80 | opcode, 126, length) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, length) + payload


def text_frame(text: str) -> bytes:
    return frame(TEXT, text.encode())


def close_frame(code: int, reason: str = "") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


class FrameReader:
    """Puts one client's bytes together to messages, as long as they are not too many."""

    __slots__ = ("_bytes", "_kind", "_message", "_pieces", "_rest", "_since")
    most_pieces = 200  # frames in a window, and times that something came: a page needs some twenty when it opens
    most_bytes = 256 * 1024  # in a window

    def __init__(self) -> None:
        self._since, self._pieces, self._bytes = 0.0, 0, 0  # of the present window
        self._rest = b""  # of a frame that has not come whole
        self._kind: int | None = None  # of a message that comes in several frames
        self._message: bytearray | None = None

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """What is whole with these bytes: (TEXT, BINARY, PING, PONG or CLOSE, content). Raises Ended."""
        self.count(len(data))
        data = self._rest + data if self._rest else data
        at = 0
        while (found := self._frame(data, at)) is not None:
            final, opcode, payload, at = found
            self._count_piece()
            if opcode >= CLOSE:
                yield opcode, payload
            elif (message := self._join(final, opcode, payload)) is not None:
                yield message
        self._rest = data[at:]

    def count(self, size: int) -> None:
        """So many bytes came at once. Raises Ended when that is too much of whatever it is."""
        now = time.monotonic()
        if now - self._since > WINDOW:
            self._since, self._pieces, self._bytes = now, 0, 0
        self._bytes += size
        if self._bytes > self.most_bytes:
            raise Ended(TOO_MUCH, f"more than {self.most_bytes} bytes in {WINDOW:.0f} seconds")
        self._count_piece()

    def _count_piece(self) -> None:
        self._pieces += 1
        if self._pieces > self.most_pieces:
            raise Ended(TOO_MUCH, f"more than {self.most_pieces} pieces in {WINDOW:.0f} seconds")

    def _frame(self, data: bytes, at: int) -> tuple[bool, int, bytes, int] | None:
        """The frame that begins there: final, opcode, payload, where the next begins; None if it is not whole."""
        if len(data) < at + 2:
            return None
        first, second = data[at], data[at + 1]
        final, opcode, length = bool(first & 0x80), first & 0x0F, second & 0x7F
        self._check(first, second)
        at += 2
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(data) < at + size:
                return None
            length = int.from_bytes(data[at : at + size])
            at += size
        if length + len(self._message or b"") > LARGEST_MESSAGE:
            raise Ended(TOO_LARGE)
        end = at + 4 + length
        if len(data) < end:
            return None
        return final, opcode, _unmasked(data[at : at + 4], data[at + 4 : end]), end

    def _check(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        is_control = opcode >= CLOSE
        if first & 0x70 or not second & 0x80 or opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Ended(BROKEN)
        if is_control and (not first & 0x80 or second & 0x7F > 125):
            raise Ended(BROKEN)
        if not is_control and (opcode == CONTINUATION) != (self._kind is not None):
            raise Ended(BROKEN)

    def _join(self, final: bool, opcode: int, payload: bytes) -> tuple[int, bytes] | None:
        if final and self._message is None:
            return opcode, payload
        if self._message is None:
            self._kind, self._message = opcode, bytearray()
        self._message += payload
        if not final:
            return None
        assert self._kind is not None
        whole = self._kind, bytes(self._message)
        self._kind = self._message = None
        return whole


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
