"""ES256: ECDSA on P-256 with SHA-256 (FIPS 186-5; COSE: RFC 9053 §2.1, signature r ‖ s; JWK: RFC 7518 §6.2).

What browsers sign with: WebCrypto has it everywhere. For each signature (r, s) there is another, (r, n-s), which
holds too; nothing here may be named by its signature.
"""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from keys.algorithms.row import Algorithm, Part, TokenForm, private_reader, write_private

_SIZE = 32
_UNCOMPRESSED = b"\x04"  # SEC 1 §2.3.3


def _read_public(raw: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _UNCOMPRESSED + raw)


def _write_public(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)[1:]


def _is_own(key: object) -> bool:
    return isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)


def _sign(key: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(_SIZE, "big") + s.to_bytes(_SIZE, "big")


def _verify(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    r, s = (int.from_bytes(half, "big") for half in (signature[:_SIZE], signature[_SIZE:]))
    try:
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


ES256 = Algorithm(
    name="ES256",
    cose_id=-7,
    signature_bytes=2 * _SIZE,
    jwk={"kty": "EC", "crv": "P-256"},
    cose_key={1: 2, -1: 1},
    parts=(Part("x", -2, _SIZE), Part("y", -3, _SIZE)),
    spki=bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
    read_public=_read_public,
    write_public=_write_public,
    generate=lambda: ec.generate_private_key(ec.SECP256R1()),
    read_private=private_reader(_is_own),
    write_private=write_private,
    sign=_sign,
    verify=_verify,
    # CKM_ECDSA signs a digest that was made outside; CKM_ECDSA_SHA256 is missing from many tokens.
    token=TokenForm(
        "EC", "ECDSA", lambda signed: hashlib.sha256(signed).digest(), (b"\x04\x41" + _UNCOMPRESSED, _UNCOMPRESSED)
    ),
)
