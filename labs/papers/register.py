"""What is known of seals, addresses and examined files: which seal authorities are trusted, on which hosts a lab's
reports can be checked, and what somebody found in a PDF and signed.

What a file says follows from its bytes, which are no part of the ledger; so it counts only once somebody has said it
here under his own key. Anybody who has the file can examine it again (`labs/papers/examine.py`).
"""

import base64
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from labs.papers.seals import Authority
from trace.doubts import read_doubts
from trace.kinds import Said
from trace.ledger.asking import find_rows
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze


class AnchorRow(Base):
    """A seal or timestamp authority that the regulator trusts."""

    __tablename__ = "anchor"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    trusted_from: Mapped[date] = mapped_column(Date)
    trusted_to: Mapped[date | None] = mapped_column(Date)


class AnchorEndingRow(Base):
    """An authority that is not trusted from a day on."""

    __tablename__ = "anchor_ending"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    withdrawn_from: Mapped[date] = mapped_column(Date)


class LabHostRow(Base):
    """The hosts on which a lab's reports can be checked, as it last said."""

    __tablename__ = "lab_host"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    hosts: Mapped[list[Any]]


class ExaminationRow(Base):
    """What somebody found in a file that was handed over under a lab's name and number."""

    __tablename__ = "paper_examination"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    examiner: Mapped[str] = mapped_column(String(18), index=True)
    lab: Mapped[str] = mapped_column(String(18))
    number: Mapped[str] = mapped_column(String(60), index=True)
    lots: Mapped[list[Any]]
    pdf_sha256: Mapped[str] = mapped_column(String(64), index=True)
    seal_state: Mapped[str] = mapped_column(String(12))
    sealed_by: Mapped[str | None] = mapped_column(String(18))
    hosts: Mapped[list[Any]]
    differences: Mapped[list[Any]]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A trusted authority: its certificate as DER, from a day to a day (both included; None: no end)."""

    entry: int
    sha256: str
    purpose: str
    name: str
    certificate: bytes
    trusted_from: date
    trusted_to: date | None
    withdrawn_from: date | None
    withdrawn_by: int | None

    def is_trusted_on(self, day: date) -> bool:
        """Is it trusted for what is known to have existed on this day?"""
        is_over = self.trusted_to is not None and day > self.trusted_to
        return self.trusted_from <= day and not is_over and (self.withdrawn_from is None or day < self.withdrawn_from)


@dataclass(frozen=True, slots=True)
class LabHosts:
    """Where a lab's reports can be checked."""

    entry: int
    lab: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the file's text says where the lab's report says something else."""

    field: str
    registered: str
    printed: str


@dataclass(frozen=True, slots=True)
class ExaminedPaper:
    """An examination as its signer stated it; `seal_state` as in `labs/papers/seals.py`, or `none`."""

    entry: int
    examiner: str
    lab: str
    number: str
    lots: tuple[str, ...]
    pdf_sha256: str
    seal_state: str
    sealed_by: str | None
    hosts: tuple[str, ...]
    differences: tuple[Difference, ...]


def trust_anchor(session: Session, said: Said) -> None:
    """Effect of `anchor.trusted`."""
    body = said.body
    certificate = base64.b64decode(body["certificate"])
    session.add(
        AnchorRow(
            entry=said.position,
            sha256=hashlib.sha256(certificate).hexdigest(),
            purpose=body["purpose"],
            name=body["name"],
            certificate=certificate,
            trusted_from=body["trusted_from"],
            trusted_to=body["trusted_to"],
        )
    )


def withdraw_anchor(session: Session, said: Said) -> None:
    """Effect of `anchor.withdrawn`: of every trust in this certificate on record so far."""
    body = said.body
    session.add(
        AnchorEndingRow(entry=said.position, sha256=body["certificate_sha256"], withdrawn_from=body["withdrawn_from"])
    )


def state_hosts(session: Session, said: Said) -> None:
    """Effect of `hosts.stated`: takes the place of what the lab said before."""
    session.add(LabHostRow(entry=said.position, lab=said.issuer, hosts=said.body["hosts"]))


def examine_paper(session: Session, said: Said) -> None:
    """Effect of `paper.examined`."""
    body = said.body
    session.add(
        ExaminationRow(
            entry=said.position,
            examiner=said.issuer,
            lab=body["lab"],
            number=body["number"],
            lots=list(dict.fromkeys(body["lots"])),
            pdf_sha256=body["pdf_sha256"],
            seal_state=body["seal_state"],
            sealed_by=body["sealed_by"],
            hosts=body["hosts"],
            differences=[dict(one) for one in body["differences"]],
        )
    )


def read_anchors(session: Session) -> tuple[Anchor, ...]:
    """All that are believed, with their ends, in order of record."""
    rows = list(session.scalars(select(AnchorRow).order_by(AnchorRow.entry)))
    endings = list(session.scalars(select(AnchorEndingRow).order_by(AnchorEndingRow.entry)))
    doubts = read_doubts(session, {one.entry for one in rows} | {one.entry for one in endings}) if rows else {}
    believed = [ending for ending in endings if ending.entry not in doubts]
    return tuple(_anchor(row, believed) for row in rows if row.entry not in doubts)


def read_authorities(session: Session, day: date) -> tuple[Authority, ...]:
    """What seals of this day are validated against."""
    trusted = [anchor for anchor in read_anchors(session) if anchor.is_trusted_on(day)]
    return tuple(dict.fromkeys(Authority(anchor.purpose, anchor.certificate) for anchor in trusted))


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_hosts(session: Session, labs: Collection[str]) -> Iterable[LabHosts]:
    """What these labs have said of their hosts, in order; the last of a lab that is believed counts."""
    rows = find_rows(session, LabHostRow, {"lab": labs}, "entry")
    return [freeze(LabHosts, row, hosts=tuple(row.hosts)) for row in rows]


def read_all_hosts(session: Session) -> tuple[LabHosts, ...]:
    """What all labs have said of their hosts, in order: some dozens."""
    rows = session.scalars(select(LabHostRow).order_by(LabHostRow.entry))
    return tuple(freeze(LabHosts, row, hosts=tuple(row.hosts)) for row in rows)


def read_examinations(session: Session, numbers: Collection[str]) -> tuple[ExaminedPaper, ...]:
    """Examinations of papers with these numbers, in order."""
    return tuple(map(_examined, find_rows(session, ExaminationRow, {"number": numbers}, "entry")))


def _anchor(row: AnchorRow, endings: list[AnchorEndingRow]) -> Anchor:
    end = next((one for one in endings if one.sha256 == row.sha256 and one.entry > row.entry), None)
    return freeze(
        Anchor,
        row,
        withdrawn_from=end.withdrawn_from if end is not None else None,
        withdrawn_by=end.entry if end is not None else None,
    )


def _examined(row: Any) -> ExaminedPaper:
    differences = tuple(Difference(one["field"], one["registered"], one["printed"]) for one in row.differences)
    return freeze(ExaminedPaper, row, lots=tuple(row.lots), hosts=tuple(row.hosts), differences=differences)
