"""CBOR as RFC 8949 writes it down, for the plain values that this registry reads: by recursion, slowly, by no library.

`write` is §3 with the order of §4.2.1; `read` is §3 with everything refused that `write` would not have written.
"""


class NotDeterministicError(Exception):
    """Bytes that are not the one way to write a value."""


def head(major, argument):
    """§3: major type and argument in the fewest bytes."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for additional, length in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 256**length:
            return bytes([major << 5 | additional]) + argument.to_bytes(length, "big")
    raise ValueError("beyond 64 bits")


def write(value):
    """The encoding of a plain value."""
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(write(item) for item in value)
    # §4.2.1: "keys in every map MUST be sorted in the bytewise lexicographic order of their deterministic encodings".
    members = sorted((write(name), write(item)) for name, item in value.items())
    return head(5, len(value)) + b"".join(name + item for name, item in members)


def read(data, deepest):
    """The value that `data` is the encoding of. Raises NotDeterministicError for all else."""
    value, end = _read(data, 0, deepest)
    if end != len(data):
        raise NotDeterministicError
    return value


def _read(data, at, deepest):
    major, argument, at = _read_head(data, at)
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major in (2, 3):
        if at + argument > len(data):
            raise NotDeterministicError
        content = data[at : at + argument]
        try:
            return content if major == 2 else content.decode("utf-8"), at + argument
        except UnicodeDecodeError as error:
            raise NotDeterministicError from error
    if major in (4, 5):
        if deepest == 0 or argument > len(data):
            raise NotDeterministicError
        return (_read_list if major == 4 else _read_map)(data, at, argument, deepest - 1)
    if major == 7 and argument in (20, 21, 22):
        return {20: False, 21: True, 22: None}[argument], at
    raise NotDeterministicError


def _read_list(data, at, count, deepest):
    items = []
    for _ in range(count):
        item, at = _read(data, at, deepest)
        items.append(item)
    return items, at


def _read_map(data, at, count, deepest):
    members, before = {}, b""
    for _ in range(count):
        start = at
        name, at = _read(data, at, deepest)
        # In strictly rising order, so none is there twice; of a type that may be a key.
        if data[start:at] <= before or isinstance(name, bool | list | dict) or name is None:
            raise NotDeterministicError
        before = data[start:at]
        members[name], at = _read(data, at, deepest)
    return members, at


def _read_head(data, at):
    if at >= len(data):
        raise NotDeterministicError
    major, additional = data[at] >> 5, data[at] & 31
    if additional < 24:
        return major, additional, at + 1
    length = {24: 1, 25: 2, 26: 4, 27: 8}.get(additional)
    if length is None or at + 1 + length > len(data):
        raise NotDeterministicError
    argument = int.from_bytes(data[at + 1 : at + 1 + length], "big")
    if head(major, argument) != data[at : at + 1 + length]:
        raise NotDeterministicError
    return major, argument, at + 1 + length
