"""Project Wycheproof's signatures, valid and forged: Ed25519 and ES256 say of each what is published.

COSE signatures are r ‖ s (RFC 9053 §2.1), as in the P1363 file. Those of the DER file are brought into that form
first; what is no DER is refused there, as it would be by whoever brings such a signature to us.
"""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys.keyring import read_jwk


@pytest.mark.parametrize(
    ("name", "valid", "invalid"),
    [
        ("ed25519_test", 88, 63),
        ("ecdsa_secp256r1_sha256_p1363_test", 173, 89),
        ("ecdsa_secp256r1_sha256_test", 174, 310),
    ],
)
def test_each_signature_is_judged_as_published(conformance, name, valid, invalid):
    document = json.loads((conformance / "wycheproof" / "testvectors_v1" / f"{name}.json").read_text())
    wrong, seen = [], {"valid": 0, "invalid": 0}
    for group in document["testGroups"]:
        for case in group["tests"]:
            seen[case["result"]] += 1
            if judge(group, case) is not (case["result"] == "valid"):
                wrong.append(case["tcId"])
    assert wrong == []
    assert seen == {"valid": valid, "invalid": invalid}
    assert document["numberOfTests"] == valid + invalid


def judge(group, case):
    signature = bytes.fromhex(case["sig"])
    if group["type"] == "EcdsaVerify":
        try:
            signature = b"".join(number.to_bytes(32) for number in decode_dss_signature(signature))
        except (ValueError, OverflowError):
            return False
    return key_of(group["publicKey"]).verifies(signature, bytes.fromhex(case["msg"]))


def test_no_file_is_left_out(conformance):
    there = {path.stem for path in (conformance / "wycheproof" / "testvectors_v1").glob("*.json")}
    assert there == {"ed25519_test", "ecdsa_secp256r1_sha256_p1363_test", "ecdsa_secp256r1_sha256_test"}


def key_of(public):
    """From the raw numbers: not every group has a JWK, and those that have one give it a `kid` besides."""
    if "pk" in public:
        return read_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64(bytes.fromhex(public["pk"]))})
    x, y = (b64(int(public[name], 16).to_bytes(32)) for name in ("wx", "wy"))
    return read_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
