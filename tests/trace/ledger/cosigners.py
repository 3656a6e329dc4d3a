"""Logs and witnesses for tests: keys, and a log of any size whose history may fork."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys.keyring import PrivateKey, generate_key
from trace.ledger.checkpoint import Sealer, log_key, write_note
from trace.ledger.signature import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, SignatureType, Signer, VerifierKey
from trace.ledger.tree import hash_children, hash_leaf, prove_consistency, root_of
from trace.ledger.witness import write_request

ORIGIN = "suzheng.example/test"


def make_signer(name: str, row: SignatureType = ED25519_COSIGNATURE, private: Any = None) -> Signer:
    kind = MLDSA44PrivateKey if row is ML_DSA_44_COSIGNATURE else Ed25519PrivateKey
    private = private or kind.generate()
    return Signer(VerifierKey(name, row, private.public_key().public_bytes_raw()), private.sign)


@dataclass(frozen=True)
class Log:
    """A log with this key. From entry `forked_at` on its history is another one, by the name of `fork`."""

    key: PrivateKey
    origin: str = ORIGIN
    fork: str = ""
    forked_at: int = 0

    @property
    def vkey(self) -> VerifierKey:
        return log_key(self.origin, self.key.public)

    def nodes(self, level: int, index: int) -> bytes:
        is_forked = self.fork and (index + 1) << level > self.forked_at
        return _node(self.fork if is_forked else "", self.forked_at if is_forked else 0, level, index)

    def root(self, size: int) -> bytes:
        return root_of(size, self.nodes)

    def note(self, size: int) -> str:
        return write_note(Sealer(self.origin, self.key), size, self.root(size))

    def request(self, old: int, size: int) -> bytes:
        return write_request(old, prove_consistency(old, size, self.nodes) if old else [], self.note(size))

    def forked(self, at: int, name: str = "fork") -> "Log":
        """The same log, the same key, and another history from entry `at` on."""
        return Log(self.key, self.origin, name, at)


def make_log(origin: str = ORIGIN) -> Log:
    return Log(generate_key(), origin)


@cache
def _node(fork: str, forked_at: int, level: int, index: int) -> bytes:
    if level == 0:
        name = fork if index >= forked_at else ""
        return hash_leaf(hashlib.sha256(f"{name}{index}".encode()).digest())
    left, right = (_node(fork, forked_at, level - 1, 2 * index + side) for side in (0, 1))
    return hash_children(left, right)
