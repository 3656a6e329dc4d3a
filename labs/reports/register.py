"""What is known of reports: as labs issued, amended and withdrew them, what labs denied, and what others presented
under their names.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from labs.bench.register import (
    RawFile,
    RawFileRow,
    Work,
    is_at_bench,
    note_bench,
    read_others_at_bench,
)
from labs.instruments.register import UseRow, note_uses
from trace.doubts import read_doubts
from trace.epcis.events import Quantity, make_quantity
from trace.kinds import Said
from trace.ledger.asking import any_of, ask, ask_ahead, find_rows
from trace.ledger.ink import add_row
from trace.ledger.tables import Base, freeze
from trace.parties.belief import Doubt
from trace.parties.register import read_doubted_keys


class ReportRow(Base):
    """A version of a report, signed by its lab."""

    __tablename__ = "report"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    number: Mapped[str] = mapped_column(String(60), index=True)
    kid: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    sample: Mapped[str | None] = mapped_column(String(60), index=True)
    client: Mapped[str | None] = mapped_column(String(18))
    signatory: Mapped[str] = mapped_column(String(60))
    conclusion: Mapped[str] = mapped_column(String(4), index=True)
    sampled_on: Mapped[date | None] = mapped_column(Date)
    received_on: Mapped[date | None] = mapped_column(Date)
    approved_on: Mapped[date] = mapped_column(Date)
    issued_on: Mapped[date] = mapped_column(Date)
    covers: Mapped[Decimal | None]
    covers_unit: Mapped[str | None] = mapped_column(String(3))
    required: Mapped[list[Any]]
    content: Mapped[dict[str, Any]]
    rows: Mapped[list[Any]]
    pdf_sha256: Mapped[str | None] = mapped_column(String(64), index=True)


class ReportEndingRow(Base):
    """An amendment or a withdrawal: it ends the versions of the number that were current before it."""

    __tablename__ = "report_ending"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18))
    number: Mapped[str] = mapped_column(String(60), index=True)
    is_withdrawal: Mapped[bool]


class ReportLotRow(Base):
    """A lot that a report names."""

    __tablename__ = "report_lot"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)


class DenialRow(Base):
    """A lab's word that it never issued a report."""

    __tablename__ = "report_denial"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    number: Mapped[str] = mapped_column(String(60), index=True)
    denied_on: Mapped[date] = mapped_column(Date)


class PaperRow(Base):
    """A report or certificate that somebody handed over, as it was printed."""

    __tablename__ = "paper"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(12))
    presenter: Mapped[str] = mapped_column(String(18), index=True)
    claimed_body: Mapped[str] = mapped_column(String(18), index=True)
    number: Mapped[str] = mapped_column(String(60), index=True)
    presented_at: Mapped[datetime]
    seal: Mapped[str] = mapped_column(String(10))
    issued_on: Mapped[date | None] = mapped_column(Date)
    holder: Mapped[str | None] = mapped_column(String(18))
    maker: Mapped[str | None] = mapped_column(String(18))
    types: Mapped[list[Any]]
    conclusion: Mapped[str | None] = mapped_column(String(4))
    rows: Mapped[list[Any]]
    pdf_sha256: Mapped[str | None] = mapped_column(String(64), index=True)


class PaperLotRow(Base):
    """A lot for which a paper was presented."""

    __tablename__ = "paper_lot"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)


# Entry, lab, number and sample of a report.
_About = tuple[int, str, str, str | None]
_REPORT, _ON_LOT = ReportRow.__table__.c, ReportLotRow.__table__.c


def _has(table: type[Base]) -> Any:
    of = table.__table__.c
    return select(of.entry).where(of.lab == _REPORT.lab, of.number == _REPORT.number).exists()


_NAMED_REPORTS = (
    select(
        *(_ON_LOT.lot, _REPORT.lab, _REPORT.number),
        *(_has(ReportEndingRow).label("is_ended"), _has(DenialRow).label("is_denied")),
    )
    .join_from(ReportLotRow.__table__, ReportRow.__table__, _REPORT.entry == _ON_LOT.entry)
    .where(_ON_LOT.lot.in_(any_of("lots")))
    .order_by(_REPORT.entry, _ON_LOT.lot)
)


_REPORTS_ON = (
    select(_REPORT.number, _REPORT.sample)
    .join_from(ReportLotRow.__table__, ReportRow.__table__, _REPORT.entry == _ON_LOT.entry)
    .where(_ON_LOT.lot.in_(any_of("lots")))
)
_PAPERS_ON = (
    select(PaperRow.__table__.c.number)
    .join_from(PaperLotRow.__table__, PaperRow.__table__, PaperRow.entry == PaperLotRow.entry)
    .where(PaperLotRow.lot.in_(any_of("lots")))
)


@dataclass(frozen=True, slots=True)
class TestRow:
    """One tested parameter. `value` in `unit`; `uncertainty` expanded, in the same unit, with coverage factor `k`.

    A conductor row may give what was read instead: `resistance_ohm` over `length_m` at `temperature_c`. `ambient_c` and
    `humidity_pct` are the room's. Times are UTC; `replicates` in `unit`, as many as the value was made from.
    """

    parameter: str
    object: str
    method: str
    value: Decimal | None
    unit: str
    uncertainty: Decimal | None
    k: Decimal | None
    limit: Decimal | None
    limit_kind: str | None
    verdict: str
    started_on: date
    ended_on: date
    resistance_ohm: Decimal | None
    length_m: Decimal | None
    temperature_c: Decimal | None
    instrument: str | None = None
    """The lab's own number of what it measured with."""
    analyst: str | None = None
    site: str | None = None
    provider: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ambient_c: Decimal | None = None
    humidity_pct: Decimal | None = None
    replicates: tuple[Decimal, ...] = ()
    raw_sha256: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A version of a report. It is current while it is neither replaced nor withdrawn. Times are UTC."""

    entry: int
    lab: str
    number: str
    kid: bytes
    signed_at: datetime
    recorded_at: datetime
    lots: tuple[str, ...]
    sample: str | None
    client: str | None
    signatory: str
    conclusion: str
    sampled_on: date | None
    received_on: date | None
    approved_on: date
    issued_on: date
    covers: Quantity | None
    required: tuple[str, ...]
    """The parameters that the order asked for; one that has no row was dropped."""
    content: Mapping[str, Any]
    rows: tuple[TestRow, ...]
    pdf_sha256: str | None
    replaces: int | None
    replaced_by: int | None
    withdrawn_by: int | None
    doubt: Doubt | None = None
    """Why it is not believed, if so. That takes nothing from what it is: it may be the current version all the same."""

    @property
    def doubted_since(self) -> datetime | None:
        """Since when its key is not believed, where that reaches it."""
        return self.doubt.since if self.doubt is not None else None

    @property
    def doubt_entry(self) -> int | None:
        """The entry that says so."""
        return self.doubt.entry if self.doubt is not None else None

    @property
    def is_current(self) -> bool:
        """Neither replaced nor withdrawn."""
        return self.replaced_by is None and self.withdrawn_by is None


@dataclass(frozen=True, slots=True)
class Denial:
    """A lab denies having issued a number."""

    entry: int
    lab: str
    number: str
    denied_on: date


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A value as it is printed on a presented paper."""

    parameter: str
    value: Decimal | None
    unit: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A `report` or `certificate` presented under the name of `claimed_body` by whoever held it. `presented_at` is the
    time of record.
    """

    entry: int
    type: str
    presenter: str
    claimed_body: str
    number: str
    lots: tuple[str, ...]
    presented_at: datetime
    seal: str
    issued_on: date | None
    holder: str | None
    maker: str | None
    types: tuple[str, ...]
    conclusion: str | None
    rows: tuple[PrintedRow, ...]
    pdf_sha256: str | None


def issue_report(session: Session, said: Said) -> None:
    """Effect of `report.issued`."""
    _add_report(session, said)


def amend_report(session: Session, said: Said) -> None:
    """Effect of `report.amended`: a new version takes the place of the lab's current one of that number."""
    _end_report(session, said, is_withdrawal=False)
    _add_report(session, said)


def withdraw_report(session: Session, said: Said) -> None:
    """Effect of `report.withdrawn`."""
    _end_report(session, said, is_withdrawal=True)


def deny_report(session: Session, said: Said) -> None:
    """Effect of `report.denied`."""
    body = said.body
    session.add(DenialRow(entry=said.position, lab=said.issuer, number=body["number"], denied_on=body["denied_on"]))


def present_paper(session: Session, said: Said) -> None:
    """Effect of `paper.presented`."""
    body = said.body
    certified = body["certified"] or {}
    session.add(
        PaperRow(
            entry=said.position,
            type=body["type"],
            presenter=said.issuer,
            claimed_body=body["claimed_body"],
            number=body["number"],
            presented_at=said.recorded_at,
            seal=body["seal"],
            issued_on=body["issued_on"],
            holder=certified.get("holder"),
            maker=certified.get("maker"),
            types=certified.get("types", []),
            conclusion=body["conclusion"],
            rows=[_plain(row) for row in body["rows"]],
            pdf_sha256=body["pdf_sha256"],
        )
    )
    session.add_all(PaperLotRow(entry=said.position, lot=lot) for lot in dict.fromkeys(body["lots"]))


def read_reports(
    session: Session, lots: Collection[str] = (), numbers: Collection[str] = (), samples: Collection[str] = ()
) -> tuple[Report, ...]:
    """All versions of the reports that name these lots, numbers or samples, in order of record.

    A version that is not believed is among them; one that is not believed does not end another.
    """
    named = {row.entry for row in find_rows(session, ReportLotRow, {"lot": lots})}
    among = {"entry": named, "number": numbers, "sample": samples}
    return _reports(session, find_rows(session, ReportRow, among, "entry"))


def read_entries_in_force(session: Session, numbers: Collection[str]) -> frozenset[int]:
    """The entries under these numbers that nothing has replaced or withdrawn."""
    reports = read_reports(session, (), numbers) if numbers else ()
    return frozenset(report.entry for report in reports if report.is_current)


def read_kin(session: Session, reports: Collection[tuple[str, str]]) -> set[str]:
    """The lots of the reports that any version of these, by lab and number, may put in another light: those with a raw
    file of it, or with somebody or something at the bench at the same time. Those on its sample: `read_lots_naming`.
    """
    rows = find_rows(session, ReportRow, {"number": {number for _, number in reports}}, "entry")
    works, raw_files = list[Work](), list[RawFile]()
    for row in rows:
        if (row.lab, row.number) in reports:
            about, tested = (row.entry, row.lab, row.number, row.sample), _at_bench(row.rows)
            works += _works(about, row.content, tested)
            raw_files += _raw_files(about, tested)
    kin = {other.entry for other in read_others_at_bench(session, works)}
    # Of many reports one may have a file of another: both are among these.
    kin |= {row.entry for row in find_rows(session, RawFileRow, {"sha256": {raw.sha256 for raw in raw_files}})}
    return {row.lot for row in find_rows(session, ReportLotRow, {"entry": kin})}


def read_retested(session: Session, lab: str) -> tuple[tuple[Report, Report], ...]:
    """A lab's reports in force, each with each other lab's in force on a lot that both name; none that is not believed.

    What they disagree on `retests.compare` says.
    """
    ours, theirs, other = aliased(ReportLotRow), aliased(ReportLotRow), aliased(ReportRow)
    pairs = (
        select(ours.entry, theirs.entry, ReportRow.number, other.number)
        .join(theirs, theirs.lot == ours.lot)
        .join(ReportRow, ReportRow.entry == ours.entry)
        .join(other, other.entry == theirs.entry)
        .where(ReportRow.lab == lab, other.lab != lab)
    )
    rows = session.execute(pairs.order_by(ours.entry, theirs.entry)).all()
    found = dict.fromkeys((one, another) for one, another, _, _ in rows)
    reports = read_reports(session, (), {number for _, _, *numbers in rows for number in numbers}) if found else ()
    standing = {report.entry: report for report in reports if report.is_current and report.doubt is None}
    return tuple(
        (standing[one], standing[another]) for one, another, *_ in found if one in standing and another in standing
    )


def read_standing(session: Session, lots: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """(lot, lab, number) of the reports that name these lots, in their last version, without those that their lab
    denies or that are not believed; in order of record. Two questions, where no key is in doubt and none has ended.
    """
    rows = ask(session, _NAMED_REPORTS, lots=list(lots)).rows if lots else ()
    if not any(row.is_ended for row in rows) and not read_doubted_keys(session):
        return tuple((row.lot, row.lab, row.number) for row in rows if not row.is_denied)
    wanted = set(lots)
    current = [report for report in read_reports(session, lots) if report.is_current and report.doubt is None]
    denied = {(denial.lab, denial.number) for denial in read_denials(session, [report.number for report in current])}
    return tuple(
        (lot, report.lab, report.number)
        for report in current
        if (report.lab, report.number) not in denied
        for lot in sorted(wanted.intersection(report.lots))
    )


def name_reports(session: Session, lots: Collection[str]) -> tuple[set[str], set[str]]:
    """The numbers of all reports that name these lots, and the samples that they are on."""
    rows = ask(session, _REPORTS_ON, lots=list(lots)).rows if lots else ()
    return {row.number for row in rows}, {row.sample for row in rows if row.sample}


def name_papers(session: Session, lots: Collection[str]) -> set[str]:
    """The numbers of all papers that were presented for these lots."""
    return set(ask(session, _PAPERS_ON, lots=list(lots)).scalars()) if lots else set()


def read_reports_of_lab(session: Session, lab: str, before: int | None = None, most: int = 50) -> tuple[Report, ...]:
    """Up to `most` versions of a lab's reports, newest first, older than entry `before` where that is given."""
    query = select(ReportRow).where(ReportRow.lab == lab).order_by(ReportRow.entry.desc()).limit(most)
    if before is not None:
        query = query.where(ReportRow.entry < before)
    return _reports(session, list(session.scalars(query)))


def count_reports(session: Session) -> dict[str, int]:
    """How many report numbers each lab has issued, by its code."""
    query = select(ReportRow.lab, func.count(ReportRow.number.distinct())).group_by(ReportRow.lab)
    return dict(session.execute(query).all())


def read_claimed_papers(session: Session, lab: str) -> tuple[Paper, ...]:
    """The reports that others presented under a lab's name, in order."""
    query = select(PaperRow).where(PaperRow.claimed_body == lab, PaperRow.type == "report")
    rows = list(session.scalars(query.order_by(PaperRow.entry)))
    lots_of = _lots_by_entry(session, PaperLotRow, [row.entry for row in rows])
    return tuple(_paper(row, lots_of.get(row.entry, ())) for row in rows)


def find_numbers(session: Session, text: str, most: int) -> tuple[tuple[str, str], ...]:
    """Up to `most` (lab, number) of reports whose number begins with `text`, whatever the case of its letters: as
    issued, and as papers claim them.
    """
    found: dict[tuple[str, str], None] = {}
    for lab, number in ((ReportRow.lab, ReportRow.number), (PaperRow.claimed_body, PaperRow.number)):
        query = select(lab, number).where(func.lower(number).startswith(text.lower(), autoescape=True))
        found |= dict.fromkeys(session.execute(query.distinct().order_by(number, lab).limit(most)))
    return tuple(found)[:most]


def find_documents(session: Session, sha256: str) -> tuple[tuple[str, str], ...]:
    """(lab, number) of the reports and papers whose PDF has this SHA-256."""
    found: dict[tuple[str, str], None] = {}
    for table, lab in ((ReportRow, ReportRow.lab), (PaperRow, PaperRow.claimed_body)):
        query = select(lab, table.number).where(table.pdf_sha256 == sha256).order_by(table.entry)
        found |= dict.fromkeys(session.execute(query))
    return tuple(found)


def find_first_record(session: Session, sha256: str) -> datetime | None:
    """When the ledger first named the PDF with this SHA-256: it existed by then, whoever signed."""
    times = (
        session.scalar(select(func.min(time)).where(table.pdf_sha256 == sha256))
        for table, time in ((ReportRow, ReportRow.recorded_at), (PaperRow, PaperRow.presented_at))
    )
    return min((time for time in times if time is not None), default=None)


def read_lots_of_lab(session: Session, lab: str) -> tuple[str, ...]:
    """The lots that this lab's reports, or papers under its name, speak of."""
    issued = select(ReportLotRow.lot).join(ReportRow, ReportRow.entry == ReportLotRow.entry).where(ReportRow.lab == lab)
    claimed = (
        select(PaperLotRow.lot).join(PaperRow, PaperRow.entry == PaperLotRow.entry).where(PaperRow.claimed_body == lab)
    )
    return tuple(sorted({*session.scalars(issued), *session.scalars(claimed)}))


def read_samples_of(session: Session, numbers: Collection[str]) -> set[str]:
    """The samples that reports of these numbers name."""
    return {row.sample for row in find_rows(session, ReportRow, {"number": numbers}) if row.sample is not None}


def read_lots_naming(session: Session, numbers: Collection[str], samples: Collection[str]) -> set[str]:
    """The lots that reports of these numbers or on these samples, and papers of these numbers, speak of."""
    reports = find_rows(session, ReportRow, {"number": numbers, "sample": samples})
    papers = find_rows(session, PaperRow, {"number": numbers})
    named = find_rows(session, ReportLotRow, {"entry": [row.entry for row in reports]})
    shown = find_rows(session, PaperLotRow, {"entry": [row.entry for row in papers]})
    return {row.lot for row in (*named, *shown)}


def read_lots_measured_with(session: Session, lab: str, instrument: str) -> tuple[str, ...]:
    """The lots on which this lab's reports name this instrument."""
    query = select(ReportLotRow.lot).join(UseRow, UseRow.entry == ReportLotRow.entry)
    wanted = query.where(UseRow.lab == lab, UseRow.instrument == instrument)
    return tuple(sorted(set(session.scalars(wanted))))


def read_rows(lines: Iterable[Mapping[str, Any]]) -> tuple[TestRow, ...]:
    """The rows of a report as its register keeps them."""
    return tuple(map(_test_row, lines))


def read_said_rows(body: Mapping[str, Any]) -> tuple[TestRow, ...]:
    """The rows of a report as its statement has just said them."""
    lists = ("replicates", "raw_sha256")
    return tuple(
        TestRow(**{name: row[name] for name in TestRow.__slots__} | {name: tuple(row[name]) for name in lists})
        for row in body["rows"]
    )


def read_denials(session: Session, numbers: Collection[str]) -> tuple[Denial, ...]:
    """Denials of these numbers by any lab, in order."""
    rows = find_rows(session, DenialRow, {"number": numbers}, "entry")
    return tuple(Denial(row.entry, row.lab, row.number, row.denied_on) for row in rows)


def read_papers(session: Session, lots: Collection[str] = (), numbers: Collection[str] = ()) -> tuple[Paper, ...]:
    """Papers presented for these lots, or with these numbers, in order."""
    named = {row.entry for row in find_rows(session, PaperLotRow, {"lot": lots})}
    rows = find_rows(session, PaperRow, {"entry": named, "number": numbers}, "entry")
    lots_of = _lots_by_entry(session, PaperLotRow, [row.entry for row in rows])
    return tuple(_paper(row, lots_of.get(row.entry, ())) for row in rows)


def _add_report(session: Session, said: Said) -> None:
    body = said.body
    covers = body["covers"] or {}
    rows = [_plain(row) for row in body["rows"]]
    add_row(
        session,
        ReportRow,
        entry=said.position,
        lab=said.issuer,
        number=body["number"],
        kid=said.kid,
        signed_at=said.issued_at,
        recorded_at=said.recorded_at,
        sample=body["sample"],
        client=body["client"],
        signatory=body["signatory"],
        conclusion=body["conclusion"],
        sampled_on=body["sampled_on"],
        received_on=body["received_on"],
        approved_on=body["approved_on"],
        issued_on=body["issued_on"],
        covers=covers.get("quantity"),
        covers_unit=covers.get("unit"),
        required=body["required"],
        content=body["content"],
        rows=rows,
        pdf_sha256=body["pdf_sha256"],
    )
    for lot in dict.fromkeys(body["lots"]):
        add_row(session, ReportLotRow, entry=said.position, lot=lot)
    about, tested = (said.position, said.issuer, body["number"], body["sample"]), _at_bench(rows)
    note_bench(session, _works(about, body["content"], tested), _raw_files(about, tested))
    note_uses(session, said)


def works_of(report: Report) -> tuple[Work, ...]:
    """What a report says of who was at the bench, at which instrument, from when to when."""
    return tuple(_works((report.entry, report.lab, report.number, report.sample), report.content, report.rows))


def raw_files_of(report: Report) -> tuple[RawFile, ...]:
    """The raw files that a report names, each once."""
    about = (report.entry, report.lab, report.number, report.sample)
    return tuple(dict.fromkeys(_raw_files(about, report.rows)))


def _at_bench(lines: Sequence[dict[str, Any]]) -> list[TestRow]:
    """The rows of a report; of one that says nothing of the bench none, which spares reading them."""
    if not any(line.get("started_at") or line.get("raw_sha256") for line in lines):
        return []
    return [_test_row(line) for line in lines]


def _works(about: _About, content: Mapping[str, Any], rows: Iterable[TestRow]) -> Iterator[Work]:
    for line, row in enumerate(rows):
        if row.started_at is None or row.ended_at is None or row.instrument is row.analyst is None:
            continue
        if is_at_bench(row.started_at, row.ended_at):
            entry, lab, number, sample = about
            where = (row.site, content.get("location", ""))
            who = (row.parameter, row.instrument, row.analyst)
            yield Work(entry, line, lab, number, sample, *who, *where, row.started_at, row.ended_at)


def _raw_files(about: _About, rows: Iterable[TestRow]) -> Iterator[RawFile]:
    entry, lab, number, sample = about
    return (RawFile(entry, sha256, lab, number, sample) for row in rows for sha256 in row.raw_sha256)


def _end_report(session: Session, said: Said, *, is_withdrawal: bool) -> None:
    session.add(
        ReportEndingRow(entry=said.position, lab=said.issuer, number=said.body["number"], is_withdrawal=is_withdrawal)
    )


def _reports(session: Session, rows: Sequence[Any]) -> tuple[Report, ...]:
    entries, numbers = [row.entry for row in rows], {row.number for row in rows}
    ask_ahead(session, (_lots_by_entry, ReportLotRow, entries), (_read_endings, numbers))
    lots_of = _lots_by_entry(session, ReportLotRow, entries)
    endings = _read_endings(session, numbers)
    versions = _read_versions(session, {number for _, number in endings})
    doubts = read_doubts(session, {row.entry for row in rows}) if rows else {}
    return tuple(
        _report(
            doubts.get(row.entry),
            row,
            lots_of.get(row.entry, ()),
            endings.get((row.lab, row.number), []),
            versions.get((row.lab, row.number), []),
        )
        for row in rows
    )


def _read_endings(session: Session, numbers: Collection[str]) -> dict[tuple[str, str], list[Any]]:
    """By lab and number those that are believed, in order."""
    rows = find_rows(session, ReportEndingRow, {"number": numbers}, "entry")
    doubts = read_doubts(session, {row.entry for row in rows}) if rows else {}
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        if row.entry not in doubts:
            found.setdefault((row.lab, row.number), []).append(row)
    return found


def _read_versions(session: Session, numbers: Collection[str]) -> dict[tuple[str, str], list[int]]:
    """By lab and number the entries of all versions, in order."""
    if not numbers:
        return {}
    query = select(ReportRow.lab, ReportRow.number, ReportRow.entry).where(ReportRow.number.in_(numbers))
    found: dict[tuple[str, str], list[int]] = {}
    for lab, number, entry in session.execute(query.order_by(ReportRow.entry)):
        found.setdefault((lab, number), []).append(entry)
    return found


def _lots_by_entry(
    session: Session, table: type[ReportLotRow | PaperLotRow], entries: Iterable[int]
) -> dict[int, tuple[str, ...]]:
    lots: dict[int, tuple[str, ...]] = {}
    for row in find_rows(session, table, {"entry": list(entries)}, "entry", "lot"):
        lots[row.entry] = (*lots.get(row.entry, ()), row.lot)
    return lots


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON keeps it: decimals, days and instants as text."""
    return {name: _as_text(value) for name, value in row.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return str(value) if isinstance(value, Decimal | date) else value


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _report(doubt: Doubt | None, row: Any, lots: tuple[str, ...], endings: list[Any], versions: list[int]) -> Report:
    """`endings` are those of its lab and number, `versions` the entries of all their versions; both in order.

    The first ending after a version ends it: what comes later ends those that came in between.
    """
    end = next((ending for ending in endings if ending.entry > row.entry), None)
    return freeze(
        Report,
        row,
        doubt=doubt,
        lots=lots,
        rows=read_rows(row.rows),
        covers=make_quantity(row.covers, row.covers_unit),
        replaces=_version_before(row.entry, endings, versions),
        replaced_by=end.entry if end is not None and not end.is_withdrawal else None,
        withdrawn_by=end.entry if end is not None and end.is_withdrawal else None,
    )


def _version_before(entry: int, endings: list[ReportEndingRow], versions: list[int]) -> int | None:
    """The version whose place an amendment took: the last before it that no earlier ending had ended."""
    if all(ending.entry != entry for ending in endings):
        return None
    floor = max((ending.entry for ending in endings if ending.entry < entry), default=-1)
    return max((version for version in versions if floor <= version < entry), default=None)


def _test_row(line: Mapping[str, Any]) -> TestRow:
    return TestRow(
        parameter=line["parameter"],
        object=line["object"],
        method=line["method"],
        value=_decimal(line["value"]),
        unit=line["unit"],
        uncertainty=_decimal(line["uncertainty"]),
        k=_decimal(line["k"]),
        limit=_decimal(line["limit"]),
        limit_kind=line["limit_kind"],
        verdict=line["verdict"],
        started_on=date.fromisoformat(line["started_on"]),
        ended_on=date.fromisoformat(line["ended_on"]),
        resistance_ohm=_decimal(line["resistance_ohm"]),
        length_m=_decimal(line["length_m"]),
        temperature_c=_decimal(line["temperature_c"]),
        # What was recorded before reports could say these has none of them.
        instrument=line.get("instrument"),
        analyst=line.get("analyst"),
        site=line.get("site"),
        provider=line.get("provider"),
        started_at=_instant(line.get("started_at")),
        ended_at=_instant(line.get("ended_at")),
        ambient_c=_decimal(line.get("ambient_c")),
        humidity_pct=_decimal(line.get("humidity_pct")),
        replicates=tuple(map(Decimal, line.get("replicates", ()))),
        raw_sha256=tuple(line.get("raw_sha256", ())),
    )


def _paper(row: PaperRow, lots: tuple[str, ...]) -> Paper:
    rows = tuple(
        PrintedRow(line["parameter"], _decimal(line["value"]), line["unit"], line["verdict"]) for line in row.rows
    )
    return freeze(Paper, row, lots=lots, rows=rows)
