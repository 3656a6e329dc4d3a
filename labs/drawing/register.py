"""What is known of draws: announced by whom over which drums, seeded by which part of the ledger, and with that, once
the ledger is long enough, what they pick. And where sites lie.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from labs.drawing.draw import Candidate, Pick, pick, seed_of
from trace.doubts import drop_unbelieved
from trace.kinds import Said
from trace.ledger.asking import ask, find_rows
from trace.ledger.ink import add_row
from trace.ledger.shelf import with_nodes
from trace.ledger.store import EntryRow, find_positions, size_of
from trace.ledger.tables import Base
from trace.ledger.tree import root_of
from trace.site.register import read_acts_of

# Ours: of a seed that took long to come, so many of the newest entries are looked at for whose they are.
_FEEDERS = 64


class DrawRow(Base):
    """A draw as it was announced. `delivery` is the leaf hash of the delivery's entry, `leaf` that of its own."""

    __tablename__ = "draw"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leaf: Mapped[str] = mapped_column(String(64), index=True)
    party: Mapped[str] = mapped_column(String(18))
    delivery: Mapped[str] = mapped_column(String(64))
    plan: Mapped[str | None] = mapped_column(String(60))
    n: Mapped[int]
    c: Mapped[int]
    margin_pct: Mapped[Decimal]
    ledger_size: Mapped[int] = mapped_column(BigInteger, index=True)
    announced_at: Mapped[datetime]


class DrawUnitRow(Base):
    """A drum that a draw may pick."""

    __tablename__ = "draw_unit"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    length_m: Mapped[Decimal]


class SiteBoundRow(Base):
    """Where the goods of a contract are brought to, as a purchaser says it."""

    __tablename__ = "site_bound"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    contract: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    party: Mapped[str] = mapped_column(String(18))
    site: Mapped[str] = mapped_column(String(120))
    corners: Mapped[list[Any]]


@dataclass(frozen=True, slots=True)
class Draw:
    """An announced draw. Times are UTC, hashes hexadecimal; `margin_pct` of each drum at each end is left out.

    What the ledger adds to it: the `root` of its first `ledger_size` entries, once there are so many; which entry the
    delivery is and which lots that names, if it is one; and the signers of the entries after the announcement that the
    root rests on, the newest last, up to 64.
    """

    entry: int
    leaf: str
    party: str
    delivery: str
    plan: str | None
    n: int
    c: int
    margin_pct: Decimal
    ledger_size: int
    announced_at: datetime
    units: tuple[Candidate, ...]
    root: bytes | None = None
    delivery_entry: int | None = None
    delivered: frozenset[str] = frozenset()
    feeders: tuple[str, ...] = ()

    @property
    def is_ahead(self) -> bool:
        """Was the seed unknown when the draw was announced? The announcement is itself one of the first entry + 1."""
        return self.ledger_size > self.entry + 1

    @property
    def seed(self) -> bytes | None:
        """What the picks come from; None while the ledger is too short."""
        return seed_of(self.root, self.ledger_size, bytes.fromhex(self.delivery)) if self.root is not None else None

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What is to be cut where, in the order drawn; nothing while the ledger is too short."""
        return pick(self.seed, self.units, self.n, self.margin_pct) if self.seed is not None else ()


@dataclass(frozen=True, slots=True)
class SiteBound:
    """Where a contract's site lies: corners as (latitude, longitude), WGS 84 in degrees."""

    entry: int
    contract: str
    party: str
    site: str
    corners: tuple[tuple[Decimal, Decimal], ...]


_ENTRY = EntryRow.__table__.c
_SIGNERS = (
    select(_ENTRY.position, _ENTRY.issuer)
    .where(_ENTRY.position >= bindparam("first"), _ENTRY.position < bindparam("end"))
    .order_by(_ENTRY.position)
)
_DRAW = DrawRow.__table__.c
_SEEDED = select(_DRAW.entry).where(_DRAW.ledger_size > bindparam("below"), _DRAW.ledger_size <= bindparam("size"))


def announce_draw(session: Session, said: Said) -> None:
    """Effect of `draw.announced`."""
    body = said.body
    add_row(
        session,
        DrawRow,
        entry=said.position,
        leaf=said.leaf.hex(),
        party=said.issuer,
        delivery=body["delivery"],
        plan=body["plan"],
        n=body["n"],
        c=body["c"],
        margin_pct=body["margin_pct"],
        ledger_size=body["ledger_size"],
        announced_at=said.recorded_at,
    )
    for unit in body["units"]:
        add_row(session, DrawUnitRow, entry=said.position, lot=unit["lot"], length_m=unit["length_m"])


def bound_site(session: Session, said: Said) -> None:
    """Effect of `site.bounded`."""
    corners = [
        [format(corner["latitude_deg"], "f"), format(corner["longitude_deg"], "f")] for corner in said.body["corners"]
    ]
    for contract in said.body["contracts"]:
        add_row(
            session,
            SiteBoundRow,
            entry=said.position,
            contract=contract,
            party=said.issuer,
            site=said.body["site"],
            corners=corners,
        )


def read_draws(
    session: Session, lots: Collection[str], entries: Collection[int] = (), leaves: Collection[str] = ()
) -> tuple[Draw, ...]:
    """The draws over these lots, with these entries or of these leaf hashes, in order of record, as they were
    announced; what the ledger adds, `complete_draws` does.
    """
    named = {row.entry for row in find_rows(session, DrawUnitRow, {"lot": lots})} | set(entries)
    rows = find_rows(session, DrawRow, {"entry": named, "leaf": leaves}, "entry")
    units = find_rows(session, DrawUnitRow, {"entry": [row.entry for row in rows]}, "entry", "lot")
    return tuple(_draw(row, [unit for unit in units if unit.entry == row.entry]) for row in rows)


def complete_draws(session: Session, draws: Collection[Draw]) -> tuple[Draw, ...]:
    """The same with what the ledger adds to each. Three questions and two a draw; none where there is no draw."""
    if not draws:
        return ()
    size = size_of(session)
    found = find_positions(session, {bytes.fromhex(draw.delivery) for draw in draws})
    acts = [act for act in drop_unbelieved(session, read_acts_of(session, found.values())) if act.act == "delivered"]
    completed = []
    for draw in draws:
        entry = found.get(bytes.fromhex(draw.delivery))
        lots = frozenset(act.lot for act in acts if act.entry == entry)
        known = replace(draw, delivery_entry=entry, delivered=lots)
        if draw.ledger_size <= size:
            root = with_nodes(session, partial(root_of, draw.ledger_size))
            known = replace(known, root=root, feeders=_read_feeders(session, draw))
        completed.append(known)
    return tuple(completed)


def read_seeded(session: Session, below: int, size: int) -> tuple[str, ...]:
    """The lots of the draws whose seed came to be known as the ledger grew from `below` entries to `size`."""
    entries = ask(session, _SEEDED, below=below, size=size).scalars()
    return tuple(row.lot for row in find_rows(session, DrawUnitRow, {"entry": entries}))


def read_drawn_with(session: Session, lots: Collection[str]) -> tuple[str, ...]:
    """The lots that stand in a draw together with any of these, these included where they stand in one."""
    entries = {row.entry for row in find_rows(session, DrawUnitRow, {"lot": lots})}
    return tuple(row.lot for row in find_rows(session, DrawUnitRow, {"entry": entries}))


def read_site_bounds(session: Session, contracts: Collection[str]) -> tuple[SiteBound, ...]:
    """Where the sites of these contracts lie, in order of record."""
    rows = find_rows(session, SiteBoundRow, {"contract": contracts}, "entry", "contract")
    return tuple(SiteBound(row.entry, row.contract, row.party, row.site, tuple(_corners(row.corners))) for row in rows)


def _corners(told: Sequence[Sequence[str]]) -> Iterator[tuple[Decimal, Decimal]]:
    return ((Decimal(latitude), Decimal(longitude)) for latitude, longitude in told)


def _draw(row: Any, units: Sequence[Any]) -> Draw:
    return Draw(
        entry=row.entry,
        leaf=row.leaf,
        party=row.party,
        delivery=row.delivery,
        plan=row.plan,
        n=row.n,
        c=row.c,
        margin_pct=row.margin_pct,
        ledger_size=row.ledger_size,
        announced_at=row.announced_at,
        units=tuple(Candidate(unit.lot, unit.length_m) for unit in units),
    )


def _read_feeders(session: Session, draw: Draw) -> tuple[str, ...]:
    first = max(draw.entry + 1, draw.ledger_size - _FEEDERS)
    return tuple(row.issuer for row in ask(session, _SIGNERS, first=first, end=draw.ledger_size))
