"""The COSE working group's examples: every file, each with what we make of its key, its signature and its envelope.

We admit two algorithms, one signer, no external data, and a header of our own. So of each example it is asked
whether its key is read, whether the published signature holds over the published bytes, whether it holds over the
bytes that we would have signed, and by which code the door refuses the envelope as a statement.
"""

import base64
import json
from dataclasses import dataclass

import cbor2
import pytest

from keys.envelope import parse_statement, sig_structure
from keys.errors import RefusedError
from keys.keyring import read_jwk


@dataclass(frozen=True)
class Verdict:
    """`published` is None where the key is of a curve that we don't admit; `ours` where there is no single signer."""

    published: bool | None
    ours: bool | None
    refusal: str


HEADER, OTHER_TAG = "envelope-malformed", "cbor-malformed"
NOT_ADMITTED = Verdict(None, None, HEADER)
MANY_SIGNERS, MANY_NOT_ADMITTED = Verdict(True, None, OTHER_TAG), Verdict(None, None, OTHER_TAG)
HOLDS, FORGED = Verdict(True, True, HEADER), Verdict(False, False, HEADER)
VERDICTS = {
    "ecdsa-examples/ecdsa-01": MANY_SIGNERS,
    "ecdsa-examples/ecdsa-02": MANY_NOT_ADMITTED,  # P-384
    "ecdsa-examples/ecdsa-03": MANY_NOT_ADMITTED,  # P-521
    "ecdsa-examples/ecdsa-04": Verdict(False, None, OTHER_TAG),  # P-256 with SHA-512, which is not ES256
    "ecdsa-examples/ecdsa-sig-01": HOLDS,
    "ecdsa-examples/ecdsa-sig-02": NOT_ADMITTED,  # P-384
    "ecdsa-examples/ecdsa-sig-03": NOT_ADMITTED,  # P-521
    "ecdsa-examples/ecdsa-sig-04": FORGED,  # P-256 with SHA-512
    "eddsa-examples/eddsa-01": MANY_SIGNERS,
    "eddsa-examples/eddsa-02": MANY_NOT_ADMITTED,  # Ed448
    "eddsa-examples/eddsa-sig-01": HOLDS,
    "eddsa-examples/eddsa-sig-02": NOT_ADMITTED,  # Ed448
    "sign1-tests/sign-fail-01": Verdict(True, True, OTHER_TAG),  # tag 998
    "sign1-tests/sign-fail-02": FORGED,  # changed content
    "sign1-tests/sign-fail-03": FORGED,  # another algorithm
    "sign1-tests/sign-fail-04": FORGED,  # an algorithm by an unknown name
    "sign1-tests/sign-fail-06": FORGED,  # one more protected attribute
    "sign1-tests/sign-fail-07": FORGED,  # one protected attribute less
    "sign1-tests/sign-pass-01": Verdict(True, False, HEADER),  # an empty header as a0, signed as if it were nothing
    "sign1-tests/sign-pass-02": Verdict(True, False, HEADER),  # external data
    "sign1-tests/sign-pass-03": Verdict(True, True, OTHER_TAG),  # no tag
}


def read_example(conformance, name):
    return json.loads((conformance / "cose-wg-examples" / f"{name}.json").read_text())


def signer_of(example):
    """(key, signature, published bytes to be signed, our bytes to be signed or None)."""
    given, said = example["input"], example["intermediates"]
    data = cbor2.loads(bytes.fromhex(example["output"]["cbor"]))
    protected, _, payload, last = data.value if isinstance(data, cbor2.CBORTag) else data
    if "sign" in given:
        published = said["signers"][0]["ToBeSign_hex"]
        return given["sign"]["signers"][0]["key"], last[0][2], bytes.fromhex(published), None
    # Of a forgery the published bytes are those that were signed, not those that are there.
    ours = sig_structure(protected, payload)
    published = ours if example.get("fail") else bytes.fromhex(said["ToBeSign_hex"])
    return given["sign0"]["key"], last, published, ours


def key_of(key):
    if key["kty"] == "EC":
        return read_jwk({name: key[name] for name in ("kty", "crv", "x", "y")})
    x = base64.urlsafe_b64encode(bytes.fromhex(key["x_hex"])).rstrip(b"=").decode()
    return read_jwk({"kty": key["kty"], "crv": key["crv"], "x": x})


@pytest.mark.parametrize("name", [name for name, verdict in VERDICTS.items() if verdict.published is None])
def test_a_key_of_another_curve_is_refused(conformance, name):
    with pytest.raises(RefusedError, match="key-unreadable"):
        key_of(signer_of(read_example(conformance, name))[0])


@pytest.mark.parametrize("name", [name for name, verdict in VERDICTS.items() if verdict.published is not None])
def test_each_signature_holds_as_published(conformance, name):
    key, signature, published, ours = signer_of(read_example(conformance, name))
    assert key_of(key).verifies(signature, published) is VERDICTS[name].published
    assert ours is None or key_of(key).verifies(signature, ours) is VERDICTS[name].ours


@pytest.mark.parametrize("name", [name for name, verdict in VERDICTS.items() if verdict.published and verdict.ours])
def test_the_signed_bytes_are_those_published(conformance, name):
    example = read_example(conformance, name)
    assert signer_of(example)[3].hex().upper() == example["intermediates"]["ToBeSign_hex"]


@pytest.mark.parametrize("name", VERDICTS)
def test_no_example_is_a_statement(conformance, name):
    with pytest.raises(RefusedError) as refused:
        parse_statement(bytes.fromhex(read_example(conformance, name)["output"]["cbor"]))
    assert refused.value.code == VERDICTS[name].refusal


def test_no_example_is_left_out(conformance):
    there = {f"{path.parent.name}/{path.stem}" for path in (conformance / "cose-wg-examples").glob("*/*.json")}
    assert there == set(VERDICTS)
