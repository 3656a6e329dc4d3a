"""The published cases of inclusion and consistency (transparency-dev/merkle): our arithmetic agrees with each."""

import json
from base64 import b64decode

from trace.ledger.tree import is_consistent, root_from_inclusion


def read_cases(conformance, name):
    return json.loads((conformance / "rfc6962-merkle" / f"{name}.all.json").read_text())


def bytes_of(text):
    return b64decode(text or "")


def path_of(case):
    return [bytes_of(node) for node in case["proof"] or []]


def test_inclusion_is_shown_where_it_should_be_and_nowhere_else(conformance):
    cases = read_cases(conformance, "inclusion")
    wrong = [case["_file"] for case in cases if holds_inclusion(case) is case["wantErr"]]
    assert wrong == []
    assert (len(cases), sum(case["wantErr"] for case in cases)) == (98, 92)


def holds_inclusion(case):
    root = root_from_inclusion(bytes_of(case["leafHash"]), case["leafIdx"], case["treeSize"], path_of(case))
    return root is not None and root == bytes_of(case["root"])


def test_consistency_is_shown_where_it_should_be_and_nowhere_else(conformance):
    cases = read_cases(conformance, "consistency")
    wrong = [case["_file"] for case in cases if holds_consistency(case) is case["wantErr"]]
    assert wrong == []
    assert (len(cases), sum(case["wantErr"] for case in cases)) == (98, 92)


def holds_consistency(case):
    roots = bytes_of(case["root1"]), bytes_of(case["root2"])
    return is_consistent(case["size1"], case["size2"], *roots, path_of(case))


def test_no_file_is_left_out(conformance):
    there = {path.name for path in (conformance / "rfc6962-merkle").glob("*.json")}
    assert there == {"inclusion.all.json", "consistency.all.json"}
