"""Signed notes (c2sp.org/signed-note v1.0.0): a text and the lines of those who signed it. The format alone: whether a
signature holds is for `signature.py`.

    suzheng.example/demo
    1387
    Jj2x…=

    — suzheng.example/demo Az3grl…=
    — witness.example/w1 jWbPPw…=

1. A note MUST be UTF-8 without control characters other than newline, and its text MUST end in one.
2. The last empty line MUST part the text from one signature line or more.
3. A signature line MUST be em dash, space, key name, space, base64 of 4 bytes of key id and the signature, newline.
4. A key name MUST NOT be empty, nor contain a space of any kind or a plus sign.

What is signed is the text as it stands; nothing is written again to be verified.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from keys.errors import RefusedError

KEY_ID_BYTES = 4
# signed-note, "Format": at least 16 signatures MUST be accepted, of up to nearly 5 kB each. Witnesses with two kinds
# of keys double their lines, hence four times that, and the bytes of as many of the largest.
MAX_SIGNATURES = 64
MAX_BYTES = 512 * 1024
_DASH = "\u2014 "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Who says to have signed, by which key, and what he gives for it. Nothing is verified yet."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """The line as a note has it, newline included."""
        return f"{_DASH}{self.name} {encode64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its final newline, and its signature lines in order."""

    text: str
    lines: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        """The whole note, its text as it was read."""
        return f"{self.text}\n{''.join(map(str, self.lines))}"


def parse_note(data: bytes) -> Note:
    """Read a note. Raises RefusedError `note-malformed`."""
    if len(data) > MAX_BYTES:
        raise _malformed(f"{MAX_BYTES} bytes at most", len(data))
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("UTF-8", f"byte {error.start}") from error
    if _CONTROL.search(whole):
        raise _malformed("no control characters", "one")
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not text:
        raise _malformed("a text, an empty line and signatures", whole[:40])
    return Note(f"{text}\n", parse_lines(signatures))


def parse_lines(signatures: str) -> tuple[SignatureLine, ...]:
    """Read signature lines, one or more, as they follow a text or as a witness answers with them.

    Raises RefusedError `note-malformed`.
    """
    # Not splitlines(): Unicode has more ends of lines than a note.
    *lines, rest = signatures.split("\n")
    if rest or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise _malformed(f"1 to {MAX_SIGNATURES} whole signature lines", len(lines))
    return tuple(_parse_line(line) for line in lines)


def is_key_name(name: str) -> bool:
    """May a key bear this name (rule 4)?"""
    return bool(name) and "+" not in name and not any(map(str.isspace, name)) and not _CONTROL.search(name)


def encode64(data: bytes) -> str:
    """Base64 (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def decode64(text: str) -> bytes:
    """The one spelling of base64 that `encode64` has. Raises ValueError for every other."""
    data = _decode_padded(text)
    if encode64(data) != text:
        raise ValueError("expected base64 in its one spelling")
    return data


def _parse_line(line: str) -> SignatureLine:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        signature = _decode_padded(encoded)
    except ValueError:
        signature = b""
    if not line.startswith(_DASH) or not is_key_name(name) or len(signature) <= KEY_ID_BYTES:
        raise _malformed("— name base64", line[:80])
    return SignatureLine(name, signature[:KEY_ID_BYTES], signature[KEY_ID_BYTES:])


def _decode_padded(text: str) -> bytes:
    """Base64 whose unused last bits may be anything, as the readers of others have it: no line is signed, and ours
    must not see a malformed note where they see a wrong signature.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("expected base64") from error
    if len(encode64(data)) != len(text):
        raise ValueError("expected base64, padded once")
    return data


def _malformed(expected: str, got: object) -> RefusedError:
    return RefusedError("note-malformed", where="the note", expected=expected, got=got)
