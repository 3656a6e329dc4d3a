"""L23: the letters of 7.8.2.1, each missing alone."""

from dataclasses import replace

import pytest

from labs.rules.content import mandatory_content_missing
from tests.facts import REPORT, ROW, but, find_one, found, unlooked
from trace.findings import Severity

MAJOR, MINOR = Severity.MAJOR, Severity.MINOR


def content(**changes):
    return but(reports=(replace(REPORT, content={**REPORT.content, **changes}),))


def report(**changes):
    return but(reports=(replace(REPORT, **changes),))


@pytest.mark.parametrize(
    ("dossier", "item", "severity"),
    [
        (content(title="/"), "title", MINOR),
        (content(location="-"), "location", MAJOR),
        (report(client=None), "client", MAJOR),
        (report(rows=(ROW, replace(ROW, method="n/a"))), "method", MAJOR),
        (content(item="\u65e0"), "item", MAJOR),
        (content(condition="N.A."), "condition", MINOR),
        (report(received_on=None), "received", MAJOR),
        (report(sampled_on=None), "sampled", MINOR),
        (content(sampling_plan=None), "sampling", MINOR),
        (content(only_items_tested=False), "only_items", MAJOR),
        (report(signatory="--"), "authorised", MINOR),
        (report(rows=(replace(ROW, provider="another lab"),)), "provider", MINOR),
    ],
)
def test_each_item_that_is_missing_is_found_with_its_weight(dossier, item, severity):
    finding = find_one(mandatory_content_missing, dossier)
    assert (finding.case, finding.severity, finding.entries) == (item, severity, (REPORT.entry,))


@pytest.mark.parametrize(
    "dossier",
    [
        content(sampling_plan=None, sampling_method="GB/T 2828.1"),
        report(sample=None, sampled_on=None, content={**REPORT.content, "sampling_plan": None}),
        content(item="N"),
        content(deviations=None),
    ],
)
def test_what_is_not_relevant_may_be_absent_and_short_words_are_words(dossier):
    assert found(mandatory_content_missing, dossier) == ()


def test_results_of_others_are_said_to_be_theirs():
    rows = (replace(ROW, provider="another lab"),)
    dossier = report(rows=rows, content={**REPORT.content, "external_results": "row 1: another lab"})
    assert found(mandatory_content_missing, dossier) == ()


def test_without_a_report_nothing_was_looked_at():
    assert unlooked(mandatory_content_missing, but(reports=())) == ("no_report",)
