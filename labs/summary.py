"""What is told of a lot to whoever scans it: the verdict, and the facts that stand beside it.

As it was last judged it is kept (`labs/casework/register.py`), and a page takes it from there for as long as nothing
has changed. What is kept is CBOR in a form of the house's own; only the edition that wrote it reads it.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import cbor2
from cattrs import Converter

from labs.dossier import Dossier
from labs.judge import Verdict
from labs.reports.register import Paper, Report
from labs.rules.concern import doubted_reports
from labs.sampling.register import Sample
from trace.custody.register import Holder
from trace.findings import Fact
from trace.packing.register import Packing, packed_in
from trace.parties.belief import Doubt
from trace.parties.register import Party
from trace.production.register import Lot
from trace.site.register import SiteAct
from trace.stretches import still_installed


@dataclass(frozen=True, slots=True)
class Tested:
    """A lab's report that speaks for the lot, with the sample that it names, if that is on record."""

    report: Report
    sample: Sample | None
    is_denied: bool
    """The lab itself has denied the number."""


@dataclass(frozen=True, slots=True)
class Summary:
    """All that is told of a lot, as it was judged at `at` (UTC); words for it are the reader's."""

    lot_id: str
    at: datetime
    verdict: Verdict
    lot: Lot | None
    parties: Mapping[str, Party]
    tests: tuple[Tested, ...]
    """Newest first."""
    papers: tuple[Paper, ...]
    """Presented under a lab's name, with a number that this lab never signed. Newest first."""
    doubted: tuple[Report, ...]
    """Reports for this lot that stand in a lab's name and are not believed. Newest first."""
    doubts: Mapping[int, Doubt]
    """Which entries are not believed, and why."""
    holder: Holder | None
    packed_in: tuple[Packing, ...]
    installed: tuple[SiteAct, ...]
    is_drum_measured: bool
    """Somebody measured the whole drum, not only its ends."""
    is_divided: bool
    """It was cut into other lots or units, each with a holder of its own."""
    chain: bytes
    """The hash of its chain (`hash_chain`), with the bytes of its entries as they stood."""


def summarise(dossier: Dossier, verdict: Verdict) -> Summary:
    """Out of all that is known, what is told."""
    history = dossier.history
    return Summary(
        lot_id=history.lot_id,
        at=history.at,
        verdict=verdict,
        lot=history.lot,
        parties=dossier.parties,
        tests=tuple(_tests(dossier)),
        papers=tuple(_unsigned_papers(dossier)),
        doubted=tuple(reversed(doubted_reports(dossier))),
        doubts=dossier.doubts,
        holder=history.holders.get(history.lot_id),
        packed_in=packed_in(history.packings, history.lot_id),
        installed=tuple(still_installed([act for act in history.site_acts if act.lot == history.lot_id])),
        is_drum_measured=bool({one.lot for one in dossier.measurements} & dossier.covered),
        is_divided=bool(history.lineage.same_down),
        chain=hash_chain((link.position, link.computed_leaf) for link in history.chain),
    )


def hash_chain(entries: Iterable[tuple[int, bytes]]) -> bytes:
    """One SHA-256 for the entries of a chain, by position and the SHA-256 of their bytes, in order."""
    digest = hashlib.sha256()
    for position, leaf in entries:
        digest.update(position.to_bytes(8, "big") + leaf)
    return digest.digest()


def write_summary(summary: Summary) -> bytes:
    """To be kept: compressed CBOR."""
    return zlib.compress(cbor2.dumps(_converter.unstructure(summary), date_as_datetime=False))


def read_summary(data: bytes) -> Summary:
    """What `write_summary` of the same edition wrote."""
    return _converter.structure(cbor2.loads(zlib.decompress(data)), Summary)


def _make_converter() -> Converter:
    """Between values and what CBOR knows, to which these types belong."""
    converter = Converter()
    for kind in (date, datetime, Decimal, bytes):
        converter.register_unstructure_hook(kind, lambda value: value)
        converter.register_structure_hook(kind, lambda value, _: value)
    converter.register_structure_hook(Fact, lambda value, _: value)
    return converter


_converter = _make_converter()


def _tests(dossier: Dossier) -> Iterator[Tested]:
    """Reports that stand, and speak for this lot by naming it or the same material above it."""
    samples = {sample.sample: sample for sample in dossier.samples}
    denied = {(denial.lab, denial.number) for denial in dossier.denials}
    for report in reversed(dossier.reports):
        if report.is_current and dossier.covered & set(report.lots):
            sample = samples.get(report.sample) if report.sample else None
            yield Tested(report, sample, (report.lab, report.number) in denied)


def _unsigned_papers(dossier: Dossier) -> Iterator[Paper]:
    signed = {(report.lab, report.number) for report in (*dossier.reports, *dossier.doubted_reports)}
    for paper in reversed(dossier.papers):
        if (
            paper.type == "report"
            and dossier.covered & set(paper.lots)
            and (paper.claimed_body, paper.number) not in signed
        ):
            yield paper
