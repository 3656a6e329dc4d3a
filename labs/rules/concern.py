"""Which reports, papers and samples speak for the lot of a dossier. Every rule of this folder asks here.

A report or paper concerns the lot if it names the lot or the same material above it. Superseded and withdrawn reports
are out: that one exists is a question of its own. Nothing here judges.
"""

from collections.abc import Iterable
from decimal import Decimal

from labs.dossier import Dossier
from labs.drawing.register import Draw
from labs.papers.register import ExaminedPaper
from labs.reports.register import Paper, Report
from labs.sampling.register import Measurement, Sample
from trace.history import History
from trace.kinds import Role
from trace.production.register import SAME_MATERIAL

_SELLING = frozenset({Role.PRODUCER, Role.DEALER})


def current_reports(dossier: Dossier) -> tuple[Report, ...]:
    """The reports in force that name the lot or the same material above it."""
    return tuple(report for report in dossier.reports if report.is_current and dossier.covered & set(report.lots))


def presented(dossier: Dossier, type_: str) -> tuple[Paper, ...]:
    """The papers of a type, `report` or `certificate`, that were handed over for the lot or what is above it."""
    return tuple(paper for paper in dossier.papers if paper.type == type_ and dossier.covered & set(paper.lots))


def versions(dossier: Dossier, paper: Paper) -> tuple[Report, ...]:
    """All versions that the named lab has on record under the paper's number, whatever lots they name."""
    return tuple(
        report for report in dossier.reports if (report.lab, report.number) == (paper.claimed_body, paper.number)
    )


def doubted_reports(dossier: Dossier) -> tuple[Report, ...]:
    """The reports that nobody believes and nothing has replaced, for the lot or under the number of a paper for it.

    Whoever has stolen a lab's key can put a report on record under the number of a forged paper. That says nothing for
    the paper.
    """
    shown = {report.entry for paper in presented(dossier, "report") for report in doubted_versions(dossier, paper)}
    return tuple(
        report
        for report in dossier.doubted_reports
        if report.is_current and (dossier.covered & set(report.lots) or report.entry in shown)
    )


def doubted_versions(dossier: Dossier, paper: Paper) -> tuple[Report, ...]:
    """The versions under the paper's number that are on record in the named lab's name and not believed."""
    return tuple(
        report
        for report in dossier.doubted_reports
        if (report.lab, report.number) == (paper.claimed_body, paper.number)
    )


def files_of(dossier: Dossier) -> frozenset[str]:
    """The SHA-256 of the files that were handed over as a report, or issued as one, for the lot or what is above it."""
    bearers: list[Paper | Report] = [*presented(dossier, "report"), *current_reports(dossier)]
    return frozenset(bearer.pdf_sha256 for bearer in bearers if bearer.pdf_sha256 is not None)


def examined(dossier: Dossier) -> tuple[ExaminedPaper, ...]:
    """The examinations of those files. One of a file that nobody handed over for the lot says nothing of it."""
    files = files_of(dossier)
    return tuple(
        paper for paper in dossier.examinations if paper.pdf_sha256 in files and dossier.covered & set(paper.lots)
    )


def drum_values(dossier: Dossier) -> tuple[Measurement, ...]:
    """The whole-drum values of the lot and of what it was cut from."""
    return tuple(measurement for measurement in dossier.measurements if measurement.lot in dossier.covered)


def samples_of(dossier: Dossier) -> tuple[Sample, ...]:
    """The samples drawn from the lot or what is above it, and those that a report in force for it rests on."""
    behind = {sample.entry for report in current_reports(dossier) for sample in samples_behind(dossier, report)}
    return tuple(sample for sample in dossier.samples if sample.lot in dossier.covered or sample.entry in behind)


def samples_behind(dossier: Dossier, report: Report) -> tuple[Sample, ...]:
    """The samples on record that bear the report's sample id and are of its material.

    An id alone proves nothing: two samplers may both have a sample 1. So a sample counts if it was drawn from a lot
    that the report names or from what was cut from one; and, for a report that speaks for the lot at hand, if it was
    drawn from the material above that.
    """
    material = set(cut_from(dossier.history, report.lots))
    if dossier.covered & set(report.lots):
        material |= dossier.covered
    return tuple(
        sample
        for sample in dossier.samples
        if sample.sample == report.sample and (sample.lot in material or _is_unit_of(sample.lot, report.lots))
    )


def supplier_side(dossier: Dossier) -> dict[str, int]:
    """Makers, suppliers by contract, those who act for them and dealers that shipped the lot; with the entry that
    shows it.
    """
    history = dossier.history
    side: dict[str, int] = {}
    for lot_id in (history.lot_id, *history.lineage.same_up):
        if (lot := history.lots.get(lot_id)) is not None:
            side.setdefault(lot.maker, lot.entry)
    for contract in history.contracts:
        for party in (contract.supplier, contract.maker, *contract.authorised):
            side.setdefault(party, contract.entry)
    for move in history.movements:
        known = dossier.parties.get(move.party)
        if move.kind == "shipped" and known is not None and known.roles & _SELLING:
            side.setdefault(move.party, move.entry)
    return side


def obeys(draw: Draw, sample: Sample, tolerance_m: Decimal) -> bool:
    """Was the sample cut after the draw, from a drum that it picked, within so many metres of the metre picked?"""
    return sample.entry >= draw.ledger_size and any(
        pick.lot == sample.lot and sample.position_m is not None and abs(sample.position_m - pick.metre) <= tolerance_m
        for pick in draw.picks
    )


def cut_from(history: History, lots: Iterable[str]) -> frozenset[str]:
    """These lots and all that splits and joins made of them, as far as the lot's lineage shows it."""
    reached, grew = set(lots), True
    while grew:
        grew = False
        for flow in history.lineage.flows:
            outputs = {portion.lot for portion in flow.outputs}
            if flow.kind in SAME_MATERIAL and not outputs <= reached and any(p.lot in reached for p in flow.inputs):
                reached |= outputs
                grew = True
    return frozenset(reached)


def _is_unit_of(lot: str, batches: Iterable[str]) -> bool:
    """Is the lot a serialised unit of one of these batches by its name? The lineage doesn't show a sister's cuts."""
    return any(lot.startswith(f"{batch}/21/") for batch in batches)
