"""Files that verify.html takes: ZIPs that no two programs read differently, keys, checkpoints and policies."""

import io
import zipfile

import pytest

from keys.keyring import generate_key
from tests.browser.test_verify_witnessed import witness_key
from tests.vectors.test_c2sp import PETER, SUMDB, SUMDBS_CHECKPOINT
from tests.verifying import call, check

pytestmark = pytest.mark.browser


def code_of(page, name, data):
    """Why the page refuses a file, or None."""
    faults = [line for line in check(page, {name: data}).others if line["check"] == "file"]
    return faults[0]["facts"].get("code") if faults else None


def zipped(compression=zipfile.ZIP_STORED, comment=b"", **members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.comment = comment
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


# --- ZIP ---


def test_a_plain_zip_is_read_and_what_is_strange_in_it_is_named(page):
    report = check(page, {"e.zip": zipped(strange=b"1", constructor=b"2", keys__more__x=b"3")})
    (line,) = [line for line in report.others if line["check"] == "file"]
    assert (line["outcome"], line["case"]) == ("open", "unknown")
    assert line["facts"]["names"] == "strange, constructor, keys/more/x"


def test_a_compressed_zip_is_told_as_such(page):
    assert code_of(page, "e.zip", zipped(zipfile.ZIP_DEFLATED, a=b"a" * 100)) == "zip-compressed"


SPOILED = {
    "a comment": lambda whole: zipped(comment=b"PK\5\6", a=b"1"),
    "something before it": lambda whole: whole[:4] + b"xx" + whole[4:],
    "something after it": lambda whole: whole + b"x",
    "its end missing": lambda whole: whole[:-1],
    "another name before the data": lambda whole: whole.replace(b"checkpoint.txt", b"checkpoint.tyt", 1),
    "another size before the data": lambda whole: whole[:18] + bytes([whole[18] ^ 1]) + whole[19:],
    "a member twice": lambda whole: whole.replace(b"index.html", b"index.json"),
    "no member where it says": lambda whole: whole.replace(b"PK\1\2", b"PK\1\3", 1),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_zip_that_two_programs_could_read_differently_is_refused(page, name):
    whole = zipped(**{"checkpoint.txt": b"{}", "index.html": b"", "index.json": b'{"entries":[]}'})
    assert code_of(page, "e.zip", whole) == "checkpoint-invalid"
    spoiled = SPOILED[name](whole)
    assert spoiled != whole
    assert code_of(page, "e.zip", spoiled) == "zip-malformed"


# --- keys and checkpoints ---


def test_verifier_keys_are_read_as_others_have_published_them(page):
    keys = call(page, "readVerifierKey", (PETER,), (SUMDB,))
    assert [key["name"] for key in keys] == ["PeterNeumann", "sum.golang.org"]


def test_a_published_checkpoint_holds_and_not_when_it_is_changed(page):
    function = """async (vkey, note) => {
        const { name, id, key } = await readVerifierKey(vkey);
        const { body, size, signatures } = parseCheckpoint(note);
        const line = signatures.find((one) => one.name === name && one.id === id);
        return [String(size), await verifies(key, line.raw, toUtf8(body))];
    }"""
    changed = SUMDBS_CHECKPOINT.replace("63096908", "63096909")
    assert call(page, function, (SUMDB, SUMDBS_CHECKPOINT), (SUMDB, changed)) == [
        ["63096908", True],
        ["63096909", False],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n\n— a AAAAAAAA\n",
        "a\n01\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n— a AAAAAAAA\n",
        "a\n9223372036854775808\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n— a AAAAAAAA\n",
        "a\n٣\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n— a AAAAAAAA\n",
        "a\n1\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y5==\n\n— a AAAAAAAA\n",
        "a\n1\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n- a AAAAAAAA\n",
        "a\n1\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n— a b AAAAAAAA\n",
        "a\n1\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n— a AAAAAAAA",
        "a\n1\r\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n— a AAAAAAAA\n",
        "a\n1\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n" + "— a AAAAAAAA\n" * 65,
    ],
)
def test_what_is_no_checkpoint_is_refused(page, text):
    assert call(page, "parseCheckpoint", (text,))[0] in ("checkpoint-invalid", "base64-malformed")


@pytest.mark.parametrize(
    "text", [PETER[:-4] + "AAA=", "a+b", "a b+c74f20a3+AQ==", PETER.replace("c74f20a3", "c74f20a4")]
)
def test_what_is_no_verifier_key_is_refused(page, text):
    assert call(page, "readVerifierKey", (text,))[0] in ("key-unreadable", "base64-malformed")


def test_a_key_of_another_algorithm_is_told_and_not_taken(page):
    assert call(page, "readJwk", ({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},)) == ["key-unsupported"]
    assert call(page, "readJwk", ({"kty": "OKP", "crv": "Ed25519", "x": "AA"},)) == ["key-unreadable"]
    secret = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "d": "A" * 43}
    assert call(page, "readJwk", (secret,)) == ["key-unreadable"]


# --- policies ---

W = [witness_key(f"w{number}.example", generate_key()) for number in range(3)]
REFUSED = {
    "no quorum": f"witness a {W[0]}\n",
    "two quorums": f"witness a {W[0]}\nquorum a\nquorum a\n",
    "a quorum of nobody": "quorum a\n",
    "a name twice": f"witness a {W[0]}\nwitness a {W[1]}\nquorum a\n",
    "a key under two names": f"witness a {W[0]}\nwitness b {W[0]}\nquorum a\n",
    "a witness in two groups": f"witness a {W[0]}\ngroup g any a\ngroup h any a\nquorum g\n",
    "a member twice": f"witness a {W[0]}\ngroup g 2 a a\nquorum g\n",
    "a threshold beyond reach": f"witness a {W[0]}\ngroup g 2 a\nquorum g\n",
    "a threshold in words": f"witness a {W[0]}\ngroup g constructor a\nquorum g\n",
    "a threshold of none": f"witness a {W[0]}\ngroup g 0 a\nquorum g\n",
    "a group before its members": f"group g any a\nwitness a {W[0]}\nquorum g\n",
    "none as a name": f"witness none {W[0]}\nquorum none\n",
    "a log's key for a witness": f"witness a {PETER}\nquorum a\n",
    "an unknown line": "require 2\nquorum none\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_policy_that_breaks_the_format_is_refused(page, name):
    assert call(page, "parsePolicy", (REFUSED[name],)) == ["policy-malformed"]


@pytest.mark.parametrize(
    ("signed", "is_enough"),
    [("", False), ("x1 x2", False), ("x1 x2 y1", True), ("x1 y1 y2", False), ("y1 y2", False), ("x3 x1 y2", True)],
)
def test_groups_of_groups_count_as_the_specification_has_it(page, signed, is_enough):
    keys = {name: witness_key(name, generate_key()) for name in ("x1", "x2", "x3", "y1", "y2")}
    text = "".join(f"witness {name} {key}\n" for name, key in keys.items())
    text += "group X 2 x1 x2 x3\n \tgroup Y any y1 y2\n# both\ngroup both all X Y\nquorum both\n"
    function = """async (text, names) => {
        const policy = await parsePolicy(text);
        return isWitnessed(policy, policy.quorum, new Set(names));
    }"""
    assert call(page, function, (text, signed.split())) == [is_enough]
