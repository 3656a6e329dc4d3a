"""L19, and what an examination of a file adds to L01 and L02."""

from dataclasses import replace

import pytest

from labs.papers.register import Difference, ExaminedPaper, LabHosts
from labs.rules.authenticity import altered, not_signed_by_the_lab
from labs.rules.papers import address_of_another
from tests.facts import CONTRACTOR, DRUM, LAB, OTHER_LAB, PAPER, SISTER, but, find_one, found, unlooked
from trace.findings import Finding, Severity

HOSTS = LabHosts(14, LAB, ("report.lab.example",))
SHOWN = "b" * 64
"""A file that the lab did not sign."""
SIGNED = "a" * 64
"""The one that it did (`REPORT`)."""
EXAMINED = ExaminedPaper(61, CONTRACTOR, LAB, "R-2015-001", (DRUM,), SHOWN, "valid", LAB, ("report.lab.example",), ())


def examined(**changes):
    papers = (replace(PAPER, pdf_sha256=SHOWN),)
    return but(papers=papers, examinations=(replace(EXAMINED, **changes),), lab_hosts=(HOSTS,))


def cases(rule, dossier):
    said = [one for one in rule.check(dossier) if isinstance(one, Finding)]
    return [(one.case, one.severity) for one in said if 61 in one.entries]


# --- L19 ---


def test_code_that_leads_to_the_labs_host_is_nothing():
    assert found(address_of_another, examined()) == ()


@pytest.mark.parametrize(
    ("host", "case", "severity"),
    [
        ("report.1ab.example", "lookalike", Severity.CRITICAL),
        ("reports.labs.example", "lookalike", Severity.CRITICAL),
        ("reports.labs.examples", "other", Severity.MAJOR),
        ("xn--rprt-lab.example", "other", Severity.MAJOR),
    ],
)
def test_code_that_leads_elsewhere_is_found(host, case, severity):
    finding = find_one(address_of_another, examined(hosts=(host,)))
    assert (finding.case, finding.severity, finding.facts["ascii"]) == (case, severity, host)
    assert finding.entries == (61, HOSTS.entry)


def test_what_the_lab_said_last_counts():
    moved = replace(HOSTS, entry=62, hosts=("q.lab.example",))
    dossier = but(examined(hosts=("q.lab.example",)), lab_hosts=(HOSTS, moved))
    assert found(address_of_another, dossier) == ()


def test_without_hosts_of_the_lab_or_an_examination_nothing_was_looked_at():
    strange = replace(HOSTS, lab=OTHER_LAB)
    assert unlooked(address_of_another, but(examined(), lab_hosts=(strange,))) == ("no_hosts",)
    assert unlooked(address_of_another, but(lab_hosts=(HOSTS,))) == ("not_examined",)
    assert unlooked(address_of_another, but(reports=(), papers=())) == ()


def test_examination_of_a_file_that_nobody_handed_over_says_nothing():
    accused = examined(hosts=("evil.example",), pdf_sha256="c" * 64)
    assert cases(address_of_another, accused) == []
    assert cases(address_of_another, examined(hosts=("evil.example",), lots=(SISTER,))) == []


# --- L01 ---


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("valid", []),
        ("unsupported", []),
        ("broken", [("seal_broken", Severity.CRITICAL)]),
        ("changed", [("seal_changed", Severity.CRITICAL)]),
        ("revoked", [("seal_revoked", Severity.CRITICAL)]),
        ("untrusted", [("seal_untrusted", Severity.MAJOR)]),
        ("expired", [("seal_expired", Severity.MAJOR)]),
        ("none", [("seal_missing", Severity.CRITICAL)]),
    ],
)
def test_state_of_the_seal_is_judged(state, expected):
    assert cases(not_signed_by_the_lab, examined(seal_state=state)) == expected


def test_a_seal_that_cannot_be_judged_is_said():
    assert unlooked(not_signed_by_the_lab, examined(seal_state="unsupported")) == ("seal_unsupported",)


def test_a_paper_that_claims_no_electronic_seal_need_have_none():
    dossier = but(examined(seal_state="none"), papers=(replace(PAPER, pdf_sha256=SHOWN, seal="ink"),))
    assert cases(not_signed_by_the_lab, dossier) == []


def test_seal_of_another_organisation_is_found():
    assert cases(not_signed_by_the_lab, examined(sealed_by=OTHER_LAB)) == [("seal_foreign", Severity.CRITICAL)]


def test_file_that_the_lab_put_on_record_needs_no_other_seal():
    dossier = but(examinations=(replace(EXAMINED, pdf_sha256=SIGNED, seal_state="untrusted"),))
    assert cases(not_signed_by_the_lab, dossier) == []


# --- L02 ---

DIFFERENCE = Difference("conductor_resistance", "7.290 ohm/km", "7.190")


def test_text_that_says_another_value_is_found():
    assert cases(altered, examined(differences=(DIFFERENCE,))) == [("text", Severity.CRITICAL)]


def test_a_lab_whose_own_file_says_two_things_is_asked():
    own = replace(EXAMINED, pdf_sha256=SIGNED, differences=(DIFFERENCE,))
    assert cases(altered, but(examinations=(own,))) == [("own_text", Severity.MAJOR)]


def test_text_that_says_the_same_is_nothing():
    assert cases(altered, examined()) == []
