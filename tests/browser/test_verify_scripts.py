"""The scripts of verify.html, judged by other people's vectors and by our own Python on many changed inputs."""

import json
import random
from base64 import b64decode

import cbor2
import pytest

from api.checking import check_receipt, check_signature, check_statement
from keys import cbor
from keys.envelope import parse_statement, sig_structure, verify_statement
from keys.errors import RefusedError
from keys.keyring import read_public_pem
from keys.payload import read_json
from tests.vectors import test_cose, test_wycheproof
from tests.verifying import call, check, flip
from trace.ledger.receipt import verify_receipt

pytestmark = pytest.mark.browser


def bytes_of(text):
    return b64decode(text or "")


# --- other people's vectors ---


def test_inclusion_as_published(page, conformance):
    cases = json.loads((conformance / "rfc6962-merkle" / "inclusion.all.json").read_text())
    function = """async (leaf, position, size, path, root) => {
        const led = await rootFromInclusion(leaf, position, size, path);
        return led !== null && isSame(led, root);
    }"""
    given = [
        (
            bytes_of(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            [bytes_of(node) for node in case["proof"] or []],
            bytes_of(case["root"]),
        )
        for case in cases
    ]
    assert call(page, function, *given) == [not case["wantErr"] for case in cases]
    assert len(cases) == 98


def test_consistency_as_published(page, conformance):
    cases = json.loads((conformance / "rfc6962-merkle" / "consistency.all.json").read_text())
    given = [
        (
            case["size1"],
            case["size2"],
            bytes_of(case["root1"]),
            bytes_of(case["root2"]),
            [bytes_of(node) for node in case["proof"] or []],
        )
        for case in cases
    ]
    assert call(page, "isConsistent", *given) == [not case["wantErr"] for case in cases]
    assert len(cases) == 98


@pytest.mark.parametrize(
    ("name", "algorithm"), [("ed25519_test", "EdDSA"), ("ecdsa_secp256r1_sha256_p1363_test", "ES256")]
)
def test_signatures_as_published(page, conformance, name, algorithm):
    document = json.loads((conformance / "wycheproof" / "testvectors_v1" / f"{name}.json").read_text())
    pairs = [(group["publicKey"], case) for group in document["testGroups"] for case in group["tests"]]
    given = [
        (algorithm, raw_key(public), bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])) for public, case in pairs
    ]
    found = call(page, "(algorithm, raw, signature, signed) => verifies({ algorithm, raw }, signature, signed)", *given)
    assert found == [case["result"] == "valid" for _, case in pairs]
    assert len(pairs) > 100
    # Thumbprints are those of the Python side, which compute them another way.
    publics = [group["publicKey"] for group in document["testGroups"]]
    kids = call(page, "(algorithm, raw) => makeKey(algorithm, raw)", *((algorithm, raw_key(one)) for one in publics))
    assert [key["kid"] for key in kids] == [test_wycheproof.key_of(one).kid.hex() for one in publics]


def raw_key(public):
    if "pk" in public:
        return bytes.fromhex(public["pk"])
    return b"".join(int(public[name], 16).to_bytes(32) for name in ("wx", "wy"))


@pytest.mark.parametrize("name", [name for name, verdict in test_cose.VERDICTS.items() if verdict.ours is not None])
def test_cose_examples_as_published(page, conformance, name):
    example = test_cose.read_example(conformance, name)
    data = cbor2.loads(bytes.fromhex(example["output"]["cbor"]))
    protected, _, payload, signature = data.value if isinstance(data, cbor2.CBORTag) else data
    jwk = test_cose.key_of(test_cose.signer_of(example)[0]).to_jwk()
    function = """async (jwk, header, payload, signature) => {
        const signed = sigStructure(header, payload);
        return [toHex(signed), await verifies(await readJwk(jwk), signature, signed)];
    }"""
    ((signed, holds),) = call(page, function, (jwk, protected, payload, signature))
    assert signed == sig_structure(protected, payload).hex()
    assert holds is test_cose.VERDICTS[name].ours


# --- the two readers agree ---

ALTERED = 400


def alter(chance, data):
    """The bytes with one thing changed: a bit, a byte more or less, a piece twice, moved or gone."""
    at, other = sorted(chance.randrange(len(data)) for _ in range(2))
    match chance.randrange(7):
        case 0:
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + bytes([chance.randrange(256)]) + data[at:]
        case 2:
            return data[:at] + data[at + 1 :]
        case 3:
            return data[:at]
        case 4:
            return data[:other] + data[at:]
        case 5:
            return data[:at] + data[other:]
        case _:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def accepted(work):
    try:
        work()
    except RefusedError:
        return False
    return True


def test_both_agree_on_altered_statements(page, loose):
    chance, whole = random.Random(2015), loose["statement.cose"]
    # The first bytes are the structure, where a change is most often still a statement or nearly one.
    cases = [whole, *(alter(chance, whole) for _ in range(ALTERED))]
    cases += [alter(chance, whole[:180]) + whole[180:] for _ in range(ALTERED)]
    key = read_public_pem(loose["signer.pem"])
    parsed = call(page, "(data) => { parseStatement(data); return true; }", *((case,) for case in cases))
    assert [one is True for one in parsed] == [accepted(lambda case=case: parse_statement(case)) for case in cases]
    assert 20 < sum(one is True for one in parsed) < len(cases)
    function = """async (pem, data) => {
        const said = parseStatement(data);
        const key = await readPem(fromUtf8(pem));
        const isRight = said.algorithm === ALGORITHMS[key.algorithm].cose;
        return isRight && verifies(key, said.signature, sigStructure(said.protected, said.payload));
    }"""
    held = call(page, function, *((loose["signer.pem"], case) for case in cases))
    expected = [accepted(lambda case=case: verify_statement(parse_statement(case), key)) for case in cases]
    assert [one is True for one in held] == expected
    leaves = [case for case, one in zip(cases, parsed, strict=True) if one is True]
    hashes = call(page, "async (data) => toHex(await hashStatement(parseStatement(data)))", *((one,) for one in leaves))
    assert hashes == [parse_statement(one).leaf.hex() for one in leaves]


def test_both_agree_on_altered_receipts(page, loose, sealer, vkey):
    chance, whole = random.Random(2016), loose["receipt.cose"]
    leaf = parse_statement(loose["statement.cose"]).leaf
    cases = [whole, *(alter(chance, whole) for _ in range(2 * ALTERED))]
    function = """async (vkey, leaf, data) => {
        const { key, name } = await readVerifierKey(vkey);
        const able = new Set(Object.keys(ALGORITHMS));
        const lines = await followReceipt({ data }, leaf, { key, origin: name }, able);
        return lines.every(({ outcome }) => outcome === "pass");
    }"""
    held = call(page, function, *((vkey, leaf, case) for case in cases))
    expected = [accepted(lambda case=case: verify_receipt(case, leaf, sealer.key.public)) for case in cases]
    assert held == expected
    assert held[0] is True


def test_both_agree_on_what_cbor_is(page):
    chance = random.Random(2017)
    cases = [write(chance, random_value(chance, 3), strict=chance.random() < 0.5) for _ in range(600)]
    cases += [alter(chance, case) for case in cases if case]
    cases += [chance.randbytes(chance.randrange(1, 12)) for _ in range(600)]
    cases += [b"\x81" * depth + b"\x00" for depth in range(6, 12)]
    function = "(data) => { const value = decodeCbor(data, 'here'); return isSame(encodeCbor2(value), data); }"
    # What the page's own encoder has no use for is written for the test.
    page.evaluate(
        """globalThis.encodeCbor2 = (value) =>
            value === false ? Uint8Array.of(0xf4) : value === true ? Uint8Array.of(0xf5)
            : value === null ? Uint8Array.of(0xf6)
            : Array.isArray(value) ? concat(encodeHead(4, BigInt(value.length)), ...value.map(encodeCbor2))
            : value instanceof Map ? concat(encodeHead(5, BigInt(value.size)),
                ...[...value].flatMap(([name, item]) => [encodeCbor(name), encodeCbor2(item)]))
            : encodeCbor(value)"""
    )
    found = call(page, function, *((case,) for case in cases))
    expected = [accepted(lambda case=case: cbor.decode(case, where="here")) for case in cases]
    assert [one is True for one in found] == expected
    assert 300 < sum(one is True for one in found) < len(cases) - 300


def random_value(chance, depth):
    kinds = 9 if depth else 7
    match chance.randrange(kinds):
        case 0:
            return chance.randrange(-(2 ** chance.randrange(1, 65)), 2 ** chance.randrange(1, 65))
        case 1:
            return chance.randbytes(chance.randrange(30))
        case 2:
            return "".join(chance.choice("aβ文\U0001f9f5\ufeff") for _ in range(chance.randrange(30)))
        case 3 | 4:
            return chance.choice([None, True, False])
        case 5:
            return chance.choice([1.5, cbor2.undefined, cbor2.CBORTag(99, 0)]) if chance.random() < 0.3 else 7
        case 6:
            return chance.randrange(300)
        case 7:
            return [random_value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case _:
            names = [chance.randrange(-300, 70_000), f"n{chance.randrange(999)}", b"b", 1, 24]
            return {name: random_value(chance, depth - 1) for name in chance.sample(names, chance.randrange(5))}


def write(chance, value, *, strict):
    """As the registry writes it, or as cbor2 does by itself: in no order, or shorter keys first."""
    return cbor.encode(value) if strict else cbor2.dumps(value, canonical=chance.random() < 0.5)


def test_the_command_says_the_lines_of_the_page(page, loose, sealer, vkey, demo_app):
    altered = {**loose, "statement.cose": flip(loose["statement.cose"], -1)}
    resigned = {**loose, "receipt.cose": flip(loose["receipt.cose"], -1)}
    for files in (loose, altered, resigned):
        on_page = {line["check"]: line for line in check(page, files, ledger=vkey).entries[0]}
        with demo_app.app_context():
            statement, line = check_statement(files["statement.cose"])
            assert statement is not None
            lines = [line, check_signature(statement, read_public_pem(loose["signer.pem"]))]
            lines += check_receipt(files["receipt.cose"], statement.leaf, sealer.key.public, sealer.origin)[1]
        assert len(lines) >= 5
        for line in lines:
            other = on_page[line.name]
            assert (other["outcome"], other["case"]) == (line.outcome, line.case)
            shared = other["facts"].keys() & line.facts.keys() - {"kind"}
            assert {name: other["facts"][name] for name in shared} == {name: str(line.facts[name]) for name in shared}


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"b":{"a":1,"a":1}}', "[]", "1", '{"a":1}x', "{}", '{"a":"}{:,\\""}']
    + ['{"x":' + "[" * depth + "]" * depth + "}" for depth in (31, 32)],
)
def test_both_agree_on_names_in_json(page, text):
    (found,) = call(page, "(data) => { readJson(data); return true; }", (text.encode(),))
    assert (found is True) is accepted(lambda: read_json(text.encode()))
