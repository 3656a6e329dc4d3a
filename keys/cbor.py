"""CBOR as this registry reads it: core deterministic encoding only (RFC 8949 §4.2.1), bounded, without surprises.

Example: `a10126` is the map {1: -7}. The same map written `b900010126` (a longer head) is refused.
{24: 0, -1: 0} is `a21818002000`, 24 first: its key is longer, but lower byte by byte.

1. Items MUST be integers within 64 bits, byte strings, text strings, arrays, maps, true, false or null.
2. Heads MUST be the shortest possible, lengths definite, map keys unique and in bytewise order.
   Keys MUST be integers or strings.
3. Nesting MUST NOT exceed `MAX_DEPTH`. Tags are refused except the one that the caller names.

cbor2 decodes; rules 1 and 2 are then checked by encoding again and comparing bytes, so that a lenient decoder can't
widen them.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import cbor2

from keys.errors import RefusedError

# Ours to choose: the deepest thing that we read is a receipt's proof (array in map in array).
MAX_DEPTH = 8
# Ours to choose: a statement has six, and as many more as its unprotected header may bring along.
MAX_HEADS = 10_000
# RFC 8949 §3: additional information from 24 on, and how many bytes of argument follow.
_ARGUMENT_FOLLOWS = 24
_ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}
# The head of a tag below 24 is one byte.
_TAG_HEAD = 0xC0
# Tags 0-5, 21-43, 100, 256-261, 1004 … build dates, numbers, regular expressions and shared references in cbor2.
# Each of these is replaced by a decoder that refuses, before anything of the tag's content is computed; any other comes
# out as a CBORTag, which is no item of rule 1.
_SCALARS = frozenset({int, bytes, str, bool, type(None)})
_NAMES = frozenset({int, bytes, str})
_BUILT_IN_TAGS = (*range(64), 100, *range(256, 262), 1004, 43000, 55799)


def encode(value: object) -> bytes:
    """Deterministic CBOR of a plain value."""
    # cbor2's `canonical` is that of RFC 7049, which puts shorter keys first; whatever else it writes is the shortest.
    return cbor2.dumps(_in_order(value))


def decode(data: bytes, *, where: str, tag: int | None = None) -> Any:
    """Read one item that fills `data` to the last byte; with `tag`, below 24, the item MUST carry exactly that tag,
    which is taken off.

    Raises RefusedError `cbor-malformed`, `cbor-not-deterministic` or `cbor-trailing-bytes`.
    """
    stream = io.BytesIO(data)
    if tag is not None and stream.read(1) != bytes([_TAG_HEAD | tag]):
        raise RefusedError("cbor-malformed", where=where, expected=f"tag {tag}", got="another item")
    start = stream.tell()
    value = _decode_next(stream, where)
    if stream.tell() != len(data):
        raise RefusedError("cbor-trailing-bytes", where=where, expected=stream.tell(), got=len(data))
    if type(value) not in _SCALARS:
        _check_items(value, where)
    # The keys of its maps are in order: written as it stands, it is what `encode` writes.
    if cbor2.dumps(value) != data[start:]:
        raise RefusedError("cbor-not-deterministic", where=where)
    return value


def split_sequence(data: bytes, *, where: str, most: int) -> Iterator[bytes]:
    """Cut a CBOR sequence (RFC 8742) into the bytes of its items, at most `most` of them, without judging the items.

    Raises RefusedError `too-many-statements`, or `cbor-malformed` where an item breaks off or has over MAX_HEADS heads.
    """
    start, count = 0, 0
    while start < len(data):
        count += 1
        if count > most:
            raise RefusedError("too-many-statements", where=where, expected=f"at most {most}", got=f"{count} or more")
        end = _skip_item(data, start, where)
        yield data[start:end]
        start = end


def _skip_item(data: bytes, at: int, where: str) -> int:
    """Where the item that begins at `at` ends, by its heads alone (RFC 8949 appendix C). Nothing is built: a stranger's
    array of a million nothings would take much more memory than it is long.
    """
    missing = 1
    for _ in range(MAX_HEADS):
        if at >= len(data):
            raise RefusedError("cbor-malformed", where=where, expected="an item", got="its beginning")
        major, argument = data[at] >> 5, data[at] & 31
        at += 1
        if argument >= _ARGUMENT_FOLLOWS:
            length = _ARGUMENT_BYTES.get(argument)
            if length is None:
                raise RefusedError("cbor-malformed", where=where, expected="definite lengths", got="another head")
            argument = int.from_bytes(data[at : at + length])
            at += length
        # Strings bring their bytes; arrays, maps and tags items.
        at += argument if major in (2, 3) else 0
        missing += {4: argument, 5: 2 * argument, 6: 1}.get(major, 0) - 1
        if at > len(data):
            raise RefusedError("cbor-malformed", where=where, expected="an item", got="its beginning")
        if not missing:
            return at
    raise RefusedError("cbor-malformed", where=where, expected=f"items of at most {MAX_HEADS} heads", got="more")


def _refuse_tag(*_: object) -> Any:
    raise ValueError("tag not admitted here")


_REFUSALS: Any = dict.fromkeys(_BUILT_IN_TAGS, _refuse_tag)


def _decode_next(stream: io.BytesIO, where: str) -> Any:
    decoder = cbor2.CBORDecoder(
        stream,
        semantic_decoders=_REFUSALS,
        max_depth=MAX_DEPTH,
        allow_indefinite=False,
        allow_duplicate_keys=False,
        read_size=1,
    )
    try:
        return decoder.decode()
    except Exception as error:  # cbor2 raises its own errors, and passes on what tags and text decoding raise
        raise RefusedError("cbor-malformed", where=where, got=type(error).__name__) from error


def _in_order(value: Any) -> Any:
    """The same value with the keys of its maps in order."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value, key=_rank)}
    if isinstance(value, list | tuple):
        return [item if type(item) in _SCALARS else _in_order(item) for item in value]
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, _in_order(value.value))
    return value


def _rank(name: int | bytes | str) -> tuple[int, int, bytes]:
    """What orders keys as their encodings do, byte by byte: major type, then argument, then content."""
    if isinstance(name, int):
        return (0, name, b"") if name >= 0 else (1, -1 - name, b"")
    content = name if isinstance(name, bytes) else name.encode()
    return (2 if isinstance(name, bytes) else 3, len(content), content)


def _check_items(value: Any, where: str) -> None:
    """Rule 1, and the order of rule 2, for what is inside an array or a map. By exact type, so that no subclass and no
    type of the decoder's own passes; integers need no bound, since a longer one is a tag.
    """
    if type(value) is dict:
        # true and false too: Python takes them for 1 and 0, and would find under 1 what another reader does not.
        if not _NAMES.issuperset(map(type, value)):
            raise RefusedError("cbor-malformed", where=where, expected="integers or strings as map keys", got="others")
        ranks = list(map(_rank, value))
        if ranks != sorted(ranks):
            raise RefusedError("cbor-not-deterministic", where=where)
        items: Iterable[Any] = value.values()
    elif type(value) is list:
        items = value
    else:
        raise RefusedError("cbor-malformed", where=where, got=type(value).__name__)
    for item in items:
        if type(item) not in _SCALARS:
            _check_items(item, where)
