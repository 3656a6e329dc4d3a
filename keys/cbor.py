"""CBOR as this registry reads it: core deterministic encoding only (RFC 8949 §4.2.1), bounded, without surprises.

Example: `a10126` is the map {1: -7}. The same map written `b900010126` (a longer head) is refused.

1. Items MUST be integers within 64 bits, byte strings, text strings, arrays, maps, true, false or null.
2. Heads MUST be the shortest possible, lengths definite, map keys unique and in bytewise order.
   Keys MUST be integers or strings.
3. Nesting MUST NOT exceed `MAX_DEPTH`. Tags are refused except the one that the caller names.

cbor2 decodes; rules 1 and 2 are then checked by encoding again and comparing bytes, so that a lenient decoder can't
widen them.
"""

import io
from collections.abc import Iterator
from typing import Any

import cbor2

from keys.errors import RefusedError

# Ours to choose: the deepest thing that we read is a receipt's proof (array in map in array).
MAX_DEPTH = 8
# Tags 0-5, 21-43, 100, 256-261, 1004 … build dates, numbers, regular expressions and shared references in cbor2.
# Each of these is replaced by a decoder that refuses, before anything of the tag's content is computed.
# The one tag that is asked for here; it has no decoder of its own and comes out as a CBORTag.
_COSE_SIGN1 = 18
_BUILT_IN_TAGS = (*range(64), 100, *range(256, 262), 1004, 43000, 55799)


def encode(value: object) -> bytes:
    """Deterministic CBOR of a plain value."""
    return cbor2.dumps(_in_order(value))


def _in_order(value: object) -> object:
    """The value with the keys of its maps in bytewise order of their encodings (RFC 8949 §4.2.1).

    cbor2's own `canonical` puts shorter keys first (RFC 7049 §3.9), which differs as soon as a map has integers beyond
    a byte beside text.
    """
    if isinstance(value, dict):
        items = ((name, _in_order(item)) for name, item in value.items())
        return dict(sorted(items, key=lambda pair: cbor2.dumps(pair[0])))
    if isinstance(value, list | tuple):
        return [_in_order(item) for item in value]
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, _in_order(value.value))
    return value


def decode(data: bytes, *, where: str, tag: int | None = None) -> Any:
    """Read one item that fills `data` to the last byte; with `tag`, the item MUST carry exactly that tag, which is
    taken off.

    Raises RefusedError `cbor-malformed`, `cbor-not-deterministic` or `cbor-trailing-bytes`.
    """
    stream = io.BytesIO(data)
    value = _decode_next(stream, where)
    if stream.tell() != len(data):
        raise RefusedError("cbor-trailing-bytes", where=where, expected=stream.tell(), got=len(data))
    return _untag(value, data, where, tag)


def split_sequence(data: bytes, *, where: str, most: int) -> Iterator[bytes]:
    """Cut a CBOR sequence (RFC 8742) into the bytes of its items, at most `most` of them, without judging the items."""
    stream = io.BytesIO(data)
    count = 0
    while (start := stream.tell()) < len(data):
        count += 1
        if count > most:
            raise RefusedError("too-many-statements", where=where, expected=f"at most {most}", got=f"{count} or more")
        _decode_next(stream, where)
        yield data[start : stream.tell()]


def _refuse_tag(*_: object) -> Any:
    raise ValueError("tag not admitted here")


_REFUSALS: Any = {number: _refuse_tag for number in _BUILT_IN_TAGS if number != _COSE_SIGN1}


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


def _untag(value: Any, data: bytes, where: str, tag: int | None) -> Any:
    if tag is not None:
        if not isinstance(value, cbor2.CBORTag) or value.tag != tag:
            raise RefusedError("cbor-malformed", where=where, expected=f"tag {tag}", got="another item")
        plain = _plain(value.value, where)
        encoded = encode(cbor2.CBORTag(tag, plain))
    else:
        plain = _plain(value, where)
        encoded = encode(plain)
    if encoded != data:
        raise RefusedError("cbor-not-deterministic", where=where)
    return plain


def _plain(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bytes | str | bool):
        return value
    if isinstance(value, int):
        if not -(2**64) <= value < 2**64:
            raise RefusedError("cbor-malformed", where=where, expected="an integer within 64 bits", got="a larger one")
        return value
    if isinstance(value, dict | cbor2.frozendict):
        # true and false too: Python takes them for 1 and 0, and would find under 1 what another reader does not.
        if any(isinstance(name, bool) or not isinstance(name, int | bytes | str) for name in value):
            raise RefusedError("cbor-malformed", where=where, expected="integers or strings as map keys", got="others")
        return {_plain(name, where): _plain(item, where) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where) for item in value]
    raise RefusedError("cbor-malformed", where=where, got=type(value).__name__)
