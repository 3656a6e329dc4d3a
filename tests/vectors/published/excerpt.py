"""Cuts the published vectors that lie in this folder out of their sources, which are too long to keep.

    python tests/vectors/published/excerpt.py WYCHEPROOF DILITHIUM

with checkouts of C2SP/wycheproof and of cose-wg/draft-ietf-cose-dilithium.

wycheproof_mldsa_44.json: cases of `testvectors_v1/mldsa_44_verify_test.json` of Project Wycheproof (Apache-2.0) with
an empty context, one of each way to be wrong and the boundary cases. rfc9964_ml_dsa_44.json: the key, the COSE_Sign1
and the JWK of RFC 9964, appendix A, from the working group's examples.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = {1, 2, 6, 7, 8, 9, 13, 14, 15, 16, 17, 18, 19, 20, 53, 56, 57, 58, 60, 62, 64, 65, 68, 81, 82}


def excerpt_wycheproof(checkout: Path) -> dict[str, object]:
    """The chosen cases in their groups, as published."""
    document = json.loads((checkout / "testvectors_v1" / "mldsa_44_verify_test.json").read_text())
    groups = [
        {"publicKey": group["publicKey"], "publicKeyDer": group["publicKeyDer"], "tests": chosen}
        for group in document["testGroups"]
        if (chosen := [case for case in group["tests"] if case["tcId"] in CASES])
    ]
    source = "Project Wycheproof, testvectors_v1/mldsa_44_verify_test.json, Apache-2.0; excerpt made by excerpt.py"
    return {"source": source, "algorithm": document["algorithm"], "testGroups": groups}


def excerpt_rfc9964(checkout: Path) -> dict[str, object]:
    """The example in COSE, and the JWK of the same key."""
    examples = checkout / "examples"
    cose = json.loads((examples / "cose" / "examples" / "ML_DSA_44.cose.json").read_text())
    jose = json.loads((examples / "jose" / "examples" / "ML_DSA_44.jose.json").read_text())
    taken = {name: cose[name] for name in ("priv", "key", "sign1", "raw_to_be_signed", "raw_public_key")}
    return {"source": "RFC 9964, appendix A; excerpt made by excerpt.py", **taken, "jwk": jose["jwk"]}


if __name__ == "__main__":
    for name, document in (
        ("wycheproof_mldsa_44", excerpt_wycheproof(Path(sys.argv[1]))),
        ("rfc9964_ml_dsa_44", excerpt_rfc9964(Path(sys.argv[2]))),
    ):
        (HERE / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")
