"""Scans of labels: when a lot's or unit's page was opened, where roughly, and who said they were holding it.

No register: nobody signs a scan, so it is no projection of the ledger and is not rebuilt from it. What is kept is the
time, the lot, a place in tenths of a degree (some 11 km) where the person allowed it, and a holder where they chose
one; no address, no account, no device. After `KEPT_DAYS` it is gone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, String, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.ledger.asking import ask
from trace.ledger.tables import Base, freeze

# Ours to choose: a drum is built in within a year of being made, and a copy of its label is found by then or never.
KEPT_DAYS = 400
# What a verdict looks at: the newest that have a place.
_LOOKED_AT = 100


class ScanRow(Base):
    """One look at one label."""

    __tablename__ = "scan"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    lot: Mapped[str] = mapped_column(String(80), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    latitude: Mapped[int | None]
    longitude: Mapped[int | None]
    holder: Mapped[str | None] = mapped_column(String(18))


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan. `latitude` (-900 to 900) and `longitude` (-1800 to 1800) are tenths of a degree, both or neither."""

    lot: str
    at: datetime
    latitude: int | None = None
    longitude: int | None = None
    holder: str | None = None


_SCAN = ScanRow.__table__.c
_PLACED = (
    select(ScanRow.__table__)
    .where(_SCAN.lot == bindparam("lot"), _SCAN.latitude.is_not(None), _SCAN.at <= bindparam("until"))
    .order_by(_SCAN.at.desc(), _SCAN.number.desc())
    .limit(_LOOKED_AT)
)


def add_scans(session: Session, scans: Collection[Scan]) -> None:
    """Write scans down."""
    if scans:
        rows = [
            {"lot": s.lot, "at": s.at, "latitude": s.latitude, "longitude": s.longitude, "holder": s.holder}
            for s in scans
        ]
        session.execute(insert(ScanRow), rows)


def read_placed_scans(session: Session, lot: str, until: datetime) -> tuple[Scan, ...]:
    """The newest scans of a lot that have a place, up to `until` (UTC), in order of time."""
    return tuple(freeze(Scan, row) for row in reversed(ask(session, _PLACED, lot=lot, until=until).rows))


def forget_scans(session: Session, at: datetime) -> set[str]:
    """Remove those that are older than `KEPT_DAYS` at `at` (UTC); the lots of which one had a place."""
    old = ScanRow.at < at - timedelta(days=KEPT_DAYS)
    lots = set(session.scalars(select(ScanRow.lot).where(old, ScanRow.latitude.is_not(None))))
    session.execute(delete(ScanRow).where(old))
    return lots


def lots_with_place(scans: Iterable[Scan]) -> set[str]:
    """The lots of which these scans say something that a rule looks at."""
    return {scan.lot for scan in scans if scan.latitude is not None}
