"""A PDF examined: everything that can be said of the file by itself, given whom the ledger trusts with seals.

Pure: the same bytes, authorities and time give the same. `api/papers/printed.py` compares it with a report.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from labs.papers.opening import open_document
from labs.papers.pages import Seen, look_at_pages
from labs.papers.seals import Authority, Seal, read_seals

# Gravest first: what a paper with several signatures is told by.
GRAVITY = ("broken", "changed", "revoked", "untrusted", "expired", "unsupported", "valid")
_TIMES = ("signed_at", "stamped_at", "judged_at", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in a file of this SHA-256."""

    sha256: str
    seals: tuple[Seal, ...]
    seen: Seen

    @property
    def seal_state(self) -> str:
        """The gravest state of its signatures; `none` where it has none."""
        states = {seal.state for seal in self.seals}
        return next((state for state in GRAVITY if state in states), "none")


def examine(document: bytes, authorities: Collection[Authority], known_at: datetime) -> Examination:
    """Open, read and validate. `known_at` (UTC) is since when the file is known to exist: see `seals`.

    Raises RefusedError `document-unreadable`, `document-unsafe`.
    """
    reader = open_document(document)
    seen = look_at_pages(document)
    return Examination(hashlib.sha256(document).hexdigest(), read_seals(reader, authorities, known_at), seen)


def write_examination(examination: Examination) -> dict[str, Any]:
    """As JSON takes it; `read_examination` reads it back."""
    told = asdict(examination)
    for seal in told["seals"]:
        seal |= {name: seal[name].isoformat() for name in _TIMES if seal[name] is not None}
    return told


def read_examination(told: Mapping[str, Any]) -> Examination:
    """What `write_examination` wrote. Raises TypeError, ValueError, KeyError on anything else."""
    seals = [
        seal | {name: datetime.fromisoformat(seal[name]) for name in _TIMES if seal[name] is not None}
        for seal in told["seals"]
    ]
    seen = dict(told["seen"])
    seen["codes"] = tuple(seen["codes"])
    return Examination(told["sha256"], tuple(Seal(**seal) for seal in seals), Seen(**seen))
