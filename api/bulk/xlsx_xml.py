"""The XML of a workbook's parts, read by expat as it is inflated: names without namespaces, and no document type."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.parsers import expat

from api.bulk.table import MAX_CELL
from api.bulk.xlsx_archive import malformed

Start = Callable[[str, Mapping[str, str]], object]
"""Told an element's name and its attributes."""
Tell = Callable[[str], object]
"""Told an element's name at its end, or text."""


def feed(
    pieces: Iterable[bytes],
    path: str,
    start: Start,
    end: Tell | None = None,
    text: Tell | None = None,
) -> Iterator[None]:
    """Send the pieces of a part through expat, one at each step. Names come without their namespaces, of which there
    are two editions. Raises RefusedError `table-malformed`.
    """
    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(
        name.rpartition("|")[2], {key.rpartition("|")[2]: value for key, value in attributes.items()}
    )
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition("|")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = lambda *_: _refuse_doctype(path)
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
        yield
    # LookupError: an encoding that nobody knows.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise malformed(where=path[:80], expected="well-formed XML", got=str(error)[:80]) from error


def _refuse_doctype(path: str) -> Any:
    raise malformed(where=path[:80], expected="XML without a document type", got="one")


class Text:
    """What stands in `t` elements, but not in those that say how it is pronounced (`rPh`)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._is_open = self._is_phonetic = False

    def start(self, tag: str) -> None:
        if tag == "t":
            self._is_open = not self._is_phonetic
        elif tag == "rPh":
            self._is_phonetic = True

    def end(self, tag: str) -> None:
        if tag == "t":
            self._is_open = False
        elif tag == "rPh":
            self._is_phonetic = False

    def add(self, text: str) -> None:
        # One character more than a cell may have is enough to see that it has too many.
        if self._is_open and self._size <= MAX_CELL:
            self._parts.append(text[: MAX_CELL + 1])
            self._size += len(text)

    def clear(self) -> None:
        self._parts, self._size = [], 0

    def take(self) -> str:
        text = "".join(self._parts)
        self.clear()
        return text
