"""Websocket frames: what wsproto sends we read, what we send wsproto reads, what is no frame ends the connection."""

import random

import pytest
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, Pong, TextMessage

from comments.live.engine import is_message, is_pong
from comments.live.frames import (
    BINARY,
    BROKEN,
    CLOSE,
    LARGEST_MESSAGE,
    PING,
    PONG,
    TEXT,
    TOO_LARGE,
    Ended,
    FrameReader,
    close_frame,
    frame,
    text_frame,
)

SIZES = (0, 1, 3, 4, 5, 124, 125, 126, 127, 1000, 65_535, 65_536)


class Patient(FrameReader):
    """Takes as much as comes."""

    __slots__ = ()
    most_pieces = most_bytes = 10_000_000


def read(data: bytes, reader: FrameReader | None = None) -> list[tuple[int, bytes]]:
    return list((reader or FrameReader()).feed(data))


def test_what_another_client_sends_is_read_however_it_is_cut() -> None:
    chance = random.Random(1)
    client = Connection(ConnectionType.CLIENT)
    sent, data = [], b""
    for size in SIZES:
        text = "ü" * (size // 2) + "x" * (size % 2)
        data += client.send(TextMessage(text[: len(text) // 2], message_finished=False))
        data += client.send(Ping(b"p" * min(size, 125)))
        data += client.send(TextMessage(text[len(text) // 2 :]))
        sent += [(PING, b"p" * min(size, 125)), (TEXT, text.encode())]
        data += client.send(BytesMessage(bytes(size))) + client.send(Pong(b"q"))
        sent += [(BINARY, bytes(size)), (PONG, b"q")]
    data += client.send(CloseConnection(1000))
    sent.append((CLOSE, b"\x03\xe8"))
    for largest in (1, 2, 7, 4096, len(data)):
        reader, at, got = Patient(), 0, []
        while at < len(data):
            size = chance.randint(1, largest)
            got += read(data[at : at + size], reader)
            at += size
        assert got == sent


@pytest.mark.parametrize("size", SIZES)
def test_another_client_reads_what_is_sent(size: int) -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(text_frame("x" * size) + frame(PING, b"ping") + close_frame(1001))
    text, ping, close = client.events()
    assert isinstance(text, Message) and text.data == "x" * size and text.message_finished
    assert isinstance(ping, Ping) and isinstance(close, CloseConnection) and close.code == 1001


def test_a_pong_is_known_at_a_glance() -> None:
    client = Connection(ConnectionType.CLIENT)
    assert all(is_pong(client.send(TextMessage("3"))) for _ in range(50))
    for other in ("2", "1", "33", ""):
        assert not is_pong(client.send(TextMessage(other)))
    assert not is_pong(client.send(BytesMessage(b"3")))


MASK = b"\1\2\3\4"
BAD = {
    "not masked": (b"\x81\x01x", BROKEN),
    "a reserved bit": (b"\xc1\x81" + MASK + b"x", BROKEN),
    "an unknown opcode": (b"\x83\x81" + MASK + b"x", BROKEN),
    "a ping in parts": (b"\x09\x81" + MASK + b"x", BROKEN),
    "a long ping": (b"\x89\xfe\x00\x7e" + MASK, BROKEN),
    "a continuation of nothing": (b"\x80\x81" + MASK + b"x", BROKEN),
    "a message within a message": (b"\x01\x81" + MASK + b"x\x81\x81" + MASK + b"x", BROKEN),
    "a length beyond all": (b"\x81\xff" + b"\xff" * 8 + MASK, TOO_LARGE),
    "too large": (b"\x81\xff" + (LARGEST_MESSAGE + 1).to_bytes(8), TOO_LARGE),
    "too large in parts": (b"\x01\xfe\xff\xff" + MASK + b"x" * 65_535 + b"\x80\x82", TOO_LARGE),
}


@pytest.mark.parametrize(("data", "code"), BAD.values(), ids=BAD)
def test_what_is_no_frame_of_a_client_ends_the_connection(data: bytes, code: int) -> None:
    with pytest.raises(Ended) as ended:
        read(data)
    assert ended.value.code == code


@pytest.mark.parametrize(
    "text", ["1", "3", "41", "40", "40{}", '42["follow",{}]', '4217["token",{}]', '42["unfollow"]']
)
def test_messages_of_ours(text: str) -> None:
    assert is_message(text)
