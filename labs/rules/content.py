"""Does a report hold what ISO/IEC 17025:2017 7.8.2.1 asks for, letter by letter? L23.

What a signed statement can't lack is not asked for: who the laboratory is (b), the number and its end (d), the days of
test and issue (i, j), results with units (m). Nor is what may rightly be absent: deviations (n). A word that says
nothing, such as a dash or "n/a", is missing.
"""

import re
from collections.abc import Iterator

from labs.dossier import Dossier
from labs.reports.register import Report
from labs.rules.concern import current_reports
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule

# Dashes, strokes and dots alone; not applicable, none, unknown; and in Chinese none, unknown, omitted, as above.
_NOTHING = re.compile(
    r"[\W_]*|n\.?/?a\.?|nil|none|null|unknown|tbd|\u65e0|\u4e0d\u8be6|\u672a\u77e5|\u7565|\u540c\u4e0a", re.IGNORECASE
)


@rule("L23", Severity.MAJOR)
def mandatory_content_missing(dossier: Dossier) -> Judgement:
    """An item that is missing: major where without it nobody can say what was tested, where, how, or for whom."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L23", "no_report")
    for report in reports:
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number}
        for severity, item in _missing(report):
            yield Finding("L23", severity, facts, (report.entry,), item)


def _missing(report: Report) -> Iterator[tuple[Severity, str]]:
    content = report.content
    if _says_nothing(content.get("title")):
        yield Severity.MINOR, "title"
    if _says_nothing(content.get("location")):
        yield Severity.MAJOR, "location"
    if report.client is None:
        yield Severity.MAJOR, "client"
    if any(_says_nothing(row.method) for row in report.rows):
        yield Severity.MAJOR, "method"
    if _says_nothing(content.get("item")):
        yield Severity.MAJOR, "item"
    if _says_nothing(content.get("condition")):
        yield Severity.MINOR, "condition"
    if report.received_on is None:
        yield Severity.MAJOR, "received"
    if report.sample is not None and report.sampled_on is None:
        yield Severity.MINOR, "sampled"
    how_sampled = [content.get("sampling_plan"), content.get("sampling_method")]
    if report.sample is not None and all(map(_says_nothing, how_sampled)):
        yield Severity.MINOR, "sampling"
    if not content.get("only_items_tested"):
        yield Severity.MAJOR, "only_items"
    if _says_nothing(report.signatory):
        yield Severity.MINOR, "authorised"
    if any(row.provider is not None for row in report.rows) and _says_nothing(content.get("external_results")):
        yield Severity.MINOR, "provider"


def _says_nothing(words: str | None) -> bool:
    return words is None or _NOTHING.fullmatch(words.strip()) is not None
