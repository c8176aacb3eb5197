"""The objects of a JSON document's arrays, one after the other, holding one at a time; for the readers.

It looks for where objects begin and end and leaves what is in them to msgspec, which checks them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from comments.core.errors import Malformed

CHUNK = 256 * 1024
DEEPEST = 100
_MARKS = re.compile(rb'\\.|["\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One object. `array`: the name of the array in the outermost object, empty where that is an array itself;
    `raw`: its bytes, None where there are too many of them.
    """

    array: str
    line: int
    raw: bytes | None


def read_items(stream: BinaryIO, longest: int) -> Iterator[Item]:
    """The objects in `[{…}, …]`, or in the arrays of `{"one": [{…}, …], "other": […]}`.

    Raises Malformed if it is neither, or where the file breaks off.
    """
    scan = _Scan(longest)
    kept = b""
    while part := stream.read(CHUNK):
        part = kept + part
        odd = (len(part) - len(part.rstrip(b"\\"))) % 2  # the second half of \" comes with the next part
        kept, part = part[len(part) - odd :], part[: len(part) - odd]
        yield from scan.feed(part)
    if scan.open or scan.in_string or not scan.began:
        raise Malformed(f"Line {scan.line}: the file breaks off here.")


class _Scan:
    def __init__(self, longest: int) -> None:
        self.open: list[int] = []  # brackets
        self.in_string = self.began = False
        self.line = 1
        self._longest = longest
        self._item: list[bytes] | None = None  # of the object that is being read
        self._length = self._began_at = 0
        self._name, self._string = b"", b""
        self._in_name = False

    def feed(self, part: bytes) -> Iterator[Item]:
        taken = counted = 0
        string_at = 0 if self._in_name else -1
        for mark in _MARKS.finditer(part):
            at, sign = mark.start(), part[mark.start()]
            if self.in_string:
                if sign == 0x22:  # "
                    self.in_string = False
                    if self._in_name:
                        self._name = (self._string + part[string_at:at])[:200]
                        self._in_name, self._string = False, b""
            elif sign == 0x22:
                self.in_string = True
                if len(self.open) == 1 and self.open[0] == 0x7B:
                    self._in_name, string_at = True, at + 1
            elif sign in (0x5B, 0x7B):  # [ {
                if sign == 0x7B and self._item is None and self._is_array():
                    self._item, self._length, taken = [], 0, at
                    self.line += part.count(b"\n", counted, at)
                    counted, self._began_at = at, self.line
                self._push(sign)
            elif sign in (0x5D, 0x7D):  # ] }
                self._pop(sign)
                if self._item is not None and self._is_array():
                    self._add(part[taken : at + 1])
                    yield self._finished()
                    taken = at + 1
        if self._item is not None:
            self._add(part[taken:])
        if self._in_name:
            self._string = (self._string + part[max(string_at, 0) :])[:200]
        self.line += part.count(b"\n", counted)

    def _is_array(self) -> bool:
        """Whether the objects that begin here are those that are asked for."""
        return self.open in ([0x5B], [0x7B, 0x5B])

    def _push(self, sign: int) -> None:
        self.began = True
        self.open.append(sign)
        if len(self.open) > DEEPEST:
            raise Malformed(f"Line {self.line}: brackets stand more than {DEEPEST} deep in one another.")

    def _pop(self, sign: int) -> None:
        if not self.open or self.open.pop() != sign - 2:
            raise Malformed(f"Line {self.line}: a bracket is closed here that was not opened: this is no JSON.")

    def _add(self, piece: bytes) -> None:
        self._length += len(piece)
        if self._item is not None and self._length <= self._longest:
            self._item.append(piece)

    def _finished(self) -> Item:
        raw = b"".join(self._item or ()) if self._length <= self._longest else None
        self._item = None
        name = self._name.decode("utf-8", "replace") if self.open[0] == 0x7B else ""
        return Item(name, self._began_at, raw)
