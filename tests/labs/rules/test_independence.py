"""L21: lab and supplier's side have something in common, over one step or two."""

from dataclasses import replace
from datetime import date

import pytest

from labs.relations.paths import find_ways, latest
from labs.relations.register import Relation
from labs.rules.independence import lab_not_independent
from tests.facts import (
    CONTRACT,
    DEALER,
    HONEST,
    LAB,
    MAKER,
    RELATION,
    REPORT,
    ROW,
    SMELTER,
    but,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity

PHONE, OWNER, TOWER = "a" * 64, "b" * 64, "c" * 64
THIRD = "third party"
FIRST, LAST = ROW.started_on, REPORT.issued_on


def relation(entry, party, kind, reference=None, other=None, *, since=date(2014, 1, 1), until=None):
    return Relation(entry, party, kind, reference, other, None, since, until)


def known(*relations):
    return but(relations=relations)


def test_what_only_the_lab_has_connects_it_to_nobody():
    assert found(lab_not_independent, HONEST) == ()


@pytest.mark.parametrize("kind", ["legal_representative", "shareholder", "address", "phone", "account"])
def test_whatever_both_have_is_found_with_the_entries_that_say_so(kind):
    finding = find_one(lab_not_independent, known(relation(50, LAB, kind, PHONE), relation(51, MAKER, kind, PHONE)))
    assert (finding.case, finding.severity) == ("direct", Severity.CRITICAL)
    assert (finding.facts["relation"], finding.facts["supplier"]) == (kind, MAKER)
    assert {REPORT.entry, 50, 51} <= set(finding.entries)


@pytest.mark.parametrize(("holder", "held"), [(LAB, MAKER), (MAKER, LAB)])
def test_one_that_holds_shares_in_the_other_is_found(holder, held):
    finding = find_one(lab_not_independent, known(relation(50, held, "shareholder", other=holder)))
    assert (finding.case, finding.facts["relation"]) == ("direct", "shareholder")


def test_one_person_in_two_offices_is_found():
    """Persons share a domain of references: who represents the lab holds shares in the maker."""
    relations = (relation(50, LAB, "legal_representative", OWNER), relation(51, MAKER, "shareholder", OWNER))
    assert find_one(lab_not_independent, known(*relations)).facts["relation"] == "legal_representative"


@pytest.mark.parametrize(
    "relations",
    [
        (
            relation(50, LAB, "phone", PHONE),
            relation(51, THIRD, "phone", PHONE),
            relation(52, THIRD, "account", OWNER),
            relation(53, MAKER, "account", OWNER),
        ),
        (relation(50, LAB, "shareholder", other=THIRD), relation(51, MAKER, "shareholder", other=THIRD)),
        (
            relation(50, THIRD, "shareholder", other=LAB),
            relation(51, THIRD, "address", TOWER),
            relation(52, MAKER, "address", TOWER),
        ),
    ],
)
def test_a_third_party_between_them_is_found_and_named(relations):
    finding = find_one(lab_not_independent, known(*relations))
    assert (finding.case, finding.facts["third"]) == ("over", THIRD)
    assert {one.entry for one in relations} <= set(finding.entries)


def test_three_steps_are_too_far():
    chain = (relation(50, LAB, "shareholder", other=THIRD), relation(51, "fourth", "shareholder", other=THIRD))
    far = relation(52, "fourth", "shareholder", other=MAKER)
    assert found(lab_not_independent, known(*chain, far)) == ()
    near = replace(chain[1], party=MAKER)
    assert len(found(lab_not_independent, known(chain[0], near, far))) == 1


def test_whoever_is_not_on_the_suppliers_side_may_share():
    assert found(lab_not_independent, known(RELATION, relation(51, SMELTER, "phone", PHONE))) == ()
    on_side = but(
        known(RELATION, relation(51, DEALER, "phone", PHONE)), contracts=(replace(CONTRACT, supplier=DEALER),)
    )
    assert find_one(lab_not_independent, on_side).facts["supplier"] == DEALER


@pytest.mark.parametrize(
    ("since", "until", "is_found"),
    [
        (date(2014, 1, 1), date(2015, 5, 8), False),
        (date(2014, 1, 1), date(2015, 5, 9), True),
        (date(2015, 5, 12), None, True),
        (date(2015, 5, 13), None, False),
    ],
)
def test_only_what_held_from_the_first_test_to_the_issue_counts(since, until, is_found):
    assert (date(2015, 5, 9), date(2015, 5, 12)) == (FIRST, LAST)
    other = relation(51, MAKER, "phone", PHONE, since=since, until=until)
    assert len(found(lab_not_independent, known(RELATION, other))) == is_found


def test_two_that_had_a_thing_one_after_the_other_never_shared_it():
    before = relation(50, LAB, "phone", PHONE, until=date(2015, 5, 10))
    after = relation(51, MAKER, "phone", PHONE, since=date(2015, 5, 11))
    assert found(lab_not_independent, known(before, after)) == ()
    assert len(found(lab_not_independent, known(before, replace(after, related_from=date(2015, 5, 10))))) == 1


def test_both_steps_over_a_third_party_hold_on_one_day():
    first = relation(50, LAB, "shareholder", other=THIRD, until=date(2015, 5, 10))
    second = relation(51, MAKER, "shareholder", other=THIRD, since=date(2015, 5, 11))
    assert found(lab_not_independent, known(first, second)) == ()


def test_what_was_said_again_of_the_same_pair_counts_in_its_last_words():
    first = relation(50, LAB, "shareholder", other=MAKER)
    again = replace(first, entry=51, related_to=date(2015, 5, 8))
    assert latest((first, again)) == (again,)
    assert found(lab_not_independent, known(first, again)) == ()


def test_a_supplier_that_reports_on_its_own_goods_is_found():
    finding = find_one(lab_not_independent, but(reports=(replace(REPORT, lab=MAKER),)))
    assert (finding.case, finding.facts["supplier"]) == ("itself", MAKER)


def test_a_lab_behind_which_nothing_is_on_record_could_not_be_looked_at():
    assert unlooked(lab_not_independent, known()) == ("no_relations",)
    assert unlooked(lab_not_independent, known(relation(50, MAKER, "phone", PHONE))) == ("no_relations",)
    assert unlooked(lab_not_independent, but(reports=())) == ("no_report",)


def test_a_tower_with_a_thousand_firms_is_walked_through_once():
    firms = [relation(100 + number, f"firm {number}", "address", TOWER) for number in range(1000)]
    ends = (relation(50, LAB, "address", TOWER), relation(51, MAKER, "address", TOWER))
    ((step,),) = find_ways([*ends, *firms], LAB, [MAKER, SMELTER], FIRST, LAST)
    assert (step.start, step.end) == (LAB, MAKER)
