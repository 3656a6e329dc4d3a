"""Witnesses on verify.html: operators count, not keys, and nobody counts who was not named."""

import base64
import hashlib
import struct
from datetime import UTC, datetime

import pytest

from keys.keyring import generate_key
from tests.verifying import check
from trace.ledger.checkpoint import verifier_key

pytestmark = pytest.mark.browser
SEALED_AT = 1_700_000_000


@pytest.fixture(scope="module")
def witnesses():
    return {name: generate_key() for name in ("city.example/w1", "city.example/w2", "uni.example/w", "court.example/w")}


def witness_key(name, key):
    raw = b"\x04" + key.public.key.public_bytes_raw()
    digest = hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    return f"{name}+{digest}+{base64.b64encode(raw).decode()}"


def cosigned(note, witnesses, *names, at=SEALED_AT, signed_at=SEALED_AT):
    """The note with cosignature/v1 lines (c2sp.org/tlog-cosignature)."""
    body = note[: note.index(b"\n\n") + 1]
    lines = []
    for name in names:
        key_id = bytes.fromhex(witness_key(name, witnesses[name]).split("+", 2)[1])
        signature = witnesses[name].key.sign(f"cosignature/v1\ntime {signed_at}\n".encode() + body)
        raw = key_id + struct.pack(">Q", at) + signature
        lines.append(f"— {name} {base64.b64encode(raw).decode()}\n")
    return note + "".join(lines).encode()


@pytest.fixture(scope="module")
def policy(witnesses, vkey):
    """Two of three operators, of which the city has two witnesses."""
    lines = [f"witness {name.replace('.example/', '-')} {witness_key(name, key)}" for name, key in witnesses.items()]
    groups = ["group city any city-w1 city-w2", "group quorum-of-two 2 city uni-w court-w", "quorum quorum-of-two"]
    return "\n".join(["# operators", f"log {vkey}", *lines, *groups, ""])


def test_two_operators_are_two(page, loose, vkey, witnesses, policy):
    note = cosigned(loose["checkpoint.txt"], witnesses, "city.example/w1", "uni.example/w")
    report = check(page, {**loose, "checkpoint.txt": note}, ledger=vkey, witnesses=policy)
    assert report.failing() == set()
    facts = report.line("witnesses")["facts"]
    assert (facts["count"], facts["needed"], facts["names"]) == ("2", "2", "city, uni-w")
    told = [line["facts"] for line in report.ledger if line["check"] == "cosignature"]
    assert {fact["at"] for fact in told} == {f"{datetime.fromtimestamp(SEALED_AT, UTC):%Y-%m-%d %H:%M:%S} UTC"}
    assert "independent as the policy takes them for" in page.locator("#limits").inner_text()


def test_two_keys_of_one_operator_are_one(page, loose, vkey, witnesses, policy):
    note = cosigned(loose["checkpoint.txt"], witnesses, "city.example/w1", "city.example/w2")
    report = check(page, {**loose, "checkpoint.txt": note}, ledger=vkey, witnesses=policy)
    assert report.failing() == {"witnesses:fail"}
    assert report.line("witnesses")["facts"]["count"] == "1"


def test_one_witness_twice_is_one(page, loose, vkey, witnesses, policy):
    note = cosigned(loose["checkpoint.txt"], witnesses, "uni.example/w", "uni.example/w")
    report = check(page, {**loose, "checkpoint.txt": note}, ledger=vkey, witnesses=policy)
    assert report.failing() == {"witnesses:fail"}


def test_a_stranger_is_not_counted(page, loose, vkey, witnesses, policy):
    strange = {**witnesses, "other.example/w": generate_key(), "uni.example/w": generate_key()}
    note = cosigned(loose["checkpoint.txt"], strange, "city.example/w1", "other.example/w", "uni.example/w")
    report = check(page, {**loose, "checkpoint.txt": note}, ledger=vkey, witnesses=policy)
    cases = [line["case"] for line in report.ledger if line["check"] == "cosignature"]
    assert cases == ["pass", "unknown", "unknown"]
    assert report.failing() == {"witnesses:fail"}


def test_a_cosignature_of_another_time_does_not_hold(page, loose, vkey, witnesses, policy):
    note = cosigned(loose["checkpoint.txt"], witnesses, "uni.example/w", "city.example/w1", at=SEALED_AT + 1)
    report = check(page, {**loose, "checkpoint.txt": note}, ledger=vkey, witnesses=policy)
    assert report.failing() == {"cosignature:fail", "witnesses:fail"}


def test_without_a_policy_nobody_says_how_many_operators_they_are(page, loose, vkey, witnesses):
    note = cosigned(loose["checkpoint.txt"], witnesses, "city.example/w1")
    keys = "\n".join(witness_key(*pair) for pair in witnesses.items())
    report = check(page, {**loose, "checkpoint.txt": note}, ledger=vkey, witnesses=keys)
    assert (report.of("cosignature"), report.of("witnesses")) == ("pass", "open:no_policy")


def test_a_ledger_that_the_policy_does_not_list(page, loose, vkey, policy):
    other = policy.replace(f"log {vkey}", f"log {verifier_key('a.example', generate_key().public)}")
    assert "ledger_key:unlisted" in check(page, loose, ledger=vkey, witnesses=other).failing()
