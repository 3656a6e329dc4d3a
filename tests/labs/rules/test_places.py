"""L20: the place of the tests, the lab's sites, and where the sample was taken in."""

from dataclasses import replace

import pytest

from labs.accreditation.register import Site
from labs.rules.places import place_mismatch
from tests.facts import ACCREDITATION, HONEST, RECEPTION, REPORT, SCOPE, SITE, but, find_one, found, unlooked
from trace.findings import Severity

BRANCH = Site("2", "9 Other Street", None)


def reported_at(location, *, accreditation=ACCREDITATION, **changes):
    report = replace(REPORT, content={**REPORT.content, "location": location})
    return but(reports=(report,), accreditations=(accreditation,), **changes)


@pytest.mark.parametrize(
    "location", ["1", "head office", "Head  Office", "No. 1 Test Road", "NO.１ TEST ROAD，hall 2", "No 1 Test Road"]
)
def test_a_place_that_is_the_site_however_it_is_written_is_none_other(location):
    assert found(place_mismatch, reported_at(location)) == ()
    assert found(place_mismatch, HONEST) == ()


@pytest.mark.parametrize("location", ["11 Test Lane", "Test Road", "2", "the maker's works"])
def test_a_place_that_is_no_site_is_found(location):
    finding = find_one(place_mismatch, reported_at(location))
    assert (finding.case, finding.severity, finding.facts["location"]) == ("no_site", Severity.MAJOR, location)
    assert finding.entries == (REPORT.entry, ACCREDITATION.entry)


@pytest.mark.parametrize(("site", "is_found"), [(None, False), ("1", False), ("2", True)])
def test_a_test_that_is_in_scope_at_another_site_alone_is_found(site, is_found):
    held = replace(ACCREDITATION, sites=(SITE, BRANCH), scope=(replace(SCOPE, site=site),))
    findings = found(place_mismatch, reported_at("head office", accreditation=held))
    assert [(one.case, one.facts["sites"]) for one in findings] == [("other_site", BRANCH.address)] * is_found


def test_one_line_at_the_site_is_enough():
    lines = (replace(SCOPE, site="2"), replace(SCOPE, site="1"))
    held = replace(ACCREDITATION, sites=(SITE, BRANCH), scope=lines)
    assert found(place_mismatch, reported_at("head office", accreditation=held)) == ()


@pytest.mark.parametrize(("site", "is_found"), [(None, False), ("1", False), ("7", True)])
def test_a_sample_that_was_taken_in_elsewhere_is_found(site, is_found):
    reception = replace(RECEPTION, site=site)
    findings = found(place_mismatch, but(receptions=(reception,)))
    assert [one.case for one in findings] == ["received_elsewhere"] * is_found
    assert all(reception.entry in one.entries for one in findings)


def test_without_sites_or_place_nothing_can_be_compared():
    assert unlooked(place_mismatch, but(reports=())) == ("no_report",)
    bare = replace(ACCREDITATION, sites=())
    assert unlooked(place_mismatch, but(accreditations=(bare,))) == ("no_sites",)
    assert unlooked(place_mismatch, reported_at("")) == ("no_location",)
