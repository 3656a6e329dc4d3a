"""ML-DSA-44 (FIPS 204), in COSE and JOSE with a key of type AKP (RFC 9964): pure, with an empty context.

Its signatures stay true when quantum computers break curves. They take 2,420 bytes and its keys 1,312. A private key
is its seed of 32 bytes (RFC 9881).
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from keys.algorithms.row import Algorithm, Part, private_reader, write_private

# FIPS 204 §4, table 2.
_PUBLIC_BYTES, _SIGNATURE_BYTES = 1312, 2420


def _write_public(key: mldsa.MLDSA44PublicKey) -> bytes:
    return key.public_bytes_raw()


def _sign(key: mldsa.MLDSA44PrivateKey, signed: bytes) -> bytes:
    return key.sign(signed)


def _verify(key: mldsa.MLDSA44PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


ML_DSA_44 = Algorithm(
    name="ML-DSA-44",
    cose_id=-48,
    signature_bytes=_SIGNATURE_BYTES,
    jwk={"kty": "AKP", "alg": "ML-DSA-44"},
    cose_key={1: 7, 3: -48},
    parts=(Part("pub", -1, _PUBLIC_BYTES),),
    spki=bytes.fromhex("30820532300b06096086480165030403110382052100"),
    # Any 1,312 bytes are a key: there is no point to be off a curve.
    read_public=mldsa.MLDSA44PublicKey.from_public_bytes,
    write_public=_write_public,
    generate=mldsa.MLDSA44PrivateKey.generate,
    read_private=private_reader(lambda key: isinstance(key, mldsa.MLDSA44PrivateKey)),
    write_private=write_private,
    sign=_sign,
    verify=_verify,
)
