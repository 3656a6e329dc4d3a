"""A ledger as text that a person can read and a program can stream, after the pattern of the Registers serialisation
(openregister RSF): one command a line, its parts separated by tabs. Longer values are cut here with …

    suzheng-ledger→1→registry.example/2026→3
    add-item→0oRYt6YBJwN1…
    append-entry→0→2015-05-06T17:00:00Z→sha-256:3f9a…e1
    assert-root-hash→1→2015-05-06T17:00:00Z→sha-256:77b0…04→pAEnBFgg…→q83v…==→Az3grl…==
    add-item→0oRYuKYBJwN1…
    append-entry→1→2015-05-06T17:00:09Z→sha-256:90cc…5d
    add-item→0oRYuKYBJwN1…
    append-entry→2→2015-05-06T17:00:09Z→sha-256:b21e…aa
    assert-root-hash→3→2015-05-06T17:00:09Z→sha-256:1d40…9c→pAEnBFgg…→AS8k…==→Az3grl…==

(→ is one U+0009.)

1. The file MUST be UTF-8 without a byte order mark; every line MUST end in U+000A, and none may hold U+000D.
2. The first line MUST be `suzheng-ledger`, the version 1, the ledger's origin, and the number of entries in the file.
3. `add-item` MUST give a statement: base64 (RFC 4648 §4, padded) of its envelope with an empty unprotected header.
4. `append-entry` MUST follow its `add-item` at once, and give the entry's position (0, 1, 2 … without a gap), the time
   of record, and SHA-256 of the statement in lower-case hexadecimal after `sha-256:`.
5. `assert-root-hash` closes a batch. It MUST give the size, the time of record of every entry of the batch, the root
   (RFC 9162 §2.1), then in base64 the protected header and the signature of the signed root (RFC 9942 §5.2), and the
   signature of the checkpoint's note (C2SP signed-note: key hash and signature).
6. Times are UTC to the second, written YYYY-MM-DDTHH:MM:SSZ.
7. The last line MUST be an `assert-root-hash` of as many entries as the first line says.
8. Numbers MUST be plain decimal digits without leading zeros; a value has one spelling, and any other is refused.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from keys.envelope import MAX_STATEMENT_BYTES
from keys.errors import RefusedError
from trace.ledger.rows import read_checkpoints
from trace.ledger.store import stream_entries
from trace.ledger.tree import MAX_SIZE

VERSION = "1"
MAX_LINE_BYTES = MAX_STATEMENT_BYTES * 4 // 3 + 1024
_HASH = re.compile(r"sha-256:([0-9a-f]{64})")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Opening:
    """Line 1: whose ledger, and how many entries the file has."""

    origin: str
    entries: int


@dataclass(frozen=True, slots=True)
class Item:
    """A statement's bytes."""

    statement: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """Where and when the statement of the line before was recorded; `leaf` is its SHA-256."""

    position: int
    recorded_at: datetime
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """The ledger's signed word after a batch: `note_signature` is key hash and signature, as a note carries them."""

    size: int
    recorded_at: datetime
    root: bytes
    protected: bytes
    signature: bytes
    note_signature: bytes


Command = Opening | Item | Appended | Sealed


def write_ledger(session: Session, origin: str, size: int) -> Iterator[str]:
    """The lines of the first `size` entries, of which a checkpoint has to be on record; not more than a page is held.

    The same ledger and size give the same text.
    """
    yield _join("suzheng-ledger", VERSION, origin, str(size))
    start = 0
    for row in read_checkpoints(session):
        if row.size > size:
            return
        at = row.recorded_at.strftime(_TIME)
        for entry in stream_entries(session, start, row.size):
            yield _join("add-item", _encode(entry.statement))
            yield _join("append-entry", str(entry.position), at, f"sha-256:{entry.leaf.hex()}")
        signed = (_encode(row.protected), _encode(row.signature), row.note.rpartition(" ")[2].rstrip("\n"))
        yield _join("assert-root-hash", str(row.size), at, f"sha-256:{row.root.hex()}", *signed)
        start = row.size


def rebuild_note(checkpoint: Sealed, origin: str) -> str:
    """The checkpoint's note, as the ledger of that name wrote it."""
    root, signature = map(_encode, (checkpoint.root, checkpoint.note_signature))
    return f"{origin}\n{checkpoint.size}\n{root}\n\n— {origin} {signature}\n"


def read_commands(lines: Iterable[bytes]) -> Iterator[tuple[int, Command]]:
    """Each line as (its number from 1, what it says); rules 1 to 3 and 5 to 8 as far as one line can break them.

    Raises RefusedError `export-malformed` with the `line`.
    """
    for number, line in enumerate(lines, 1):
        try:
            yield number, _read_line(number, line)
        except (ValueError, OverflowError) as error:
            raise RefusedError("export-malformed", line=number, got=str(error)[:200]) from error


def _read_line(number: int, line: bytes) -> Command:
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"a line of more than {MAX_LINE_BYTES} bytes")
    text = line.decode("utf-8")
    if not text.endswith("\n") or "\r" in text:
        raise ValueError("a line that does not end in U+000A alone")
    match text[:-1].split("\t"):
        case ["suzheng-ledger", version, origin, size] if number == 1 and version == VERSION:
            return Opening(origin, _read_number(size))
        case ["add-item", statement] if number > 1:
            return Item(_decode(statement))
        case ["append-entry", position, at, leaf] if number > 1:
            return Appended(_read_number(position), _read_time(at), _read_hash(leaf))
        case ["assert-root-hash", size, at, root, *signed] if number > 1 and len(signed) == 3:
            return Sealed(_read_number(size), _read_time(at), _read_hash(root), *map(_decode, signed))
    raise ValueError(f"no line of version {VERSION}: {text[:60]!r}")


def _join(*parts: str) -> str:
    return "\t".join(parts) + "\n"


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {error}") from error
    # The last character may have bits that nobody reads: other text, the same bytes.
    if _encode(data) != text:
        raise ValueError("another spelling of base64")
    return data


def _read_number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_SIZE)) else -1
    if str(number) != text or number > MAX_SIZE:
        raise ValueError(f"no number: {text[:30]!r}")
    return number


def _read_time(text: str) -> datetime:
    at = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    if at.strftime(_TIME) != text:
        raise ValueError(f"another spelling of a time: {text[:30]!r}")
    return at


def _read_hash(text: str) -> bytes:
    found = _HASH.fullmatch(text)
    if found is None:
        raise ValueError(f"no hash: {text[:80]!r}")
    return bytes.fromhex(found[1])
