"""Public keys as COSE_Key (RFC 9052 §7; RFC 9053 §7.1 for EC2 and OKP), for readers who speak CBOR and not JOSE."""

import base64
from collections.abc import Mapping

from keys.keyring import PublicKey

# IANA COSE Key Common Parameters, Key Types and Elliptic Curves.
_KTY, _KID, _ALG, _CRV, _X, _Y = 1, 2, 3, -1, -2, -3
_TYPES: Mapping[str, int] = {"OKP": 1, "EC": 2}
_CURVES: Mapping[str, int] = {"P-256": 1, "Ed25519": 6}


def write_cose_key(key: PublicKey) -> dict[int, int | bytes]:
    """The key as a COSE_Key map. Raises KeyError for a key whose type or curve is not one of these."""
    jwk = key.to_jwk()
    described: dict[int, int | bytes] = {
        _KTY: _TYPES[jwk["kty"]],
        _KID: key.kid,
        _ALG: key.algorithm.cose_id,
        _CRV: _CURVES[jwk["crv"]],
    }
    return described | {label: _decode(jwk[name]) for label, name in ((_X, "x"), (_Y, "y")) if name in jwk}


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
