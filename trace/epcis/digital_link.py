"""GS1 Digital Link URIs of everything that this registry resolves: products, lots, units, logistic units, places.

    https://registry.example/01/06901234567892/10/A1/21/D007?17=261031&sig=…
    https://registry.example/01/06901234567892          a product
    https://registry.example/01/06901234567892/21/D007  a unit whose lot is not said
    https://registry.example/00/106901234567890126      a logistic unit (SSCC)
    https://registry.example/414/6901234567892/254/12   a place (GLN), and a part of it

1. The path is a key and its qualifiers alone, at the root, in the standard's order (`elements.KEYS`); no empty
   segments, no short names such as /gtin/. One segment in the alphabet of base64url is a compressed link
   (`compression`).
2. Every value MUST have its AI's form, check digits included.
3. In the query, names of digits alone are attributes: each MUST be one that `elements.ATTRIBUTES` knows, well formed,
   and there once. They are kept, and never part of what is identified. A key or qualifier in the query is refused:
   two places for one number are two answers.
4. Other names in the query are a resolver's (linkType, lang …) or somebody's own; they are neither read nor refused.
5. A fragment, a user before the host, white space and control characters are refused.

Source: GS1 Digital Link URI Syntax 1.4. Statements name lots and units by `identifiers.parse_lot`, which is stricter:
no query at all.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from keys.errors import RefusedError
from trace.epcis.compression import decompress, is_compressed
from trace.epcis.elements import ATTRIBUTES, FORMS, KEYS, check_element, widen
from trace.epcis.identifiers import LotId

# Ours to choose: a QR code of a label holds less.
_LONGEST = 600
_SHAPES = "/01/{gtin}[/10/{lot}][/21/{serial}], /00/{sscc} or /414/{gln}[/254/{extension}]"


@dataclass(frozen=True, slots=True)
class Link:
    """What a Digital Link names. `key` is 00, 01 or 414; `qualifiers` and `attributes` are (AI, value) in order."""

    key: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """The canonical path of what is identified, attributes left out."""
        return "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in ((self.key, self.value), *self.qualifiers))

    @property
    def address(self) -> str:
        """The canonical path with the attributes as a query, in order of AI."""
        return self.path + (f"?{urlencode(sorted(self.attributes))}" if self.attributes else "")

    @property
    def goods(self) -> str | None:
        """The id of the lot, unit or logistic unit that it names, where it names one whole."""
        return self.path.removeprefix("/") if self.key == "00" else str(self.lot) if self.lot is not None else None

    @property
    def lot(self) -> LotId | None:
        """The lot or unit that it names, where it names one whole."""
        parts = dict(self.qualifiers)
        return LotId(self.value, parts["10"], parts.get("21")) if self.key == "01" and "10" in parts else None


def parse_link(uri: object) -> Link:
    """Read a Digital Link URI or its path, compressed or not. Raises RefusedError `digital-link-invalid`."""
    if not isinstance(uri, str) or len(uri) > _LONGEST or not all("!" <= mark <= "~" for mark in uri):
        raise _invalid(uri)
    try:
        split = urlsplit(uri)
        query = parse_qsl(split.query, keep_blank_values=True, errors="strict", max_num_fields=40)
        segments = [unquote(segment, errors="strict") for segment in split.path.removeprefix("/").split("/")]
    except ValueError as error:
        raise _invalid(uri) from error
    if split.scheme not in ("", "http", "https") or bool(split.scheme) != bool(split.netloc):
        raise _invalid(uri)
    if split.fragment or "@" in split.netloc:
        raise _invalid(uri)
    attributes = tuple(pair for pair in query if pair[0].isascii() and pair[0].isdigit())
    if len(segments) == 1 and is_compressed(segments[0]):
        elements = decompress(segments[0])
    elif len(segments) % 2 == 0:
        elements = tuple(zip(segments[::2], segments[1::2], strict=True))
    else:
        raise _invalid(uri)
    return make_link((*elements, *attributes), in_path=len(elements) if len(segments) > 1 else None)


def make_link(elements: tuple[tuple[str, str], ...], *, in_path: int | None = None) -> Link:
    """The link that element strings make. Where `in_path` says how many stand in a path, those are in the standard's
    order and all others attributes; else they may come in any order, as in a bar code or a compressed link.

    Raises RefusedError `digital-link-invalid`.
    """
    if len({ai for ai, _ in elements}) < len(elements):
        raise RefusedError("digital-link-invalid", expected="each AI once", got=_tell(elements))
    if in_path is None:
        path = tuple(sorted((pair for pair in elements if pair[0] not in ATTRIBUTES), key=_rank))
    else:
        path = elements[:in_path]
    rest = tuple(pair for pair in elements if pair not in path)
    if not path or path[0][0] not in KEYS or tuple(ai for ai, _ in path[1:]) not in KEYS[path[0][0]]:
        raise RefusedError("digital-link-invalid", expected=_SHAPES, got=_tell(path))
    for ai, _ in rest:
        if ai not in ATTRIBUTES:
            raise RefusedError("digital-link-invalid", where="the query", expected="attributes alone", got=ai[:8])
    (key, value), *qualifiers = ((ai, check_element(ai, widen(ai, value))) for ai, value in path)
    return Link(key, value, tuple(qualifiers), tuple((ai, check_element(ai, value)) for ai, value in rest))


def link_of(lot: LotId) -> Link:
    """The link of a lot or unit."""
    serial = (("21", lot.serial),) if lot.serial is not None else ()
    return Link("01", lot.gtin, (("10", lot.lot), *serial))


def _rank(pair: tuple[str, str]) -> int:
    order = (*KEYS, *FORMS)
    return order.index(pair[0]) if pair[0] in order else len(order)


def _tell(elements: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"/{ai}/{value}" for ai, value in elements)[:80]


def _invalid(uri: object) -> RefusedError:
    return RefusedError("digital-link-invalid", expected=_SHAPES, got=str(uri)[:80])
