"""Which drums, and which metre of each, a draw picks: a computation that anybody can do again, and nobody can steer.

Worked example (tests run it): three drums of 500, 500 and 120.5 m, n = 2, margin 5 %, size 1000, root 32 × 11, delivery
32 × 22 (hexadecimal).

    seed     = SHA-256("suzheng.draw.v1" 00 ‖ 00000000000003e8 ‖ 1111…11 ‖ 2222…22)
             = aac2eb4b63f9e16301108b16d3434bd5f7ef5bde4e6a2acb260fdbbaffc66c77
    block 0  = SHA-256(seed ‖ 0000000000000000) = ffd5755821985ea8…; mod 3 is 1: the second drum
    block 1  = SHA-256(seed ‖ 0000000000000001) = 07ca62a2dd226047…; mod 450 is 21: metre 25 + 21 = 46
    block 2  = SHA-256(seed ‖ 0000000000000002) = 68e310a1a7b2a458…; mod 2 is 0: the first of those left

1. The seed MUST be SHA-256 over the 16 bytes of "suzheng.draw.v1" and a zero, the size announced (8 bytes, big-endian),
   the root hash of the ledger's first so many entries (RFC 9162 §2.1), and the leaf hash of the delivery's entry.
2. Block i is SHA-256 over the seed and i (8 bytes, big-endian), i from 0. A number below k is the first 8 bytes of the
   next block, big-endian, mod k; a block whose number is not below the largest multiple of k up to 2**64 is passed over
   (rejection sampling: each of the k is equally likely).
3. The drums stand in bytewise order of their ids. For each pick j from 0: a number below the count of drums left
   chooses the one that comes to place j in exchange for the one there (Fisher and Yates); then a number chooses the
   metre.
4. A drum of L m with a margin of m % offers the whole metres whose beginning and end are both within L·m/100 and
   L·(100−m)/100, counted from the outer end; a metre's number is where it begins.

So the first picks of a draw are those of any larger one over the same drums.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

PURPOSE = b"suzheng.draw.v1\x00"
_SPAN = 2**64


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drum that may be picked, and how many metres are on it."""

    lot: str
    length_m: Decimal


@dataclass(frozen=True, slots=True)
class Pick:
    """A drum that was picked, and the whole metre from its outer end at which the piece is to begin."""

    lot: str
    metre: int


def seed_of(root: bytes, size: int, delivery: bytes) -> bytes:
    """The seed, 32 bytes: of the ledger's root at `size` entries and the delivery's leaf hash, 32 bytes each.

    Raises ValueError for hashes of another length.
    """
    if len(root) != 32 or len(delivery) != 32:
        raise ValueError(f"expected two hashes of 32 bytes, got {len(root)} and {len(delivery)}")
    return hashlib.sha256(PURPOSE + size.to_bytes(8) + root + delivery).digest()


def metres_of(length_m: Decimal, margin_pct: Decimal) -> range:
    """The whole metres that a drum offers; empty where the ends leave none. `margin_pct` is from 0 to below 50."""
    length, share = Fraction(length_m), Fraction(margin_pct) / 100
    return range(ceil(length * share), floor(length * (1 - share)))


def pick(seed: bytes, candidates: Iterable[Candidate], n: int, margin_pct: Decimal) -> tuple[Pick, ...]:
    """The `n` picks, each of another drum, in the order in which they are drawn.

    Raises ValueError where there are fewer drums than `n`, or one without a metre to pick.
    """
    drums = sorted(candidates, key=lambda drum: drum.lot.encode())
    if not 0 < n <= len(drums):
        raise ValueError(f"expected 1 to {len(drums)} picks, got {n}")
    numbers, picks = _Numbers(seed), []
    for place in range(n):
        other = place + numbers.below(len(drums) - place)
        drums[place], drums[other] = drums[other], drums[place]
        drum = drums[place]
        metres = metres_of(drum.length_m, margin_pct)
        if not metres:
            raise ValueError(f"expected a metre between the ends of {drum.lot}, got {drum.length_m} m")
        picks.append(Pick(drum.lot, metres[numbers.below(len(metres))]))
    return tuple(picks)


class _Numbers:
    """Numbers out of a seed, rule 2."""

    def __init__(self, seed: bytes) -> None:
        self._blocks = _blocks_of(seed)

    def below(self, count: int) -> int:
        """The next number below `count`, which is from 1 to 2**64."""
        limit = _SPAN - _SPAN % count
        return next(block for block in self._blocks if block < limit) % count


def _blocks_of(seed: bytes) -> Iterator[int]:
    count = 0
    while True:
        yield int.from_bytes(hashlib.sha256(seed + count.to_bytes(8)).digest()[:8])
        count += 1
