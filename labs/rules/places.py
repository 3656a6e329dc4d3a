"""Was the test made where the lab was assessed? L20.

Compared are three places: those that the accrediting body has on record as the lab's sites, the one that the report
gives for its tests (ISO/IEC 17025:2017 7.8.2.1 c), and the one at which the lab took the sample in. The report's is
free text: it is a site's where it is its number or name, or holds its address, whatever the spaces, marks and width.
"""

import unicodedata
from collections.abc import Iterator

from labs.accreditation.register import ScopeRow, Site
from labs.dossier import Dossier
from labs.reports.register import Report
from labs.rules.concern import current_reports, samples_behind
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L20", Severity.MAJOR)
def place_mismatch(dossier: Dossier) -> Judgement:
    """A report from a place that is no site of the lab, or not the one at which it may make these tests; or on a
    sample that was taken in at a place that is none.
    """
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L20", "no_report")
    for report in reports:
        held = [one for one in dossier.accreditations if one.lab == report.lab]
        sites = [site for one in held for site in one.sites]
        if not sites:
            yield Unchecked("L20", "no_sites", _named(report))
            continue
        proof = (report.entry, *(one.entry for one in held if one.sites))
        yield from _judge_location(report, sites, [line for one in held for line in one.scope], proof)
        yield from _judge_receptions(dossier, report, {site.site: site for site in sites}, proof)


def _judge_location(
    report: Report, sites: list[Site], scope: list[ScopeRow], proof: tuple[int, ...]
) -> Iterator[Finding | Unchecked]:
    location = str(report.content.get("location") or "")
    if not location:
        yield Unchecked("L20", "no_location", _named(report))
        return
    facts = _named(report) | {"location": location}
    here = {site.site for site in sites if _is_at(location, site)}
    if not here:
        addresses = "; ".join(dict.fromkeys(site.address for site in sites))
        yield Finding("L20", Severity.MAJOR, facts | {"sites": addresses}, proof, "no_site")
        return
    for row in report.rows:
        told = (row.object, row.parameter, row.method)
        places = {line.site for line in scope if (line.object, line.parameter, line.method) == told}
        # A line without a site is for all of them; a row without a line is L06's.
        if places and None not in places and not places & here:
            known = {site.site: site.address for site in sites}
            facts |= {"parameter": row.parameter}
            facts["sites"] = "; ".join(known.get(place or "", place or "") for place in sorted(places, key=str))
            yield Finding("L20", Severity.MAJOR, facts, proof, "other_site")
            return


def _judge_receptions(
    dossier: Dossier, report: Report, sites: dict[str, Site], proof: tuple[int, ...]
) -> Iterator[Finding]:
    samples = {(sample.sample, sample.lot) for sample in samples_behind(dossier, report)}
    for reception in dossier.receptions:
        is_of_report = (reception.sample, reception.lot) in samples and reception.lab == report.lab
        if is_of_report and reception.site is not None and reception.site not in sites:
            facts = _named(report) | {"sample": reception.sample, "site": reception.site}
            facts["sites"] = "; ".join(dict.fromkeys(site.address for site in sites.values()))
            yield Finding("L20", Severity.MAJOR, facts, (*proof, reception.entry), "received_elsewhere")


def _named(report: Report) -> dict[str, Fact]:
    return {"lab": report.lab, "number": report.number}


def _is_at(location: str, site: Site) -> bool:
    told, names = _plain(location), {_plain(site.site), _plain(site.name or "")} - {""}
    return told in names or (bool(_plain(site.address)) and _plain(site.address) in told)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(mark for mark in folded if mark.isalnum())
