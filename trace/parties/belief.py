"""Which keys are believed, and from when on one is not: worked out from what was recorded of keys alone.

Worked example. Entry 20 is signed with key A and enrols key N. Entry 31, by B, revokes A as compromised since before
entry 20. Then nothing that A signed from that time on is believed; entry 20 is among it, so N was never enrolled by
anybody who might, and nothing of N's is believed at all.

1. Only a revocation that says since when takes belief. A replaced or lost key leaves what it signed as it was.
2. The time of record decides, never the time that a signer wrote: whoever stole a key dates a signature as he likes.
3. A key is believed if the entry that vouches for it is. The founding entry is where that ends: its key is the reader's
   own to trust.
4. A revocation is itself a statement. It stands unless a later one that stands takes the belief from its signer: the
   door believed it when it came, so only what came afterwards can change that. Going from the newest to the oldest
   settles every case, also two keys that accuse each other, and a thief who declares his victim's past compromised.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Voucher:
    """Who vouches for a key: an entry recorded at `at` (UTC) and signed with key `by`; None for the root key."""

    by: bytes | None
    at: datetime
    enrolled_at: datetime
    """When the key came on record; earlier than `at` where it was confirmed since."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An entry that ends a key: `key.revoked`, or `key.rotated` by the key that it replaces. Times are UTC."""

    entry: int
    kid: bytes
    signer: bytes
    at: datetime
    since: datetime | None
    """Compromised since then; None where the entry says nothing of that."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """From `since` (UTC) on nothing that was recorded under the key is believed; `entry` says so.

    Where `is_withdrawn`, it is not the key that is in doubt: since then the signer itself has taken the entry back.
    """

    since: datetime
    entry: int
    is_withdrawn: bool = False

    def reaches(self, at: datetime) -> bool:
        """Does it take the belief from what was recorded at `at`?"""
        return self.since <= at


@dataclass(frozen=True, slots=True)
class Standing:
    """What a register keeps of a key's endings and doubts, under the names of its columns."""

    compromised_since: datetime | None
    """What a revocation that stands says of this very key."""
    revocation_entry: int | None
    """Where it stands; else the first entry that ended the key."""
    doubted_since: datetime | None
    doubt_entry: int | None


def weigh_keys(keys: Mapping[bytes, Voucher], endings: Iterable[Ending]) -> dict[bytes, Standing]:
    """How each key stands after these endings, in whichever order they come."""
    told = list(endings)
    direct = direct_doubts(keys, told)
    firsts = {ending.kid: ending.entry for ending in sorted(told, key=lambda ending: -ending.entry)}
    return {kid: _stand(direct.get(kid), firsts.get(kid), find_doubt(kid, keys, direct)) for kid in keys}


def _stand(own: Doubt | None, first: int | None, doubt: Doubt | None) -> Standing:
    return Standing(
        compromised_since=own.since if own is not None else None,
        revocation_entry=own.entry if own is not None else first,
        doubted_since=doubt.since if doubt is not None else None,
        doubt_entry=doubt.entry if doubt is not None else None,
    )


def direct_doubts(keys: Mapping[bytes, Voucher], endings: Iterable[Ending]) -> dict[bytes, Doubt]:
    """The keys of which a standing revocation says that they are compromised, with the earliest time that any gives."""
    standing: dict[bytes, Doubt] = {}
    for ending in sorted(endings, key=lambda ending: ending.entry, reverse=True):
        if ending.since is None:
            continue
        doubt = find_doubt(ending.signer, keys, standing)
        if doubt is not None and doubt.reaches(ending.at):
            continue
        known = standing.get(ending.kid)
        if known is None or ending.since < known.since:
            standing[ending.kid] = Doubt(ending.since, ending.entry)
    return standing


def find_doubt(kid: bytes, keys: Mapping[bytes, Voucher], direct: Mapping[bytes, Doubt]) -> Doubt | None:
    """Why and since when a key is not believed: for what is said of itself, or of one that vouches for it."""
    found, seen = direct.get(kid), {kid}
    voucher = keys.get(kid)
    while voucher is not None and voucher.by is not None and voucher.by not in seen:
        doubt = direct.get(voucher.by)
        if doubt is not None and doubt.reaches(voucher.at):
            # Whoever vouched for it was a stranger: it never was the party's key.
            found = Doubt(keys[kid].enrolled_at, doubt.entry)
        seen.add(voucher.by)
        voucher = keys.get(voucher.by)
    return found
