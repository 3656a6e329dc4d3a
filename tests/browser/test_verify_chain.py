"""Whose key it is, on verify.html: told by the entries that were given, and by nothing less than a chain of them.

The ledgers here take what no door would, so that every break of the chain can be shown.
"""

import json
from datetime import UTC, datetime

import pytest

from keys.envelope import seal_statement
from keys.keyring import generate_key
from tests.factories import uscc_of
from tests.verifying import LittleLedger, check, pem_of, vkey_of
from trace.ledger.checkpoint import Sealer

pytestmark = pytest.mark.browser
AT = datetime(2020, 5, 1, 12, tzinfo=UTC)
ROOT, MAKER, OTHER, LEDGER = (generate_key() for _ in range(4))
SEALER = Sealer("ledger.example/little", LEDGER)
BUREAU, WORKS, DEALER = uscc_of("regulator"), uscc_of("maker"), uscc_of("contractor")
NONCES = iter(range(10_000))


def say(signer, issuer, kind, /, **body):
    return seal_statement(
        signer,
        kind=kind,
        issuer=issuer,
        subject="s",
        issued_at=AT,
        payload=json.dumps(body).encode(),
        nonce=next(NONCES).to_bytes(16),
    )


def party(uscc, *roles):
    return {"uscc": uscc, "name": {"zh": "甲", "en": "Works"}, "roles": list(roles)}


def jwk(key):
    return key.public.to_jwk()


def founding(**changes):
    body = {"origin": SEALER.origin, "ledger_key": jwk(LEDGER), "party": party(BUREAU, "regulator"), "key": jwk(ROOT)}
    return say(ROOT, BUREAU, "party.founded", **{**body, **changes})


ADMITTED = say(ROOT, BUREAU, "party.admitted", party=party(WORKS, "producer"), key=jwk(MAKER))
SAID = say(MAKER, WORKS, "lot.commissioned", n=1)


def judge(page, *statements, without=()):
    """What the page says of the key of the last of these."""
    files = LittleLedger(SEALER, statements, AT).files()
    for number in without:
        del files[f"statement-{number}.cose"]
    keys = {f"{name}.pem": pem_of(key.public) for name, key in (("root", ROOT), ("maker", MAKER), ("other", OTHER))}
    report = check(page, files | keys, ledger=vkey_of(SEALER))
    return report.of("enrolled", entry=len(statements) - 1)


def test_a_chain_back_to_entry_0_shows_whose_key_it_is(page):
    assert judge(page, founding(), ADMITTED, SAID) == "pass"
    assert "Works" in page.locator("#entry_list").inner_text()


def test_a_further_key_of_a_party_is_its_own_to_enrol(page):
    enrolled = say(MAKER, WORKS, "key.enrolled", party=WORKS, key=jwk(OTHER))
    rotated = say(MAKER, WORKS, "key.rotated", key=jwk(OTHER))
    said = say(OTHER, WORKS, "lot.commissioned")
    assert judge(page, founding(), ADMITTED, enrolled, said) == "pass"
    assert judge(page, founding(), ADMITTED, rotated, said) == "pass"
    assert judge(page, founding(), ADMITTED, rotated, SAID) == "fail:ended"


def test_a_key_that_nothing_brings_or_that_comes_later_is_nobodys(page):
    assert judge(page, founding(), SAID) == "open"
    assert judge(page, founding(), ADMITTED, SAID, without=[1]) == "open"
    files = LittleLedger(SEALER, [founding(), SAID, ADMITTED], AT).files()
    keys = {"root.pem": pem_of(ROOT.public), "maker.pem": pem_of(MAKER.public)}
    assert check(page, files | keys, ledger=vkey_of(SEALER)).of("enrolled", entry=1) == "open"


def test_a_chain_without_its_beginning_is_half_a_one(page):
    assert judge(page, founding(), ADMITTED, SAID, without=[0]) == "open:half"


def test_a_key_of_another_party_is_told(page):
    assert judge(page, founding(), ADMITTED, say(MAKER, DEALER, "lot.commissioned")) == "fail"


def test_only_a_regulator_admits_and_enrols_for_others(page):
    stranger = say(MAKER, WORKS, "party.admitted", party=party(DEALER, "dealer"), key=jwk(OTHER))
    said = say(OTHER, DEALER, "goods.shipped")
    assert judge(page, founding(), ADMITTED, stranger, said) == "fail:foreign"
    enrolled = say(MAKER, WORKS, "key.enrolled", party=DEALER, key=jwk(OTHER))
    assert judge(page, founding(), ADMITTED, enrolled, said) == "fail:foreign"


@pytest.mark.parametrize("changes", [{"ledger_key": jwk(OTHER)}, {"origin": "ledger.example/another"}])
def test_entry_0_has_to_name_this_ledger(page, changes):
    assert judge(page, founding(**changes), ADMITTED, SAID) == "fail:founding"


def test_an_entry_0_that_founds_nothing_begins_no_chain(page):
    enrolled = say(ROOT, BUREAU, "key.enrolled", party=BUREAU, key=jwk(ROOT))
    assert judge(page, enrolled) == "open"
    # Nobody is a regulator but whom an entry makes one.
    assert judge(page, enrolled, ADMITTED, SAID) == "fail:foreign"


def test_a_revoked_key_speaks_no_more_and_a_stolen_one_never_did(page):
    def revoked(since):
        return say(ROOT, BUREAU, "key.revoked", kid=MAKER.public.kid.hex(), reason="r", compromised_since=since)

    assert judge(page, founding(), ADMITTED, revoked(None), SAID) == "fail:ended"
    stories = {"2020-04-30T00:00:00Z": "fail:compromised", "2020-05-02T00:00:00+08:00": "pass", None: "pass"}
    for since, told in stories.items():
        files = LittleLedger(SEALER, [founding(), ADMITTED, SAID, revoked(since)], AT).files()
        keys = {"root.pem": pem_of(ROOT.public), "maker.pem": pem_of(MAKER.public)}
        assert check(page, files | keys, ledger=vkey_of(SEALER)).of("enrolled", entry=2) == told


@pytest.mark.parametrize(("day", "told"), [("2020-05-01", "pass"), ("2020-04-30", "fail:expired")])
def test_a_keys_last_day_counts(page, day, told):
    enrolled = say(MAKER, WORKS, "key.enrolled", party=WORKS, key=jwk(OTHER), valid_to=day)
    assert judge(page, founding(), ADMITTED, enrolled, say(OTHER, WORKS, "lot.commissioned")) == told


def test_an_enrolment_that_is_not_in_the_ledger_or_not_signed_counts_for_nothing(page):
    elsewhere = Sealer(SEALER.origin, generate_key())
    files = LittleLedger(SEALER, [founding(), ADMITTED, SAID], AT).files()
    other = LittleLedger(elsewhere, [founding(), ADMITTED, SAID], AT).files()
    keys = {"root.pem": pem_of(ROOT.public), "maker.pem": pem_of(MAKER.public)}
    forged = files | keys | {"receipt-1.cose": other["receipt-1.cose"]}
    assert check(page, forged, ledger=vkey_of(SEALER)).of("enrolled", entry=2) != "pass"
