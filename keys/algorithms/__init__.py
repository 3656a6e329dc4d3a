"""The signature algorithms that this registry admits: a table with a row each, a file for each row.

Which row applies comes from the registered key, never from the message (RFC 9052 §3.1 `alg` must merely agree).
A new algorithm is a file beside these and a name below; nothing else knows how many there are.
"""

from keys.algorithms.ed25519 import ED25519
from keys.algorithms.es256 import ES256
from keys.algorithms.mldsa44 import ML_DSA_44
from keys.algorithms.row import Algorithm
from keys.algorithms.sm2 import SM2

__all__ = ["ALGORITHMS", "ED25519", "ES256", "ML_DSA_44", "SM2", "Algorithm"]

ALGORITHMS = {algorithm.name: algorithm for algorithm in (ED25519, ES256, ML_DSA_44, SM2)}
