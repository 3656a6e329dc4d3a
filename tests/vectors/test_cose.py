"""The COSE working group's examples of COSE_Sign1, as far as they are of the algorithms and the form that we admit.

Left out: other curves and hashes, signatures of many signers (tag 98), external data (sign-pass-02), and an empty
protected header written as a map (sign-pass-01): a header of ours is never empty.
"""

import base64
import json

import cbor2
import pytest

from keys import cbor
from keys.algorithms import ALGORITHMS
from keys.envelope import sig_structure
from keys.errors import RefusedError
from keys.keyring import read_jwk

HOLDS = {
    "ecdsa-examples/ecdsa-sig-01": True,
    "eddsa-examples/eddsa-sig-01": True,
    "sign1-tests/sign-pass-03": True,
    "sign1-tests/sign-fail-02": False,  # changed content
    "sign1-tests/sign-fail-03": False,  # another algorithm
    "sign1-tests/sign-fail-04": False,  # an algorithm by an unknown name
    "sign1-tests/sign-fail-06": False,  # one more protected attribute
    "sign1-tests/sign-fail-07": False,  # one protected attribute less
}


def read_example(conformance, name):
    return json.loads((conformance / "cose-wg-examples" / f"{name}.json").read_text())


def key_of(example):
    key = example["input"]["sign0"]["key"]
    if key["kty"] == "EC":
        return read_jwk({name: key[name] for name in ("kty", "crv", "x", "y")})
    x = base64.urlsafe_b64encode(bytes.fromhex(key["x_hex"])).rstrip(b"=").decode()
    return read_jwk({"kty": key["kty"], "crv": key["crv"], "x": x})


def parts_of(example):
    data = cbor2.loads(bytes.fromhex(example["output"]["cbor"]))
    protected, _, payload, signature = data.value if isinstance(data, cbor2.CBORTag) else data
    return protected, payload, signature


@pytest.mark.parametrize("name", HOLDS)
def test_each_signature_holds_as_published(conformance, name):
    example = read_example(conformance, name)
    protected, payload, signature = parts_of(example)
    holds = key_of(example).verifies(signature, sig_structure(protected, payload))
    assert holds is HOLDS[name]
    assert holds is not example.get("fail", False)


@pytest.mark.parametrize("name", [name for name, holds in HOLDS.items() if holds])
def test_the_signed_bytes_are_those_published(conformance, name):
    example = read_example(conformance, name)
    protected, payload, _ = parts_of(example)
    assert sig_structure(protected, payload).hex().upper() == example["intermediates"]["ToBeSign_hex"]


def test_another_tag_is_no_cose_sign1(conformance):
    data = bytes.fromhex(read_example(conformance, "sign1-tests/sign-fail-01")["output"]["cbor"])
    with pytest.raises(RefusedError, match="cbor-malformed"):
        cbor.decode(data, where="the envelope", tag=18)


def test_no_example_of_ours_is_left_out(conformance):
    """Whatever is COSE_Sign1 with an admitted algorithm and curve stands above or among the reasons."""
    named = {"sign1-tests/sign-pass-01", "sign1-tests/sign-pass-02", "sign1-tests/sign-fail-01"}
    ours = set()
    for path in sorted((conformance / "cose-wg-examples").glob("*/*.json")):
        signer = json.loads(path.read_text())["input"].get("sign0")
        if signer and signer["key"]["crv"] in ("P-256", "Ed25519") and signer["alg"] in ALGORITHMS:
            ours.add(f"{path.parent.name}/{path.stem}")
    assert ours == set(HOLDS) | named
