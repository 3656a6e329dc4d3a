"""ML-DSA-44 as Project Wycheproof and RFC 9964 have it; `published/excerpt.py` says what was taken and from where."""

import json
from pathlib import Path

import cbor2
import pytest

from keys.algorithms import ML_DSA_44
from keys.envelope import sig_structure
from keys.errors import RefusedError
from keys.keyring import PrivateKey, read_jwk, read_public_pem, read_raw
from tests.pem import armour

PUBLISHED = Path(__file__).parent / "published"
RFC = json.loads((PUBLISHED / "rfc9964_ml_dsa_44.json").read_text())


def holds(group, case):
    try:
        key = read_raw(ML_DSA_44, bytes.fromhex(group["publicKey"]))
    except RefusedError:
        return False
    return key.verifies(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))


def test_each_signature_is_judged_as_wycheproof_has_it():
    document = json.loads((PUBLISHED / "wycheproof_mldsa_44.json").read_text())
    cases = [(group, case) for group in document["testGroups"] for case in group["tests"]]
    wrong = [case["tcId"] for group, case in cases if holds(group, case) is not (case["result"] == "valid")]
    assert wrong == []
    results = [case["result"] for _, case in cases]
    assert (results.count("valid"), results.count("invalid")) == (10, 15)


def test_keys_of_another_length_are_refused_in_each_form():
    document = json.loads((PUBLISHED / "wycheproof_mldsa_44.json").read_text())
    groups = [group for group in document["testGroups"] if len(group["publicKey"]) != 2624]
    assert len(groups) == 2
    for group in groups:
        with pytest.raises(RefusedError, match="key-unreadable"):
            read_public_pem(armour(bytes.fromhex(group["publicKeyDer"])))


def seeded():
    """The private key of RFC 9964, from its seed as PKCS#8 writes it (RFC 9881)."""
    der = bytes.fromhex("3034020100300b060960864801650304031104228020") + bytes.fromhex(RFC["priv"])
    key = ML_DSA_44.read_private(armour(der, "PRIVATE KEY"), None)
    return PrivateKey(ML_DSA_44, key)


def test_the_key_of_the_rfc_has_the_published_forms_and_name():
    public = seeded().public
    cose_key = cbor2.loads(bytes.fromhex(RFC["key"]))
    assert public.kid == cose_key[2]
    assert (cose_key[1], cose_key[3], cose_key[-1]) == (7, ML_DSA_44.cose_id, public.raw)
    assert public.to_jwk() == {name: RFC["jwk"][name] for name in ("kty", "alg", "pub")}
    assert read_jwk(public.to_jwk()) == public


def test_the_signature_of_the_rfc_holds_over_the_published_bytes():
    protected, _, payload, signature = cbor2.loads(bytes.fromhex(RFC["sign1"])).value
    signed = sig_structure(protected, payload)
    assert signed.hex() == RFC["raw_to_be_signed"]
    assert cbor2.loads(protected) == {1: ML_DSA_44.cose_id, 4: seeded().public.kid}
    assert seeded().public.verifies(signature, signed)
    assert not seeded().public.verifies(signature, signed + b"\0")
