"""What is known of samples: who drew which piece from where on the drum, who witnessed, through whose hands it went,
which lab received it, what became of the part that was kept; whole-drum values.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.kinds import Said
from trace.ledger.asking import find_rows
from trace.ledger.tables import Base, freeze
from trace.site.register import take_sample


class SampleRow(Base):
    """A sample as its drawer says it was drawn."""

    __tablename__ = "sample"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sample: Mapped[str] = mapped_column(String(60), index=True)
    lot: Mapped[str] = mapped_column(String(80), index=True)
    sampler: Mapped[str] = mapped_column(String(18))
    sampler_person: Mapped[str] = mapped_column(String(60))
    witness: Mapped[str | None] = mapped_column(String(18))
    witness_person: Mapped[str | None] = mapped_column(String(60))
    courier: Mapped[str | None] = mapped_column(String(18))
    seal: Mapped[str | None] = mapped_column(String(60))
    position_m: Mapped[Decimal | None]
    drum_length_m: Mapped[Decimal | None]
    drawn_at: Mapped[datetime]
    place: Mapped[str | None] = mapped_column(String(200))
    length_m: Mapped[Decimal | None]
    draw: Mapped[str | None] = mapped_column(String(64))
    photos: Mapped[list[Any] | None]
    latitude_deg: Mapped[Decimal | None]
    longitude_deg: Mapped[Decimal | None]


class WitnessingRow(Base):
    """A witness's own signed word that it was there."""

    __tablename__ = "witnessing"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sample: Mapped[str] = mapped_column(String(60), index=True)
    lot: Mapped[str] = mapped_column(String(80))
    party: Mapped[str] = mapped_column(String(18))
    person: Mapped[str] = mapped_column(String(60))
    witnessed_at: Mapped[datetime]


class ReceptionRow(Base):
    """A lab's receipt of a sample."""

    __tablename__ = "sample_reception"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sample: Mapped[str] = mapped_column(String(60), index=True)
    lot: Mapped[str] = mapped_column(String(80))
    lab: Mapped[str] = mapped_column(String(18))
    brought_by: Mapped[str | None] = mapped_column(String(18))
    received_at: Mapped[datetime]
    is_seal_intact: Mapped[bool]
    seal: Mapped[str | None] = mapped_column(String(60))
    condition: Mapped[str | None] = mapped_column(String(200))
    site: Mapped[str | None] = mapped_column(String(20))


class StepRow(Base):
    """What became of a sample, or of the part of it that was kept."""

    __tablename__ = "sample_step"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sample: Mapped[str] = mapped_column(String(60), index=True)
    lot: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(12))
    party: Mapped[str] = mapped_column(String(18))
    at: Mapped[datetime]
    to: Mapped[str | None] = mapped_column(String(18))
    until: Mapped[date | None] = mapped_column(Date)
    is_there: Mapped[bool | None]
    is_seal_intact: Mapped[bool | None]
    seal: Mapped[str | None] = mapped_column(String(60))
    place: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))


class MeasurementRow(Base):
    """Values of a whole drum."""

    __tablename__ = "drum_measurement"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), index=True)
    party: Mapped[str] = mapped_column(String(18))
    measured_on: Mapped[date] = mapped_column(Date)
    length_m: Mapped[Decimal]
    resistance_ohm: Mapped[Decimal]
    temperature_c: Mapped[Decimal]
    uncertainty_pct: Mapped[Decimal | None]
    net_mass_kg: Mapped[Decimal | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn sample. `position_m` is where it begins, in metres from the drum's outer end; `length_m` what was cut
    out there. `draw` is the leaf hash of the announcement that it obeys, `photos` are SHA-256, both hexadecimal; the
    place is WGS 84 in degrees.
    """

    entry: int
    sample: str
    lot: str
    sampler: str
    sampler_person: str
    witness: str | None
    witness_person: str | None
    courier: str | None
    seal: str | None
    position_m: Decimal | None
    drum_length_m: Decimal | None
    drawn_at: datetime
    place: str | None
    length_m: Decimal | None = None
    draw: str | None = None
    photos: tuple[str, ...] | None = None
    latitude_deg: Decimal | None = None
    longitude_deg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Witnessing:
    """A witness's signed word on a sample."""

    entry: int
    sample: str
    lot: str
    party: str
    person: str
    witnessed_at: datetime


@dataclass(frozen=True, slots=True)
class Reception:
    """A lab's receipt of a sample at one of its sites; `brought_by` is the party that handed it over, `seal` the one
    that was on it.
    """

    entry: int
    sample: str
    lot: str
    lab: str
    brought_by: str | None
    received_at: datetime
    is_seal_intact: bool
    seal: str | None = None
    condition: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a sample: `handed_over` by `party` `to` another; a part of it `retained` `until` a day, both
    included; that part `sought`, and found (`is_there`) or not; or `destroyed`. `note` is what is kept, or why.
    """

    entry: int
    sample: str
    lot: str
    step: str
    party: str
    at: datetime
    to: str | None = None
    until: date | None = None
    is_there: bool | None = None
    is_seal_intact: bool | None = None
    seal: str | None = None
    place: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A whole drum's loop: resistance in Ω at `temperature_c` °C over `length_m` metres; expanded uncertainty in %; and
    what the cable on it weighs, in kg, without the drum.
    """

    entry: int
    lot: str
    party: str
    measured_on: date
    length_m: Decimal
    resistance_ohm: Decimal
    temperature_c: Decimal
    uncertainty_pct: Decimal | None
    net_mass_kg: Decimal | None = None


def draw_sample(session: Session, said: Said) -> None:
    """Effect of `sample.drawn`."""
    body = said.body
    witness, where = body["witness"] or {}, body["where"] or {}
    session.add(
        SampleRow(
            entry=said.position,
            sample=body["sample"],
            lot=body["lot"],
            sampler=said.issuer,
            sampler_person=body["sampler"],
            witness=witness.get("party"),
            witness_person=witness.get("person"),
            courier=body["courier"],
            seal=body["seal"],
            position_m=body["position_m"],
            drum_length_m=body["drum_length_m"],
            drawn_at=body["drawn_at"],
            place=body["place"],
            length_m=body["length_m"],
            draw=body["draw"],
            photos=body["photos"] or None,
            latitude_deg=where.get("latitude_deg"),
            longitude_deg=where.get("longitude_deg"),
        )
    )
    if body["length_m"] is not None:
        take_sample(session, said, body["lot"], body["drawn_at"], body["length_m"], body["position_m"])


def witness_sample(session: Session, said: Said) -> None:
    """Effect of `sample.witnessed`."""
    body = said.body
    session.add(
        WitnessingRow(
            entry=said.position,
            sample=body["sample"],
            lot=body["lot"],
            party=said.issuer,
            person=body["witness"],
            witnessed_at=body["witnessed_at"],
        )
    )


def receive_sample(session: Session, said: Said) -> None:
    """Effect of `sample.received`."""
    body = said.body
    session.add(
        ReceptionRow(
            entry=said.position,
            sample=body["sample"],
            lot=body["lot"],
            lab=said.issuer,
            brought_by=body["brought_by"],
            received_at=body["received_at"],
            is_seal_intact=body["is_seal_intact"],
            seal=body["seal"],
            condition=body["condition"],
            site=body["site"],
        )
    )


def note_step(step: str) -> Callable[[Session, Said], None]:
    """The effect that writes down what became of a sample; the time stands in the body's member `at`."""

    def note(session: Session, said: Said) -> None:
        body = said.body
        session.add(
            StepRow(
                entry=said.position,
                sample=body["sample"],
                lot=body["lot"],
                step=step,
                party=said.issuer,
                at=body["at"],
                to=body.get("to"),
                until=body.get("until"),
                is_there=body.get("is_there"),
                is_seal_intact=body.get("is_seal_intact"),
                seal=body.get("seal"),
                place=body.get("place"),
                note=body.get("note"),
            )
        )

    return note


def measure_drum(session: Session, said: Said) -> None:
    """Effect of `drum.measured`."""
    body = said.body
    session.add(
        MeasurementRow(
            entry=said.position,
            lot=body["lot"],
            party=said.issuer,
            measured_on=body["measured_on"],
            length_m=body["length_m"],
            resistance_ohm=body["resistance_ohm"],
            temperature_c=body["temperature_c"],
            uncertainty_pct=body["uncertainty_pct"],
            net_mass_kg=body["net_mass_kg"],
        )
    )


def read_samples(session: Session, lots: Collection[str], samples: Collection[str] = ()) -> tuple[Sample, ...]:
    """Samples of these lots or with these ids, in order."""
    rows = find_rows(session, SampleRow, {"lot": lots, "sample": samples}, "entry")
    return tuple(freeze(Sample, row) for row in rows)


def read_lots_sampled(session: Session, samples: Collection[str]) -> set[str]:
    """The lots that samples of these names were drawn from."""
    return {row.lot for row in find_rows(session, SampleRow, {"sample": samples})}


def read_lots_sampled_by(session: Session, party: str) -> set[str]:
    """The lots that a party, by what the samplers said, drew samples from or saw them drawn."""
    query = select(SampleRow.lot).where(or_(SampleRow.sampler == party, SampleRow.witness == party))
    return set(session.scalars(query))


def read_witnessings(session: Session, samples: Collection[str]) -> tuple[Witnessing, ...]:
    """Witnesses' words on these samples."""
    rows = find_rows(session, WitnessingRow, {"sample": samples}, "entry")
    return tuple(freeze(Witnessing, row) for row in rows)


def read_receptions(session: Session, samples: Collection[str]) -> tuple[Reception, ...]:
    """Labs' receipts of these samples."""
    rows = find_rows(session, ReceptionRow, {"sample": samples}, "entry")
    return tuple(freeze(Reception, row) for row in rows)


def read_steps(session: Session, samples: Collection[str]) -> tuple[Step, ...]:
    """What became of these samples, in order of record."""
    rows = find_rows(session, StepRow, {"sample": samples}, "entry")
    return tuple(freeze(Step, row) for row in rows)


def read_measurements(session: Session, lots: Collection[str]) -> tuple[Measurement, ...]:
    """Whole-drum values of these lots."""
    rows = find_rows(session, MeasurementRow, {"lot": lots}, "entry")
    return tuple(freeze(Measurement, row) for row in rows)
