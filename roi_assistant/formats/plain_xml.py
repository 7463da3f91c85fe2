"""XML of other programs, read element by element and without the parts of XML that can do harm, and its texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

from roi_assistant.core.plain_files import check_plain
from roi_assistant.errors import FormatError

_BLOCK = 1 << 16
_LONGEST = 1 << 26
"""Bytes of one element below the root: no image has more boxes."""
_DEEPEST = 100
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Letters that XML 1.0 cannot hold in any form."""
_SPACES = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
"""Those that a reader makes other spaces of, unless they are written by number."""


def holds(text: str) -> bool:
    """Whether XML can hold each letter of ``text``."""
    return not _ILLEGAL.search(text)


def xml_text(text: str) -> str:
    """``text`` between tags, without what XML cannot hold."""
    return escape(_ILLEGAL.sub("", text), {"\r": "&#13;"})


def xml_value(text: str) -> str:
    """``text`` in quotes, as the value of an attribute, without what XML cannot hold."""
    return '"' + escape(_ILLEGAL.sub("", text), {**_SPACES, '"': "&quot;"}) + '"'


def read_xml(path: Path) -> Iterator[tuple[str, Element]]:
    """The name of the root of ``path`` with each element in it, whole, one after the other; a root without elements
    comes once, with itself.

    Raises:
        FormatError: the file is missing, is not XML, has a document type (entities can fill the memory or name other
            files), is nested too deeply, or has an element that no image needs.
    """
    try:
        check_plain(path)
        with path.open("rb") as stream:
            parser = _Parser()
            while data := stream.read(_BLOCK):
                parser.feed(data)
                yield from parser.taken()
                if parser.pending > _LONGEST:
                    raise _Refused(f"an element has more than {_LONGEST >> 20} MB")
            parser.close()
            yield from parser.taken()
            if parser.is_empty:
                yield parser.root, Element(parser.root)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise FormatError("{path} does not exist: check the path.", path=path) from error
        raise FormatError(
            "{path} cannot be read ({reason}): check the path and its permissions.",
            path=path,
            reason=error.strerror or str(error),
        ) from error
    except (expat.ExpatError, ValueError, LookupError, MemoryError, _Refused) as error:
        raise FormatError("{path} is not an XML file that can be read: {reason}.", path=path, reason=error) from error


class _Refused(Exception):
    pass


class _Parser:
    """Gathers the elements below the root."""

    def __init__(self) -> None:
        self.root = ""
        self.is_empty = True
        self._depth = 0
        self._builder: TreeBuilder | None = None
        self._whole: list[Element] = []
        self._fed = self._begun = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data

    @property
    def pending(self) -> int:
        """Bytes that were read since the element began that is not whole yet."""
        return self._fed - self._begun if self._builder is not None else 0

    def feed(self, data: bytes) -> None:
        self._parser.Parse(data, False)
        self._fed += len(data)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def taken(self) -> Iterator[tuple[str, Element]]:
        whole, self._whole = self._whole, []
        return ((self.root, element) for element in whole)

    def _refuse(self, *_: object) -> None:
        raise _Refused("it has a document type, and those are not read")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.root = tag
            return
        if self._depth > _DEEPEST:
            raise _Refused("it is nested too deeply")
        if self._builder is None:
            self._builder, self._begun, self.is_empty = TreeBuilder(), self._fed, False
        self._builder.start(tag, attributes)

    def _data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._builder is None:
            return
        self._builder.end(tag)
        if self._depth == 1:
            self._whole.append(self._builder.close())
            self._builder = None
