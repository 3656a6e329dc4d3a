"""Hosts of addresses: which one an address really leads to, and whether it only looks like another.

Look-alikes are compared as people see them: punycode is written out (RFC 5891), letters of other scripts and digits
that look like Latin letters are folded. The table of these is short and ours: the commonest of Unicode's confusables
(UTS #39), recalled and not complete. A host that is in none of them and more than two letters away is another host all
the same.
"""

import re
import unicodedata
from urllib.parse import urlsplit

from keys.errors import RefusedError

# Cyrillic and Greek small letters, dotless i, digits and strokes, by what they are taken for.
_LOOKS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf\u043a\u043c\u0442\u0432\u0433\u043f"
    "\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5\u03c9\u01310135l|",
    "aeopcyxijsdhikmtbrnaopvikruwioiesii",
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
# RFC 1035 §2.3.4.
_LONGEST = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
MOST_EDITS = 2


def read_host(address: str) -> str | None:
    """The host that an http or https address leads to, in small letters and ASCII (punycode); None for anything else.

    What stands before an @ is a user's name and no host, however much it looks like one.
    """
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname if parts.scheme.lower() in ("http", "https") else None
    except ValueError:
        return None
    return to_ascii(host) if host else None


def check_host(host: str) -> str:
    """A host as the ledger keeps it. Raises RefusedError `schema-violated`."""
    if len(host) > _LONGEST or not _HOST.fullmatch(host):
        raise RefusedError("schema-violated", where="host", expected="a host such as report.example.cn", got=host[:80])
    return host


def to_ascii(host: str) -> str | None:
    """Small letters, A-labels (RFC 5890), no dot at the end; None where it can be no host."""
    host = unicodedata.normalize("NFKC", host).rstrip(".").lower()
    try:
        plain = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789-._:")
    return plain if plain and len(plain) <= _LONGEST and set(plain) <= allowed else None


def show_host(host: str) -> str:
    """As people see it: `xn--` labels written out. A label that can't be stays as it is."""
    return ".".join(map(_show_label, host.split(".")))


def is_lookalike(host: str, registered: str) -> bool:
    """Not the same, and so near that a reader takes one for the other: `MOST_EDITS` letters, or the same looks."""
    if host == registered:
        return False
    return _fold(host) == _fold(registered) or count_edits(show_host(host), registered, MOST_EDITS) <= MOST_EDITS


def count_edits(one: str, other: str, most: int) -> int:
    """Letters put in, left out or replaced between two words (Levenshtein); more than `most` is told as `most` + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for line, letter in enumerate(one, 1):
        before, row[0] = row[0], line
        for column, its in enumerate(other, 1):
            best = min(row[column] + 1, row[column - 1] + 1, before + (letter != its))
            before, row[column] = row[column], best
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _show_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _fold(host: str) -> str:
    looks = unicodedata.normalize("NFKD", show_host(host))
    looks = "".join(mark for mark in looks if not unicodedata.combining(mark))
    for pair, letter in _PAIRS:
        looks = looks.replace(pair, letter)
    return looks.translate(_LOOKS)
