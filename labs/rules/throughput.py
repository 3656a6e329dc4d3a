"""Was one instrument, or one person, at two things at once? L15, over all reports of a lab.

Only rows that say from when to when they were tested are looked at, and none that lasted longer than a day: those are
specimens at rest. Which instruments hold one specimen at a time the standards pack says. Persons may do two things in
one room, so of them only two places are found.
"""

from collections.abc import Iterator

from labs.bench.register import Work
from labs.dossier import Dossier
from labs.reports.register import works_of
from labs.rules.concern import current_reports
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L15", Severity.CRITICAL)
def impossible_throughput(dossier: Dossier) -> Judgement:
    """Two specimens in one instrument at a time, or one analyst at two places; each other report once."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L15", "no_report")
    for report in reports:
        works = works_of(report)
        if not works:
            yield Unchecked("L15", "no_times", {"lab": report.lab, "number": report.number})
        others = [
            other for other in dossier.others_at_bench if (other.lab, other.number) != (report.lab, report.number)
        ]
        yield from _one_each(dossier, works, others)


def _one_each(dossier: Dossier, works: tuple[Work, ...], others: list[Work]) -> Iterator[Finding]:
    told = set[tuple[str, str]]()
    for work in works:
        for other in others:
            if work.lab != other.lab or not work.overlaps(other):
                continue
            if _is_taken_twice(dossier, work, other) and ("instrument", other.number) not in told:
                told.add(("instrument", other.number))
                facts = _facts(work, other) | {"instrument": work.instrument or ""}
                yield Finding("L15", Severity.CRITICAL, facts, (work.entry, other.entry), "instrument")
            if _is_at_two_places(work, other) and ("analyst", other.number) not in told:
                told.add(("analyst", other.number))
                facts = _facts(work, other) | {"analyst": work.analyst or ""}
                facts |= {"place": work.site or work.location, "other_place": other.site or other.location}
                yield Finding("L15", Severity.MAJOR, facts, (work.entry, other.entry), "analyst")


def _is_taken_twice(dossier: Dossier, work: Work, other: Work) -> bool:
    if work.instrument is None or work.instrument != other.instrument:
        return False
    # A second report on one specimen is not a second specimen: that is for L09.
    is_same_sample = work.sample is not None and work.sample == other.sample
    return not is_same_sample and any(
        _takes_instrument(dossier, parameter) for parameter in (work.parameter, other.parameter)
    )


def _takes_instrument(dossier: Dossier, parameter: str) -> bool:
    return any(one.takes_instrument and one.parameter == parameter for one in dossier.pack.durations)


def _is_at_two_places(work: Work, other: Work) -> bool:
    """By the lab's names of its sites, else by the words of both reports."""
    if work.analyst is None or work.analyst != other.analyst:
        return False
    if work.site is not None and other.site is not None:
        return work.site != other.site
    return work.site is other.site is None and _plain(work.location) != _plain(other.location)


def _plain(words: str) -> str:
    return "".join(words.casefold().split())


def _facts(work: Work, other: Work) -> dict[str, Fact]:
    return {
        "lab": work.lab,
        "number": work.number,
        "started_at": work.started_at,
        "ended_at": work.ended_at,
        "other_number": other.number,
        "other_started_at": other.started_at,
        "other_ended_at": other.ended_at,
    }
