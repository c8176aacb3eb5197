"""An export read, and its texts rendered, by a process beside the one that writes. For actions/archive.py.

That is half of an import's work, and all that needs no database. The process sends what it has made as it goes, a
little ahead, and ends when the pipe closes: also when whoever started it was killed.
"""

import io
import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import msgspec

from comments.actions.rendering import Rendered, rendered, text_of
from comments.core.archive import BadLine, Found
from comments.core.errors import Malformed

WORTH = 2_000_000  # bytes of a file: a smaller one is read before a process has started
AT_ONCE, LETTERS = 200, 200_000  # records in a message, characters in their texts
AHEAD = 10  # messages that wait to be sent
TELLS_EVERY = 0.5  # seconds: so often it says how far it is, also where it finds no record
BUFFER = 256 * 1024  # bytes read at once

Read = Callable[[BinaryIO], Iterator[Found | BadLine]]


class Ready(NamedTuple):
    """A record with its text rendered; None where it was written before, by all that is known."""

    found: Found
    rendered: Rendered | None


class Watched(io.FileIO):
    """A file that says at each read how far it is: also where a reader looks through it before its first record."""

    def __init__(self, path: Path, beat: Callable[[int], None]) -> None:
        super().__init__(str(path))  # a reader of SQLite opens it by its name
        self._beat = beat

    def readinto(self, buffer: Any, /) -> int | None:
        count = super().readinto(buffer)
        self._beat(self.tell())
        return count


class _Item(msgspec.Struct, array_like=True):
    found: Found | None
    bad: BadLine | None
    rendered: Rendered | None


class _Message(msgspec.Struct, array_like=True):
    """`at`: bytes of the file that were read; `broken`: why it could not be read to its end."""

    at: int
    items: list[_Item]
    ended: bool = False
    broken: str | None = None


_MESSAGE = msgspec.msgpack.Decoder(_Message)


class Beside:
    """A file, and what reads it: a function that another process can be given. `told`: how far it is, in bytes."""

    def __init__(self, path: Path, read: Read, told: Callable[[int], None] = lambda _at: None) -> None:
        self.at = 0
        self._path, self._read, self._told = path, read, told

    def records(self, after: int) -> Generator[Ready | BadLine, None, None]:
        """All of the file; texts up to the line `after` are not rendered. Raises Malformed as the reader does, OSError
        where the file cannot be opened.
        """
        self._path.open("rb").close()
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe(duplex=False)
        process = spawn.Process(target=serve, args=(theirs, self._path, self._read, after), daemon=True, name="reading")
        process.start()
        theirs.close()
        try:
            ended = False
            while not ended:
                message = _MESSAGE.decode(ours.recv_bytes())
                ended, self.at = message.ended, message.at
                self._told(message.at)
                for item in message.items:
                    yield Ready(item.found, item.rendered) if item.found is not None else cast(BadLine, item.bad)
            if message.broken is not None:
                raise Malformed(message.broken)
        except EOFError as error:
            raise ChildProcessError("The process that reads the file ended before the file did.") from error
        finally:
            ours.close()
            process.join()


def serve(pipe: Connection, path: Path, read: Read, after: int) -> None:
    """What the process does."""
    sender = _Sender(pipe, after)
    broken = None
    try:
        with Watched(path, sender.beat) as raw, io.BufferedReader(raw, BUFFER) as stream:
            try:
                for one in read(cast(BinaryIO, stream)):
                    sender.take(one)
            except Malformed as error:
                broken = error.detail
        sender.end(broken)
    except KeyboardInterrupt:  # whoever writes was told too
        return


class _Sender:
    """Renders, and sends from a thread of its own, so that rendering goes on while the other side writes."""

    def __init__(self, pipe: Connection, after: int) -> None:
        self._pipe, self._after = pipe, after
        self._waiting: queue.Queue[bytes | None] = queue.Queue(AHEAD)
        self._items: list[_Item] = []
        self._letters = self._at = 0
        self._told = time.monotonic()
        self._thread = threading.Thread(target=self._go_on, daemon=True, name="sending")
        self._thread.start()

    def beat(self, at: int) -> None:
        self._at = at
        if time.monotonic() - self._told >= TELLS_EVERY:
            self._send()

    def take(self, one: Found | BadLine) -> None:
        if isinstance(one, BadLine):
            self._items.append(_Item(None, one, None))
        else:
            result = rendered(text_of(one.comment)) if one.line > self._after else None
            self._items.append(_Item(one, None, result))
            self._letters += len(one.comment.body)
        if len(self._items) >= AT_ONCE or self._letters > LETTERS:
            self._send()

    def end(self, broken: str | None) -> None:
        self._send(ended=True, broken=broken)
        self._waiting.put(None)
        self._thread.join()

    def _send(self, **end: Any) -> None:
        self._told = time.monotonic()
        self._waiting.put(msgspec.msgpack.encode(_Message(self._at, self._items, **end)))
        self._items, self._letters = [], 0

    def _go_on(self) -> None:
        try:
            while (data := self._waiting.get()) is not None:
                self._pipe.send_bytes(data)
        except OSError:
            os._exit(0)  # who writes is gone
