"""What is known of the bench over all reports: which instrument and which person was taken from when to when, and in
which reports a raw file stands.

Reports say it, and their register notes it here, so that a report can be held against others without reading them. A
row is found by instrument or person and the day on which it began: answers grow with a day's work, not with the ledger.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.ledger.asking import find_rows
from trace.ledger.ink import add_row
from trace.ledger.tables import Base, freeze

# What lasts longer is a specimen's rest in oven or water, in which nobody stands by. It also bounds what is looked for:
# whatever is still going on at some time began on that day or on the one before.
LONGEST = timedelta(hours=24)


class WorkRow(Base):
    """A row of a report that says from when to when it was tested, and on what or by whom."""

    __tablename__ = "bench_work"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18))
    number: Mapped[str] = mapped_column(String(60))
    sample: Mapped[str | None] = mapped_column(String(60))
    parameter: Mapped[str] = mapped_column(String(60))
    instrument: Mapped[str | None] = mapped_column(String(60))
    analyst: Mapped[str | None] = mapped_column(String(60))
    site: Mapped[str | None] = mapped_column(String(60))
    location: Mapped[str] = mapped_column(String(200))
    at_instrument: Mapped[str | None] = mapped_column(String(90), index=True)
    by_analyst: Mapped[str | None] = mapped_column(String(90), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class RawFileRow(Base):
    """A raw file that a report names."""

    __tablename__ = "bench_raw_file"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    lab: Mapped[str] = mapped_column(String(18))
    number: Mapped[str] = mapped_column(String(60))
    sample: Mapped[str | None] = mapped_column(String(60))


@dataclass(frozen=True, slots=True)
class Work:
    """A test as a report has it: `line` is its row there, from 0. Times are UTC. `site` is the lab's name for where;
    `location` the report's own words.
    """

    entry: int
    line: int
    lab: str
    number: str
    sample: str | None
    parameter: str
    instrument: str | None
    analyst: str | None
    site: str | None
    location: str
    started_at: datetime
    ended_at: datetime

    def overlaps(self, other: "Work") -> bool:
        """Were both going on at some time? One that begins as the other ends was not."""
        return self.started_at < other.ended_at and other.started_at < self.ended_at


@dataclass(frozen=True, slots=True)
class RawFile:
    """A raw file, by its SHA-256, as a report names it."""

    entry: int
    sha256: str
    lab: str
    number: str
    sample: str | None


def is_at_bench(started_at: datetime, ended_at: datetime) -> bool:
    """Is it a time that somebody spends at an instrument: forward, and no longer than a day?"""
    return timedelta() < ended_at - started_at <= LONGEST


def note_bench(session: Session, works: Iterable[Work], raw_files: Iterable[RawFile]) -> None:
    """Keep what a report says of the bench."""
    for work in works:
        values = {name: getattr(work, name) for name in Work.__slots__}
        values |= {"at_instrument": _slot(work, work.instrument), "by_analyst": _slot(work, work.analyst)}
        add_row(session, WorkRow, **values)
    for raw in dict.fromkeys(raw_files):
        add_row(session, RawFileRow, **{name: getattr(raw, name) for name in RawFile.__slots__})


def read_others_at_bench(session: Session, works: Collection[Work]) -> tuple[Work, ...]:
    """What other reports of the same labs have at the same time on the same instrument or by the same person.

    One question, and none where nothing was at a bench. Whether those reports stand is not asked.
    """
    at_instrument, by_analyst = dict[str, list[Work]](), dict[str, list[Work]]()
    for work in works:
        for there, name in ((at_instrument, work.instrument), (by_analyst, work.analyst)):
            for slot in _slots(work, name):
                there.setdefault(slot, []).append(work)
    slots = {"at_instrument": sorted(at_instrument), "by_analyst": sorted(by_analyst)}
    return tuple(
        freeze(Work, row)
        for row in find_rows(session, WorkRow, slots, "entry", "line")
        # Whoever was at it on these days, and no one else of the many that may be asked about together.
        if any(_meet(work, row) for work in at_instrument.get(row.at_instrument, ()))
        or any(_meet(work, row) for work in by_analyst.get(row.by_analyst, ()))
    )


def read_same_raw_files(session: Session, raw_files: Collection[RawFile]) -> tuple[RawFile, ...]:
    """Where else these files are named: in reports of another number or lab. One question; not whether those stand."""
    rows = find_rows(session, RawFileRow, {"sha256": sorted({raw.sha256 for raw in raw_files})}, "entry", "sha256")
    own = {(raw.lab, raw.number) for raw in raw_files}
    return tuple(freeze(RawFile, row) for row in rows if (row.lab, row.number) not in own)


def _slot(work: Work, name: str | None, step: int = 0) -> str | None:
    """An instrument's or person's day, in UTC."""
    return f"{work.lab}/{name}/{work.started_at.date() + timedelta(days=step)}" if name is not None else None


def _slots(work: Work, name: str | None) -> Iterator[str]:
    """Those days on which whatever was going on at the same time began."""
    return (slot for step in (-1, 0, 1) if (slot := _slot(work, name, step)) is not None)


def _meet(work: Work, row: Any) -> bool:
    """Of one slot: at the same time, and in another report."""
    return (work.lab, work.number) != (row.lab, row.number) and work.overlaps(row)
