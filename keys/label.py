"""The signature on a label: with it a phone that holds the registry's label key knows, offline, that the registry gave
this address out.

    https://registry.example/01/06901234567892/10/A1/21/D007?s=q83vMEUCIQDx…      (4 and 86 characters)

1. The parameter `s` is the key's id, the first 3 bytes of its `kid`, and the signature, each in base64url without
   padding.
2. What is signed, with Ed25519, is the UTF-8 text of three lines, each ended by U+000A: `suzheng-label-v1`, the
   registry's origin as its checkpoints name it, and the path of the Digital Link, canonical and percent-encoded
   (`trace.epcis.digital_link`). The host is not signed: a registry may move, and its labels stay. Nor is anything else
   of the query.
3. It shows that nobody made the number up. It says nothing of the goods: a copied label holds just as well.
"""

import base64
import re
from collections.abc import Mapping
from enum import StrEnum

from keys.keyring import PublicKey, SigningKey

PARAMETER = "s"
PURPOSE = "suzheng-label-v1"
_ID_BYTES = 3
_MARK = re.compile(r"([A-Za-z0-9_-]{4})([A-Za-z0-9_-]{86})")


class Standing(StrEnum):
    """What a label's signature shows."""

    HOLDS = "holds"
    MISSING = "missing"
    WRONG = "wrong"
    """It is none, or over something else."""
    UNKNOWN_KEY = "unknown_key"


def name_label_key(key: PublicKey) -> str:
    """The four characters by which a label names the key that signed it."""
    return base64.urlsafe_b64encode(key.kid[:_ID_BYTES]).decode("ascii")


def sign_label(key: SigningKey, origin: str, path: str) -> str:
    """The parameter's value for a path. The key must be Ed25519's."""
    signature = base64.urlsafe_b64encode(key.sign(_message(origin, path))).rstrip(b"=").decode("ascii")
    return name_label_key(key.public) + signature


def check_label(mark: str | None, origin: str, path: str, keys: Mapping[str, PublicKey]) -> Standing:
    """What the parameter's value `mark` shows for a path; None where the address has no such parameter. `keys` are the
    label keys that are believed, by their names.
    """
    if mark is None:
        return Standing.MISSING
    match = _MARK.fullmatch(mark)
    if match is None:
        return Standing.WRONG
    key = keys.get(match[1])
    if key is None:
        return Standing.UNKNOWN_KEY
    signature = base64.urlsafe_b64decode(match[2] + "==")
    # One signature, one spelling: of the last character four bits are nobody's.
    if base64.urlsafe_b64encode(signature).rstrip(b"=").decode("ascii") != match[2]:
        return Standing.WRONG
    return Standing.HOLDS if key.verifies(signature, _message(origin, path)) else Standing.WRONG


def _message(origin: str, path: str) -> bytes:
    return f"{PURPOSE}\n{origin}\n{path}\n".encode()
