"""The tree as RFC 9162 §2.1 writes it down: recursive, over the data itself, slow, and with nothing of ours in it.

It judges `tree.py`, `compact.py` and `tiles.py`. Nothing is remembered between calls but hashes of equal data.
"""

import hashlib
from functools import lru_cache


def mth(data):
    """§2.1.1: the Merkle tree hash of a list of byte strings."""
    return _mth(tuple(data))


@lru_cache(maxsize=100_000)
def _mth(data):
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = split_of(len(data))
    return hashlib.sha256(b"\x01" + _mth(data[:k]) + _mth(data[k:])).digest()


def split_of(n):
    """§2.1.1: the largest power of two smaller than n, for n > 1."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def path(m, data):
    """§2.1.3.1: PATH(m, D_n)."""
    if len(data) == 1:
        return []
    k = split_of(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def proof(m, data):
    """§2.1.4.1: PROOF(m, D_n)."""
    return subproof(m, data, True)


def subproof(m, data, is_whole):
    """§2.1.4.1: SUBPROOF(m, D_n, b)."""
    if m == len(data):
        return [] if is_whole else [mth(data)]
    k = split_of(len(data))
    if m <= k:
        return [*subproof(m, data[:k], is_whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


def perfect(level, index, data):
    """The hash of the perfect subtree over 2**level leaves; asking for one that the data don't fill is an error."""
    covered = data[index << level : (index + 1) << level]
    assert len(covered) == 1 << level
    return mth(covered)
