"""Which edition of the house judges: a hash of all that a verdict, or the form in which it is kept, follows from."""

import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_FLOORS = ("keys", "trace", "labs")
_SUFFIXES = {".py", ".csv"}


@cache
def edition() -> str:
    """16 hexadecimal digits of a SHA-256 over code and data of the floors below `api/`. Another program may judge
    otherwise, and write otherwise what it keeps.
    """
    digest = hashlib.sha256()
    for floor in _FLOORS:
        for path in sorted((_ROOT / floor).rglob("*")):
            if path.suffix in _SUFFIXES:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(_ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
