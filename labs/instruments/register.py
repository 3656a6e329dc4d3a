"""What is known of labs' instruments: their calibrations with the days between which each holds, and their end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.kinds import Said
from trace.ledger.asking import find_rows
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze


class CalibrationRow(Base):
    """A calibration, as the lab that owns the instrument says."""

    __tablename__ = "calibration"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    instrument: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    serial: Mapped[str | None] = mapped_column(String(60))
    parameters: Mapped[list[Any]]
    site: Mapped[str | None] = mapped_column(String(20))
    certificate: Mapped[str] = mapped_column(String(80))
    calibrated_by: Mapped[str] = mapped_column(String(120))
    calibrated_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)


class UseRow(Base):
    """A report that names an instrument: so that a calibration touches what was measured with it, and no more."""

    __tablename__ = "instrument_use"
    lab: Mapped[str] = mapped_column(String(18), primary_key=True)
    instrument: Mapped[str] = mapped_column(String(60), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class RetirementRow(Base):
    """The last day of an instrument."""

    __tablename__ = "instrument_retirement"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    instrument: Mapped[str] = mapped_column(String(60))
    retired_on: Mapped[date] = mapped_column(Date)


@dataclass(frozen=True, slots=True)
class Calibration:
    """An instrument may be relied on from `calibrated_on` to `due_on`, both included."""

    entry: int
    lab: str
    instrument: str
    name: str
    serial: str | None
    parameters: tuple[str, ...]
    site: str | None
    certificate: str
    calibrated_by: str
    calibrated_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Retirement:
    """An instrument was used on `retired_on` for the last time, until it is calibrated anew after that."""

    entry: int
    lab: str
    instrument: str
    retired_on: date


def note_calibration(session: Session, said: Said) -> None:
    """Effect of `instrument.calibrated`."""
    session.add(CalibrationRow(entry=said.position, lab=said.issuer, **said.body))


def retire_instrument(session: Session, said: Said) -> None:
    """Effect of `instrument.retired`."""
    body = said.body
    session.add(
        RetirementRow(
            entry=said.position, lab=said.issuer, instrument=body["instrument"], retired_on=body["retired_on"]
        )
    )


def note_uses(session: Session, said: Said) -> None:
    """Which instruments the rows of an issued or amended report name."""
    named = {row["instrument"] for row in said.body["rows"]} - {None}
    session.add_all(UseRow(lab=said.issuer, instrument=name, entry=said.position) for name in sorted(named))


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_calibrations(session: Session, labs: Collection[str]) -> tuple[Calibration, ...]:
    """The calibrations of these labs' instruments."""
    rows = find_rows(session, CalibrationRow, {"lab": labs}, "entry")
    return tuple(freeze(Calibration, row) for row in rows)


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_retirements(session: Session, labs: Collection[str]) -> tuple[Retirement, ...]:
    """Which instruments of these labs were taken out of use."""
    rows = find_rows(session, RetirementRow, {"lab": labs}, "entry")
    return tuple(freeze(Retirement, row) for row in rows)


def intervals_of(
    calibrations: Iterable[Calibration], retirements: Iterable[Retirement], lab: str, instrument: str
) -> tuple[tuple[date, date, Calibration], ...]:
    """The days, both included, on which an instrument may be relied on, with the calibration by which; in order of
    record. A retirement cuts off what earlier calibrations still promised.
    """
    ends = [one for one in retirements if (one.lab, one.instrument) == (lab, instrument)]
    return tuple(
        (one.calibrated_on, min([one.due_on, *(end.retired_on for end in ends if end.entry > one.entry)]), one)
        for one in calibrations
        if (one.lab, one.instrument) == (lab, instrument)
    )
