"""Is there anything behind the value? L18: the raw files of a report, by their hashes.

ISO/IEC 17025:2017 7.5: technical records hold the original observations. A machine's curve is one of them, and no two
specimens draw the same.
"""

from labs.bench.register import RawFile
from labs.dossier import Dossier
from labs.reports.register import Report, raw_files_of
from labs.rules.concern import current_reports
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule

# SHA-256 of no bytes at all (FIPS 180-4): whoever hashes an empty file gets this.
_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@rule("L18", Severity.MAJOR)
def raw_data_missing(dossier: Dossier) -> Judgement:
    """A value of an instrument without a raw file, with an empty one, or with that of another report.

    A report that names neither instrument nor raw file says nothing that could be judged.
    """
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L18", "no_report")
    for report in reports:
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number}
        bare = [row.parameter for row in report.rows if row.instrument is not None and not row.raw_sha256]
        raw_files = raw_files_of(report)
        if bare:
            yield Finding("L18", Severity.MAJOR, facts | {"parameter": bare[0]}, (report.entry,), "missing")
        elif not raw_files:
            yield Unchecked("L18", "no_raw_data", facts)
        if any(raw.sha256 == _OF_NOTHING for raw in raw_files):
            yield Finding("L18", Severity.MAJOR, facts, (report.entry,), "empty")
        told = set[str]()
        for other in _others(dossier, report, {raw.sha256 for raw in raw_files} - {_OF_NOTHING}):
            if other.number not in told:
                told.add(other.number)
                facts |= {"sha256": other.sha256, "other_number": other.number, "other_lab": other.lab}
                yield Finding("L18", Severity.MAJOR, facts, (report.entry, other.entry), "reused")


def _others(dossier: Dossier, report: Report, hashes: set[str]) -> list[RawFile]:
    """The same files elsewhere; not in another report on the same sample, which L09 finds."""
    return [
        other
        for other in dossier.same_raw_files
        if other.sha256 in hashes
        and (other.lab, other.number) != (report.lab, report.number)
        and (other.sample is None or other.sample != report.sample)
    ]
