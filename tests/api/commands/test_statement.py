"""`flask statement` signs bytes as they stand, sends them through the one door, and says what became of each."""

import json

import pytest

from keys.envelope import parse_statement
from tests.factories import BATCH, BODIES, ROD, uscc_of
from tests.softhsm import PIN
from trace.ledger.store import read_entry

BODY = b'{ "ocid":"ocds-1", "buyer" : "%s", "title":"x", "published_on":"2014-08-01" }\n' % uscc_of("owner").encode()
SIGN = f"statement sign --kind tender.published --issuer {uscc_of('owner')} --body tender.json --out tender.cose --key"


@pytest.fixture
def tender(run, world, pem_of, tmp_path):
    """A signed tender in tender.cose."""
    (tmp_path / "tender.json").write_bytes(BODY)
    result = run(SIGN, pem_of("owner"))
    assert result.exit_code == 0, result.stderr
    return tmp_path / "tender.cose"


def test_the_body_is_signed_and_kept_byte_for_byte(run, tender, shell, world):
    assert parse_statement(tender.read_bytes()).payload == BODY
    result = run("statement submit tender.cose")
    assert result.exit_code == 0
    position = int(result.stdout.split()[2])
    with shell.database.reading() as session:
        assert parse_statement(read_entry(session, position).statement).payload == BODY


def test_the_same_statement_twice_is_one_entry(run, tender):
    first, second = run("statement submit tender.cose"), run("statement submit tender.cose")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert second.stdout.split()[2] == first.stdout.split()[2]
    assert "(known already)" in second.stdout


def test_two_signings_of_one_body_are_two_statements(run, tender, pem_of, tmp_path):
    run(SIGN.replace("tender.cose", "again.cose"), pem_of("owner"))
    assert parse_statement(tender.read_bytes()).leaf != parse_statement((tmp_path / "again.cose").read_bytes()).leaf


def test_a_refused_statement_ends_in_1_and_does_not_stop_the_others(run, tender, tmp_path):
    broken = bytearray(tender.read_bytes())
    broken[-1] ^= 1
    (tmp_path / "broken.cose").write_bytes(bytes(broken))
    result = run("statement submit broken.cose tender.cose")
    assert result.exit_code == 1
    assert result.stdout.startswith("tender.cose: entry ")
    assert result.stderr.startswith("broken.cose: signature-invalid: ")
    assert "1 of 2 refused" in result.stderr


def test_a_file_may_hold_many(run, world, tmp_path):
    statements = [world.seal("owner", "tender.published", ocid=f"ocds-{number}") for number in range(3)]
    (tmp_path / "all.cose").write_bytes(b"".join(each.to_bytes() for each in statements))
    assert run("statement submit all.cose").stdout.count("all.cose: entry ") == 3


def test_what_does_not_fit_the_kind_is_not_signed(run, world, pem_of, tmp_path):
    (tmp_path / "tender.json").write_bytes(BODY.replace(b'"title":"x"', b'"titel":"x"'))
    refused = run(SIGN, pem_of("owner"))
    assert refused.exit_code == 1
    assert refused.stderr.startswith("schema-violated: where ")
    assert not (tmp_path / "tender.cose").exists()


def test_an_unknown_kind_is_refused(run, world, pem_of, tmp_path):
    (tmp_path / "tender.json").write_bytes(BODY)
    assert run(SIGN.replace("tender.published", "tender.x"), pem_of("owner")).stderr.startswith("kind-unknown: ")


def test_a_signed_statement_is_never_written_over(run, tender, pem_of):
    before = tender.read_bytes()
    assert run(SIGN, pem_of("owner")).exit_code == 1
    assert tender.read_bytes() == before


def test_the_heads_are_looked_up_unless_they_are_given(run, world, pem_of, tmp_path):
    made = world.say("smelter", "lot.commissioned")
    (tmp_path / "event.json").write_text(json.dumps(BODIES["lot.transformed"]()))
    line = f"statement sign --kind lot.transformed --issuer {uscc_of('maker')} --body event.json --key"
    for options, follows in (
        ("--out auto.cose", (made.leaf,)),
        ("--follows none --out none.cose", ()),
        (f"--follows {'ab' * 32} --follows {'00' * 32} --out two.cose", (bytes(32), b"\xab" * 32)),
    ):
        assert run(line, pem_of("maker"), *options.split()).exit_code == 0
        sealed = parse_statement((tmp_path / options.split()[-1]).read_bytes())
        assert (sealed.subject, sealed.follows) == (BATCH, follows)
    assert run("statement submit none.cose").stderr.startswith("none.cose: head-stale: where follows")
    assert run("statement submit auto.cose").exit_code == 0
    assert ROD != BATCH


@pytest.mark.parametrize(
    "options", ["--follows beef", "--follows auto --follows none", "--at yesterday", "--at 2015-01-01"]
)
def test_what_cannot_be_read_is_wrong_usage(run, world, pem_of, tmp_path, options):
    (tmp_path / "tender.json").write_bytes(BODY)
    assert run(SIGN, pem_of("owner"), *options.split()).exit_code == 2


def test_the_time_can_be_given(run, world, pem_of, tmp_path):
    (tmp_path / "tender.json").write_bytes(BODY)
    assert run(SIGN, pem_of("owner"), "--at", "2013-04-13T08:00:00+08:00").exit_code == 0
    assert parse_statement((tmp_path / "tender.cose").read_bytes()).issued_at.isoformat() == "2013-04-13T00:00:00+00:00"


def test_header_and_body_are_shown(run, tender):
    told = run("statement show tender.cose").stdout
    sealed = parse_statement(tender.read_bytes())
    for line in ("kind      tender.published", f"issuer    {uscc_of('owner')}", f"leaf      {sealed.leaf.hex()}"):
        assert line in told
    assert BODY.decode() in told
    assert run("statement show -", input=tender.read_bytes()).stdout == told


@pytest.mark.parametrize("data", [b"", b"\x00", b"no statement"])
def test_what_is_no_statement_is_refused_in_one_line(run, tmp_path, data):
    (tmp_path / "x.cose").write_bytes(data)
    refused = run("statement show x.cose")
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)


def test_before_the_registry_is_founded_nothing_is_let_in(run, tmp_path):
    (tmp_path / "x.cose").write_bytes(b"\x00")
    refused = run("statement submit x.cose")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("not-founded: ")


# --- keys in tokens ---


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_statement_signed_in_a_token_is_accepted(run, world, token, tmp_path, algorithm):
    token.generate("signatory", algorithm)
    shown = run("keys show", token.uri("signatory")).stdout
    jwk = json.loads(next(line for line in shown.splitlines() if line.startswith("jwk "))[4:])
    world.say("owner", "key.enrolled", party=uscc_of("owner"), key=jwk)
    (tmp_path / "tender.json").write_bytes(BODY)
    signed = run(SIGN, token.uri("signatory"))
    assert signed.exit_code == 0, signed.stderr
    submitted = run("statement submit tender.cose")
    assert submitted.stdout.startswith("tender.cose: entry ")


@pytest.mark.parametrize("source", ["file:{path}", "{path}", "file://{path}", "env:TOKEN_PIN"])
def test_the_pin_comes_from_where_the_uri_says(run, world, token, tmp_path, source):
    token.generate("signatory", "EdDSA")
    (tmp_path / "tender.json").write_bytes(BODY)
    uri = f"pkcs11:object=signatory?module-path={token.module}&pin-source={source.format(path=token.pin_file)}"
    assert run(SIGN, uri, env={"TOKEN_PIN": PIN}).exit_code == 0


def test_a_pin_is_asked_for_where_the_uri_names_no_place(run, world, token, tmp_path):
    token.generate("signatory", "EdDSA")
    (tmp_path / "tender.json").write_bytes(BODY)
    signed = run(SIGN, f"pkcs11:object=signatory?module-path={token.module}", input=f"{PIN}\n")
    assert signed.exit_code == 0
    assert PIN not in signed.output


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("pkcs11:object=signatory?pin-value=271828", "token-uri-malformed: "),
        (
            "pkcs11:object=signatory",
            "token-uri-malformed: expected module-path in the URI, or PKCS11_MODULE, got neither",
        ),
        ("pkcs11:object=signatory?module-path=/nowhere.so&pin-source=env:TOKEN_PIN", "token-failed: "),
        (
            "pkcs11:object=signatory?module-path=/nowhere.so&pin-source=env:ABSENT",
            "key-unreadable: expected a PIN in the",
        ),
        ("pkcs11:object=signatory?module-path=/nowhere.so&pin-source=/nowhere.pin", "/nowhere.pin: No such file"),
    ],
)
def test_a_token_that_cannot_be_opened_is_refused_in_one_line(run, world, tmp_path, uri, told):
    (tmp_path / "tender.json").write_bytes(BODY)
    refused = run(SIGN, uri, env={"TOKEN_PIN": PIN})
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert refused.stderr.startswith(told)
    assert PIN not in refused.output
    assert not (tmp_path / "tender.cose").exists()
