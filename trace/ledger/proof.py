"""Offline proofs as text (c2sp.org/tlog-proof): that an entry stands in the log of a checkpoint.

    c2sp.org/tlog-proof@v1
    index 152
    gSKyXo…=
    B95lDa…=

    suzheng.example/demo
    …

1. The first line MUST be the format's name; the second the entry's position in decimal.
2. Then the inclusion proof MUST follow (RFC 9162 §2.1.3.1), base64, a hash a line, the leaf's sibling first.
3. After an empty line the checkpoint MUST follow as it was signed, cosignatures and all.

What is proved is the entry's hash, hash_leaf(SHA-256 of the statement): the reader computes it from the statement.
"""

import base64
from collections.abc import Sequence

FORMAT = "c2sp.org/tlog-proof@v1"


def write_proof(position: int, path: Sequence[bytes], note: str) -> str:
    """The proof, of the inclusion path and the checkpoint's signed note."""
    hashes = "".join(f"{base64.b64encode(node).decode('ascii')}\n" for node in path)
    return f"{FORMAT}\nindex {position}\n{hashes}\n{note}"
