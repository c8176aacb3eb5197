"""Records out of an XML file of any size, element by element, holding only what is asked for; for the readers.

defusedxml's parser refuses document types, entities and outside references. What its memory would grow with is bounded
here: the length of one tag, how deep elements stand in one another, how many names they have, the length of a text.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from comments.core.errors import Malformed
from comments.importers.lines import NOTE

CHUNK = 64 * 1024
LONGEST_TAG = 1024 * 1024  # bytes in which nothing begins or ends
LONGEST_TEXT = 200_000  # characters of one field; the longest comment has 40,000
DEEPEST, MOST_NAMES = 64, 2000
_ILLEGAL = bytes(32 if byte < 32 and byte not in (9, 10, 13) else byte for byte in range(256))
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
NEAR = f"near this line {NOTE}"
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")


@dataclass(slots=True)
class XmlRecord:
    """An element with the texts of those within it, by path (`author/name`), and attributes (`thread@id`, its own:
    `@id`). `outer`: the record that it stands in; `notes`: what was amiss around it; `too_long`: fields cut off.
    """

    name: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    outer: "XmlRecord | None" = None
    notes: tuple[str, ...] = ()
    too_long: set[str] = field(default_factory=set)

    def text(self, path: str) -> str:
        return self.fields.get(path, "").strip()


@dataclass(frozen=True, slots=True)
class Wanted:
    """An element that is a record: what to keep of it, and the record that it must stand in. `listed`: what was amiss
    around it can be told with it.
    """

    keep: frozenset[str]
    within: str | None = None
    listed: bool = False


def read_records(stream: BinaryIO, root: str, wanted: Mapping[str, Wanted]) -> Iterator[XmlRecord]:
    """The elements named in `wanted`, in the order in which they end.

    Raises Malformed if the outermost element is not `root`, or where the file cannot be read on.
    """
    target = _Target(root, wanted)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    expat = target.parser = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = target.begin, target.finish
    expat.CharacterDataHandler, expat.StartNamespaceDeclHandler = target.letters, target.prefix
    expat.buffer_text = expat.ordered_attributes = expat.specified_attributes = True
    idle = 0
    try:
        for chunk in _chunks(stream, target):
            before = target.events
            parser.feed(chunk)
            idle = idle + len(chunk) if target.events == before else 0
            if idle > LONGEST_TAG:
                raise _wrong(expat, f"a tag or a comment is longer than {LONGEST_TAG} bytes")
            yield from target.take()
        parser.close()
    except (ParseError, ExpatError) as error:
        yield from target.take()
        raise _wrong(expat, f"from here on the file is no XML, or it is cut off ({error})") from error
    except DefusedXmlException as error:
        raise _wrong(expat, f"document types and entities are not read ({type(error).__name__})") from error
    yield from target.take()


def _wrong(expat: Any, why: str) -> Malformed:
    return Malformed(f"Line {expat.CurrentLineNumber}: {why}.")


class _Target:
    """What expat calls, for every element: hence so bare. `events`: how often it did."""

    def __init__(self, root: str, wanted: Mapping[str, Wanted]) -> None:
        self.parser: Any = None
        self.events = 0
        self.notes: tuple[str, ...] = ()
        self._root, self._wanted = root, wanted
        self._done: list[XmlRecord] = []
        self._names: dict[str, str] = {}  # as expat gives them → without their namespace
        self._open: list[str] = []  # paths within the record, one for each element that is open
        self._record: XmlRecord | None = None
        self._began: list[int] = []  # how deep the records stand that are open
        self._text: list[str] | None = None  # of a field that is kept
        self._field = self._length = 0  # how deep it stands, how long its text is

    def close(self) -> None:
        """XMLParser asks for it."""

    def take(self) -> list[XmlRecord]:
        done, self._done = self._done, []
        return done

    def prefix(self, prefix: str | None, _uri: str) -> None:
        self._name(f"xmlns:{prefix}")

    def _name(self, full: str) -> str:
        name = self._names.get(full)
        if name is None:
            name = self._names[full] = full.rpartition("}")[2]
            if len(self._names) > MOST_NAMES:
                raise _wrong(self.parser, f"there are more than {MOST_NAMES} different names of elements")
        return name

    def begin(self, full: str, attributes: list[str]) -> None:
        self.events += 1
        name = self._names.get(full) or self._name(full)
        deep = len(self._open)
        if deep == 0 and name != self._root:
            raise _wrong(self.parser, f"the file begins with <{name[:60]}>, not with <{self._root}>")
        if deep > DEEPEST:
            raise _wrong(self.parser, f"elements stand more than {DEEPEST} deep in one another")
        if self._text is not None:  # markup that was not escaped: its words are the field's
            self._open.append("")
            return
        record, found = self._record, self._wanted.get(name)
        if found is not None and found.within == (record.name if record is not None else None):
            self._record = record = XmlRecord(name, self.parser.CurrentLineNumber, outer=record)
            if found.listed:
                record.notes, self.notes = self.notes, ()
            self._began.append(deep)
            path = ""
        else:
            above = self._open[-1] if self._open else ""
            path = f"{above}/{name}" if above else name
        self._open.append(path)
        if record is None:
            return
        keep = self._wanted[record.name].keep
        if path in keep:
            self._text, self._field, self._length = [], deep, 0
        for at in range(0, len(attributes), 2):
            attribute = f"{path}@{self._name(attributes[at])}"
            if attribute in keep:
                record.fields[attribute] = attributes[at + 1][:LONGEST_TEXT]

    def letters(self, text: str) -> None:
        self.events += 1
        if self._text is None:
            return
        self._length += len(text)
        if self._length <= LONGEST_TEXT:
            self._text.append(text)

    def finish(self, _full: str) -> None:
        self.events += 1
        path = self._open.pop()
        deep, record = len(self._open), self._record
        if record is None:
            return
        if self._text is not None and self._field == deep:
            record.fields.setdefault(path, "".join(self._text))
            if self._length > LONGEST_TEXT:
                record.too_long.add(path)
            self._text = None
        if self._began[-1] == deep:
            self._done.append(record)
            self._began.pop()
            self._record = record.outer


def _chunks(stream: BinaryIO, target: _Target) -> Iterator[bytes | str]:
    """The file's bytes, or its characters where they should be UTF-8: with what is none put right, and noted."""
    part = stream.read(CHUNK)
    if part[:2] not in UTF_16 and b"\0" not in part[:4]:
        part = part[max(part.find(b"<"), 0) :]  # whatever stands before: a mark of the encoding, a slip of the editor
        declared = _DECLARED.search(part[:200])
        if declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii"):
            yield from _decoded(part, stream, target)
            return
    while part:
        yield part
        part = stream.read(CHUNK)


def _decoded(part: bytes, stream: BinaryIO, target: _Target) -> Iterator[str]:
    rest = b""
    while part:
        part = rest + part.translate(_ILLEGAL)
        try:
            text, used = codecs.utf_8_decode(part, "strict", False)
        except UnicodeDecodeError:
            text, used = codecs.utf_8_decode(part, "comments.as_windows", False)
            target.notes = (NEAR,)
        rest = part[used:]
        yield text
        part = stream.read(CHUNK)
    if rest:
        yield rest.decode("utf-8", "comments.as_windows")
