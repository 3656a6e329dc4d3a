"""XML as a tree of elements, read by expat with every door shut that leads out of the document.

Refused: document types and entities of any kind, more than MAX_DEPTH levels or MAX_NODES elements.
"""

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from keys.errors import RefusedError

MAX_DEPTH = 24
MAX_NODES = 500_000
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_EPCIS = re.compile(r"urn:epcglobal:epcis(?:-query|-masterdata)?:xsd:[12]|https?://ns\.gs1\.org/epcis/|")


@dataclass(slots=True)
class Node:
    """An element: its namespace, name and prefix, attributes, elements in it, and text.

    `spaces` are the namespaces of its attributes, by their prefixes.
    """

    space: str
    name: str
    prefix: str
    attributes: dict[str, str] = field(default_factory=dict)
    spaces: dict[str, str] = field(default_factory=dict)
    nodes: list["Node"] = field(default_factory=list)
    text: str = ""

    @property
    def is_standard(self) -> bool:
        """Is it an element of EPCIS itself?"""
        return _EPCIS.fullmatch(self.space) is not None


def read_nodes(data: bytes) -> Node:
    """The root element. Raises RefusedError `payload-malformed`."""
    return _Reader().read(data)


def refuse(where: str, expected: str, got: str) -> NoReturn:
    """Raises RefusedError `payload-malformed`: what was expected where, and what came instead."""
    raise RefusedError("payload-malformed", where=where[:80], expected=expected, got=got[:80])


class _Reader:
    """expat, with every door shut that leads out of the document."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator="\n")
        self._parser.namespace_prefixes = True
        self._parser.buffer_text = True
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._say
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._parser.ExternalEntityRefHandler = self._refuse_entity
        self._parser.SkippedEntityHandler = self._refuse_doctype
        self._path: list[Node] = []
        self._root: Node | None = None
        self._count = 0

    def read(self, data: bytes) -> Node:
        """The root element. Raises RefusedError `payload-malformed`."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise RefusedError("payload-malformed", where=f"line {error.lineno}", expected="XML", got=what) from error
        except (LookupError, ValueError) as error:
            raise RefusedError("payload-malformed", expected="a known encoding", got=str(error)[:80]) from error
        if self._root is None:
            refuse("the document", "an element", "none")
        return self._root

    def _start(self, name: str, attributes: list[str]) -> None:
        self._count += 1
        if len(self._path) >= MAX_DEPTH or self._count > MAX_NODES:
            refuse("the document", f"at most {MAX_DEPTH} levels and {MAX_NODES} elements", "more")
        node = Node(*_split(name))
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            space, local, prefix = _split(key)
            if space == INSTANCE:
                prefix = "xsi"
            elif prefix:
                node.spaces[prefix] = space
            # With its prefix, where it is of a namespace: then it is an extension.
            node.attributes[f"{prefix}:{local}" if prefix else local] = value
        if self._path:
            self._path[-1].nodes.append(node)
        else:
            self._root = node
        self._path.append(node)

    def _end(self, _: str) -> None:
        self._path.pop()

    def _say(self, text: str) -> None:
        self._path[-1].text += text

    def _refuse_doctype(self, *_: object) -> None:
        refuse("the document", "no document type and no entities", "one")

    def _refuse_entity(self, *_: object) -> int:
        refuse("the document", "no document type and no entities", "one")


def _split(name: str) -> tuple[str, str, str]:
    """(namespace, name, prefix) as expat gives them, between line ends."""
    match name.split("\n"):
        case [space, local, prefix]:
            return space, local, prefix
        case [space, local]:
            return space, local, ""
    return "", name, ""
