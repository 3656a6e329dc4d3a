"""What is known of making: lots with their product, the flows of material from lot to lot, inspections,
certificates.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Select, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.doubts import read_doubts
from trace.epcis.events import Quantity, make_quantity, read_lots
from trace.kinds import Said
from trace.ledger.asking import any_of, ask, find_rows
from trace.ledger.ink import add_row
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze
from trace.parties.register import read_doubted_keys

# Flows whose outputs are the same material as their inputs: product, maker and report coverage carry over.
SAME_MATERIAL = frozenset({"split", "joined"})


class _Beginning:
    """What a statement that brings a lot or unit into being says of it."""

    maker: Mapped[str] = mapped_column(String(18), index=True)
    family: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(80), index=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    standard: Mapped[str | None] = mapped_column(String(80))
    attributes: Mapped[dict[str, Any]]
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(3))
    made_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(String(20))


class LotRow(_Beginning, Base):
    """A lot or unit, as the first statement that brought it into being gives it."""

    __tablename__ = "lot"
    lot_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger)


class FlowRow(Base):
    """One lot on one side of a flow; the rows of an entry make the flow."""

    __tablename__ = "flow"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    side: Mapped[str] = mapped_column(String(6), primary_key=True)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    party: Mapped[str] = mapped_column(String(18))
    at: Mapped[datetime]
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(3))


_LOT = LotRow.__table__.c
_NAMES_OF = select(_LOT.lot_id, _LOT.name_zh, _LOT.name_en).where(_LOT.lot_id.in_(any_of("lots")))


def _begins(is_sqlite: bool) -> list[ColumnElement[bool]]:
    """SQLite looks up a range in its key's order of bytes. PostgreSQL's order may be a language's, in which a range is
    something else; it looks up LIKE by the key where its order is that of bytes ("C").
    """
    like = _LOT.lot_id.like(bindparam("like"), escape="\\")
    return [_LOT.lot_id >= bindparam("from_"), _LOT.lot_id < bindparam("below")] if is_sqlite else [like]


_UNDER = {
    (is_sqlite, are_units): select(_LOT.lot_id)
    .where(
        *_begins(is_sqlite),
        _LOT.lot_id > bindparam("after"),
        _LOT.lot_id.like("%/21/%") if are_units else _LOT.lot_id.not_like("%/21/%"),
    )
    .order_by(_LOT.lot_id)
    .limit(bindparam("most"))
    for is_sqlite in (True, False)
    for are_units in (True, False)
}
_ENDING_IN = {
    is_sqlite: select(_LOT.lot_id)
    .where(*_begins(is_sqlite), _LOT.lot_id.like(bindparam("ending"), escape="\\"))
    .order_by(_LOT.lot_id)
    .limit(bindparam("most"))
    for is_sqlite in (True, False)
}


class RepeatRow(_Beginning, Base):
    """A later statement that brings a lot into being which is there already: kept as a contradiction, and what the lot
    is where the first is not believed any more.
    """

    __tablename__ = "lot_repeat"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot_id: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    party: Mapped[str] = mapped_column(String(18))


class InspectionRow(Base):
    """A maker's own inspection of a lot."""

    __tablename__ = "inspection"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    party: Mapped[str] = mapped_column(String(18))
    at: Mapped[datetime]
    is_passed: Mapped[bool]


class CertificateRow(Base):
    """A product certificate as its issuing body has said it."""

    __tablename__ = "certificate"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(40), index=True)
    scheme: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(String(18))
    holder: Mapped[str] = mapped_column(String(18))
    maker: Mapped[str] = mapped_column(String(18), index=True)
    types: Mapped[list[Any]]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    masses: Mapped[dict[str, Any] | None]
    """Mass of a metre by type, as decimals in text."""


class WithdrawalRow(Base):
    """A body's word that its certificates of a number end; for those that were on record before it."""

    __tablename__ = "certificate_withdrawal"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(40), index=True)
    body: Mapped[str] = mapped_column(String(18))
    withdrawn_on: Mapped[date] = mapped_column(Date)


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot or unit. `type` is the product type that limits, certificates and recalls speak of; `made_at` is UTC."""

    lot_id: str
    maker: str
    family: str
    type: str
    name_zh: str
    name_en: str | None
    standard: str | None
    attributes: Mapping[str, str]
    """What the standards pack selects limits by, such as class 2, material Cu, nominal_area_mm2 2.5."""
    quantity: Quantity | None
    made_at: datetime
    origin: str
    """commissioned, transformed, split or joined."""
    entry: int


@dataclass(frozen=True, slots=True)
class Portion:
    """A lot on one side of a flow, with how much of it."""

    lot: str
    quantity: Quantity | None


@dataclass(frozen=True, slots=True)
class Flow:
    """Material going from lots into lots: transformed, split or joined."""

    entry: int
    kind: str
    party: str
    at: datetime
    inputs: tuple[Portion, ...]
    outputs: tuple[Portion, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A second statement that brings an existing lot into being."""

    entry: int
    lot: str
    party: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A maker's own inspection."""

    entry: int
    lot: str
    party: str
    at: datetime
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """A product certificate (CCC, production licence …). `types` are the product types that it covers; `masses` what a
    metre of a type weighed at the type test, in kg, for those types of which it is said.
    """

    entry: int
    number: str
    scheme: str
    body: str
    holder: str
    maker: str
    types: tuple[str, ...]
    valid_from: date
    valid_to: date
    withdrawn_on: date | None
    withdrawal_entry: int | None
    masses: Mapping[str, Decimal] = field(default_factory=dict)


def commission_lots(session: Session, said: Said) -> None:
    """Effect of `lot.commissioned`: each named lot comes into being at the signer's."""
    product = said.body["ilmd"]["product"]
    _open_lots(session, said, read_lots(said.body), _product_columns(product) | {"maker": said.issuer}, "commissioned")


def transform_lots(session: Session, said: Said) -> None:
    """Effect of `lot.transformed`: inputs become lots of a new product, made by the signer."""
    product = said.body["ilmd"]["product"]
    record_flow(session, said, "transformed")
    columns = _product_columns(product) | {"maker": said.issuer}
    _open_lots(session, said, read_lots(said.body, "output"), columns, "transformed")


def regroup_lots(session: Session, said: Said, kind: str) -> None:
    """A split or a join: outputs are the same material as the first input that is known, and keep its maker.

    Inputs of several makers or types give outputs whose maker is unknown ("?"), so that no certificate covers them.
    """
    record_flow(session, said, kind)
    known = read_lots_by_id(session, [lot for lot, _ in read_lots(said.body, "input")])
    sources = [known[lot] for lot, _ in read_lots(said.body, "input") if lot in known]
    if not sources:
        return
    first = sources[0]
    is_mixed = any((source.maker, source.type) != (first.maker, first.type) for source in sources)
    columns = {
        "maker": "?" if is_mixed else first.maker,
        "family": first.family,
        "type": "?" if is_mixed else first.type,
        "name_zh": first.name_zh,
        "name_en": first.name_en,
        "standard": first.standard,
        "attributes": {} if is_mixed else dict(first.attributes),
    }
    _open_lots(session, said, read_lots(said.body, "output"), columns, kind, made_at=first.made_at)


def record_flow(session: Session, said: Said, kind: str) -> None:
    """Write down which lots go into which."""
    seen: set[tuple[str, str]] = set()
    for side, name in (("input", "in"), ("output", "out")):
        for lot, quantity in read_lots(said.body, side):
            if (name, lot) in seen:
                continue
            seen.add((name, lot))
            add_row(
                session,
                FlowRow,
                entry=said.position,
                side=name,
                lot=lot,
                kind=kind,
                party=said.issuer,
                at=said.body["eventTime"],
                quantity=quantity.value if quantity else None,
                unit=quantity.unit if quantity else None,
            )


def inspect_lots(session: Session, said: Said) -> None:
    """Effect of `lot.inspected`."""
    for lot in dict.fromkeys(lot for lot, _ in read_lots(said.body)):
        add_row(
            session,
            InspectionRow,
            entry=said.position,
            lot=lot,
            party=said.issuer,
            at=said.body["eventTime"],
            is_passed=said.body["is_passed"],
        )


def issue_certificate(session: Session, said: Said) -> None:
    """Effect of `certificate.issued`."""
    body = said.body
    session.add(
        CertificateRow(
            entry=said.position,
            number=body["number"],
            scheme=body["scheme"],
            body=said.issuer,
            holder=body["holder"],
            maker=body["maker"],
            types=body["types"],
            valid_from=body["valid_from"],
            valid_to=body["valid_to"],
            masses={one["type"]: format(one["kg_per_m"], "f") for one in body["masses"]} or None,
        )
    )


def withdraw_certificate(session: Session, said: Said) -> None:
    """Effect of `certificate.withdrawn`: from that day on, for the signer's own certificates of the number."""
    body = said.body
    session.add(
        WithdrawalRow(entry=said.position, number=body["number"], body=said.issuer, withdrawn_on=body["withdrawn_on"])
    )


def read_lots_by_id(session: Session, lots: Collection[str]) -> dict[str, Lot]:
    """These lots, where they are known: each as the first statement that is believed has it, or as the first of all
    where none is.
    """
    return read_lots_and_repeats(session, lots)[0]


def read_lots_and_repeats(session: Session, lots: Collection[str]) -> tuple[dict[str, Lot], tuple[Repeat, ...]]:
    """As `read_lots_by_id`, with the second beginnings of these lots, in order."""
    known = {row.lot_id: _lot(row) for row in find_rows(session, LotRow, {"lot_id": lots})}
    later = find_rows(session, RepeatRow, {"lot_id": lots}, "entry", "lot_id")
    doubts = read_doubts(session, {lot.entry for lot in known.values()} | {row.entry for row in later}) if later else {}
    for row in later:
        if known[row.lot_id].entry in doubts and row.entry not in doubts:
            known[row.lot_id] = _lot(row)
    return known, tuple(Repeat(row.entry, row.lot_id, row.party) for row in later)


def read_names(session: Session, lots: Collection[str]) -> dict[str, tuple[str, str | None]]:
    """The Chinese and the English name of these lots' product, where they are known: one question, where no key is in
    doubt.
    """
    if read_doubted_keys(session):
        return {lot: (made.name_zh, made.name_en) for lot, made in read_lots_by_id(session, lots).items()}
    return {row.lot_id: (row.name_zh, row.name_en) for row in ask(session, _NAMES_OF, lots=list(lots))}


def find_lots_of_product(session: Session, gtin: str, most: int, *, after: str = "") -> tuple[str, ...]:
    """Up to `most` lots of a product that are on record, by id, after one; its units where none of its lots is."""
    values = {"most": most, "after": after, **_prefix(f"01/{gtin}/10/")}
    found = ask(session, _lots_under(session, are_units=False), **values).scalars()
    if not found and not after:
        found = ask(session, _lots_under(session, are_units=True), **values).scalars()
    return tuple(found)


def find_units_of_product(session: Session, gtin: str, serial: str, most: int) -> tuple[str, ...]:
    """Up to `most` units of a product that have this serial, by id: of whatever lot."""
    ending = f"/21/{serial}"
    values = {"ending": f"%{_escape(ending)}", "most": 2 * most, **_prefix(f"01/{gtin}/10/")}
    found = ask(session, _ENDING_IN[_is_sqlite(session)], **values).scalars()
    # LIKE knows no capitals on SQLite.
    return tuple(lot for lot in found if lot.endswith(ending))[:most]


def find_units_of_lot(session: Session, lot: str, most: int) -> tuple[str, ...]:
    """Up to `most` units on record that bear this lot's number, by id."""
    question = _lots_under(session, are_units=True)
    return tuple(ask(session, question, most=most, after="", **_prefix(f"{lot}/21/")).scalars())


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _prefix(text: str) -> dict[str, str]:
    """`below` is the first text after all that begin with this one."""
    return {"like": f"{_escape(text)}%", "from_": text, "below": text[:-1] + chr(ord(text[-1]) + 1)}


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _lots_under(session: Session, *, are_units: bool) -> Select[tuple[str]]:
    return _UNDER[_is_sqlite(session), are_units]


def read_lots_of_type(session: Session, maker: str, type_: str) -> tuple[str, ...]:
    """The ids of a maker's lots of one type, in order."""
    query = select(LotRow.lot_id).where(LotRow.maker == maker, LotRow.type == type_).order_by(LotRow.lot_id)
    return tuple(session.scalars(query))


def read_lots_of_maker(session: Session, maker: str) -> tuple[str, ...]:
    """The ids of all lots of a maker, in order."""
    return tuple(session.scalars(select(LotRow.lot_id).where(LotRow.maker == maker).order_by(LotRow.lot_id)))


def read_transformations(session: Session, maker: str, start: datetime, end: datetime) -> tuple[Flow, ...]:
    """What a maker made of other lots from `start` up to `end`, in order of record."""
    made = select(LotRow.entry).where(
        LotRow.maker == maker, LotRow.origin == "transformed", LotRow.made_at >= start, LotRow.made_at < end
    )
    entries = sorted(set(session.scalars(made)))
    return make_flows(find_rows(session, FlowRow, {"entry": entries}, "entry", "lot"))


def read_flows_from(session: Session, lots: Collection[str]) -> tuple[Flow, ...]:
    """The flows that one of these lots goes into, whole, in order of record."""
    rows = find_rows(session, FlowRow, {"lot": lots})
    entries = {row.entry for row in rows if row.side == "in"}
    return make_flows(find_rows(session, FlowRow, {"entry": entries}, "entry", "lot"))


def make_flows(rows: Iterable[Any]) -> tuple[Flow, ...]:
    """The flows that these rows of the register make, in order of record; each has to be there whole."""
    sides: dict[int, list[Any]] = {}
    for row in rows:
        sides.setdefault(row.entry, []).append(row)
    return tuple(_flow(entry, sides[entry]) for entry in sorted(sides))


def read_inspections(session: Session, lots: Collection[str]) -> tuple[Inspection, ...]:
    """Makers' inspections of these lots."""
    rows = find_rows(session, InspectionRow, {"lot": lots}, "entry", "lot")
    return tuple(freeze(Inspection, row) for row in rows)


def read_certificates(
    session: Session, makers: Collection[str], numbers: Collection[str] = ()
) -> tuple[Certificate, ...]:
    """Certificates for these makers or with these numbers, in order."""
    told = {one.entry: one for one in (*_certificates_for(session, makers), *_certificates_with(session, numbers))}
    return tuple(told[entry] for entry in sorted(told))


def read_certificate_entries(session: Session, party: str) -> tuple[int, ...]:
    """The entries of the certificates that a party holds, or that name it as the maker, and of their withdrawals."""
    query = select(CertificateRow).where((CertificateRow.holder == party) | (CertificateRow.maker == party))
    rows = list(session.scalars(query.order_by(CertificateRow.entry)))
    numbers = {(row.number, row.body) for row in rows}
    ends = session.scalars(select(WithdrawalRow).where(WithdrawalRow.number.in_({number for number, _ in numbers})))
    return (*(row.entry for row in rows), *(end.entry for end in ends if (end.number, end.body) in numbers))


def _open_lots(
    session: Session,
    said: Said,
    lots: Iterable[tuple[str, Quantity | None]],
    columns: Mapping[str, Any],
    origin: str,
    made_at: datetime | None = None,
) -> None:
    """Bring lots into being; one that is there already is kept as a contradiction, once a statement."""
    opened: set[str] = set()
    repeated: set[str] = set()
    for lot, quantity in lots:
        beginning = {
            "lot_id": lot,
            "quantity": quantity.value if quantity else None,
            "unit": quantity.unit if quantity else None,
            "made_at": made_at or said.body["eventTime"],
            "origin": origin,
            "entry": said.position,
            **columns,
        }
        if lot not in opened and (lot in said.new_lots or session.get(LotRow, lot) is None):
            opened.add(lot)
            add_row(session, LotRow, **beginning)
        elif lot not in repeated:
            repeated.add(lot)
            add_row(session, RepeatRow, party=said.issuer, **beginning)


def _product_columns(product: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "family": product["family"],
        "type": product["type"],
        "name_zh": product["name"]["zh"],
        "name_en": product["name"]["en"],
        "standard": product["standard"],
        "attributes": product["attributes"],
    }


def _lot(row: Any) -> Lot:
    return freeze(Lot, row, quantity=make_quantity(row.quantity, row.unit))


@kept_by(lambda certificate: certificate.maker, lambda certificate: certificate.entry)
def _certificates_for(session: Session, makers: Collection[str]) -> Iterable[Certificate]:
    return _certificates(session, find_rows(session, CertificateRow, {"maker": makers}))


@kept_by(lambda certificate: certificate.number, lambda certificate: certificate.entry)
def _certificates_with(session: Session, numbers: Collection[str]) -> Iterable[Certificate]:
    return _certificates(session, find_rows(session, CertificateRow, {"number": numbers}))


def _certificates(session: Session, rows: Sequence[Any]) -> Iterable[Certificate]:
    ends = _read_withdrawals(session, {row.number for row in rows})
    return [_certificate(row, ends) for row in rows]


def _read_withdrawals(session: Session, numbers: Collection[str]) -> list[Any]:
    """Those that are believed, in order."""
    rows = find_rows(session, WithdrawalRow, {"number": numbers}, "entry")
    doubts = read_doubts(session, {row.entry for row in rows}) if rows else {}
    return [row for row in rows if row.entry not in doubts]


def _certificate(row: Any, ends: list[Any]) -> Certificate:
    own = [end for end in ends if (end.number, end.body) == (row.number, row.body) and end.entry > row.entry]
    last = own[-1] if own else None
    return freeze(
        Certificate,
        row,
        withdrawn_on=last.withdrawn_on if last else None,
        withdrawal_entry=last.entry if last else None,
        masses={name: Decimal(mass) for name, mass in (row.masses or {}).items()},
    )


def _flow(entry: int, rows: list[Any]) -> Flow:
    def portions(side: str) -> tuple[Portion, ...]:
        return tuple(Portion(row.lot, make_quantity(row.quantity, row.unit)) for row in rows if row.side == side)

    return Flow(entry, rows[0].kind, rows[0].party, rows[0].at, portions("in"), portions("out"))
