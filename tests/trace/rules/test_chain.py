"""C01 and C03: is the chain whole, and was each who wrote in it entitled to?"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.facts import CHAIN, CONTRACTOR, DRUM, HISTORY, HONEST, LAB, MAKER, but, find_one, found, leaf, link
from trace.days import civil_day
from trace.findings import Severity
from trace.oversight.register import Ban
from trace.parties.belief import Doubt
from trace.production.register import Repeat
from trace.rules.chain import chain_break, not_entitled

ACCEPTANCE = next(number for number, entry in enumerate(CHAIN) if entry.kind == "goods.accepted")


def with_link(number, **changes):
    """The honest dossier with one entry of its chain changed."""
    return but(chain=(*CHAIN[:number], replace(CHAIN[number], **changes), *CHAIN[number + 1 :]))


def test_an_honest_chain_is_whole():
    assert found(chain_break, HONEST) == ()


def test_an_entry_whose_bytes_were_changed_is_found():
    finding = find_one(chain_break, with_link(4, computed_leaf=b"\0" * 32))
    assert (finding.case, finding.severity) == ("altered", Severity.CRITICAL)
    assert finding.entries == (CHAIN[4].position,)
    assert finding.facts["leaf"] == CHAIN[4].leaf.hex()


def test_an_entry_that_follows_another_chain_is_loose():
    # The inspection of the batch is in the ledger and is older, but no part of this drum's chain.
    assert find_one(chain_break, with_link(3, follows=(leaf(32),))).case == "loose"


def test_an_entry_that_is_not_believed_holds_until_it_is_said_again():
    link = CHAIN[ACCEPTANCE]
    doubts = {link.position: Doubt(link.recorded_at, 70)}
    finding = find_one(chain_break, but(doubts=doubts))
    assert (finding.case, finding.severity, finding.entries) == ("unbelieved", Severity.MAJOR, (link.position, 70))
    again = replace(link, position=71, leaf=leaf(71), computed_leaf=leaf(71), follows=(CHAIN[-1].leaf,))
    finding = find_one(chain_break, but(chain=(*CHAIN, again), doubts=doubts))
    assert (finding.case, finding.severity) == ("said_again", Severity.MINOR)
    assert finding.entries == (link.position, 70, 71)


@pytest.mark.parametrize("changes", [{"issuer": LAB}, {"kind": "lot.installed"}])
def test_somebody_else_or_something_else_says_nothing_again(changes):
    link = CHAIN[ACCEPTANCE]
    other = replace(link, position=71, leaf=leaf(71), computed_leaf=leaf(71), follows=(CHAIN[-1].leaf,), **changes)
    dossier = but(chain=(*CHAIN, other), doubts={link.position: Doubt(link.recorded_at, 70)})
    assert find_one(chain_break, dossier).case == "unbelieved"


def test_a_report_that_is_not_believed_is_for_l01_to_judge():
    report = next(link for link in CHAIN if link.kind == "report.issued")
    assert found(chain_break, but(doubts={report.position: Doubt(report.recorded_at, 70)})) == ()


def test_an_entry_that_follows_nothing_is_loose():
    assert find_one(chain_break, with_link(3, follows=())).case == "loose"


def test_the_first_entry_may_follow_other_chains_or_none():
    assert found(chain_break, with_link(0, follows=())) == ()


def test_an_entry_may_join_its_chain_with_others():
    assert found(chain_break, with_link(3, follows=(CHAIN[2].leaf, leaf(32)))) == ()


def test_a_followed_leaf_that_the_ledger_does_not_have_is_found():
    finding = find_one(chain_break, with_link(0, follows=(leaf(999),)))
    assert (finding.case, finding.facts["leaf"]) == ("unknown_leaf", leaf(999).hex())


@pytest.mark.parametrize(("shift", "cases"), [(-1, []), (0, ["not_older"]), (1, ["not_older"])])
def test_a_followed_leaf_has_to_be_older(shift, cases):
    known = {**HISTORY.known_leaves, CHAIN[2].leaf: CHAIN[3].position + shift}
    assert [finding.case for finding in found(chain_break, but(known_leaves=known))] == cases


def test_a_lot_that_was_begun_twice_is_found():
    finding = find_one(chain_break, but(repeats=(Repeat(50, DRUM, LAB),)))
    assert finding.case == "begun_twice"
    assert finding.entries == (33, 50)
    assert (finding.facts["party"], finding.facts["first_party"]) == (LAB, MAKER)


# --- C03 ---

DAY = civil_day(CHAIN[ACCEPTANCE].issued_at)


def under_ban(party=CONTRACTOR, start=DAY, end=DAY):
    return but(bans=(Ban(12, party, start, end),))


def test_what_a_banned_party_says_is_found():
    finding = find_one(not_entitled, under_ban())
    assert (finding.case, finding.severity) == ("banned", Severity.BLOCK)
    assert finding.entries == (12, CHAIN[ACCEPTANCE].position)
    assert finding.facts == {"party": CONTRACTOR, "kind": "goods.accepted", "day": DAY, "banned_from": DAY}


def test_a_ban_without_end_reaches_all_that_follows():
    said_since = [entry for entry in CHAIN if entry.issuer == CONTRACTOR and civil_day(entry.issued_at) >= DAY]
    assert len(found(not_entitled, under_ban(end=None))) == len(said_since) == 2


@pytest.mark.parametrize(
    "ban",
    [
        {"party": MAKER},
        {"start": DAY + timedelta(days=1), "end": DAY + timedelta(days=6)},
        {"start": date(2015, 4, 1), "end": date(2015, 5, 6)},
    ],
)
def test_a_ban_of_others_or_on_other_days_does_not_count(ban):
    assert found(not_entitled, under_ban(**ban)) == ()


def test_a_banned_party_may_answer_a_recall():
    answer = link(60, "recall.answered", CONTRACTOR, CHAIN[ACCEPTANCE].issued_at, CHAIN[-1].position)
    assert len(found(not_entitled, but(under_ban(), chain=(*CHAIN, answer)))) == 1
