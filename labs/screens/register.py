"""What screens have counted, and what they say of it.

Both are derived, as findings are, and follow the ledger behind the door: `screen_on` takes the next reports into the
counts, and asks again about what they touched. From the beginning or bit by bit, it comes to the same rows. A report
counts while it is in force and believed: an amendment takes back what the version before had added, and where it turns
out that a key was stolen (or was not) its lab is counted anew.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, String, delete, exists, func, or_, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from labs.reports.register import ReportEndingRow, ReportRow, read_rows
from labs.screens import SCREENS
from labs.screens.screen import Counts, Issued, Screened, add_counts
from trace.doubts import read_doubts
from trace.ledger.ink import insert_rows
from trace.ledger.tables import Base
from trace.parties.register import read_doubted_keys


class ScreenTallyRow(Base):
    """What one screen has counted of a lab's reports on a subject."""

    __tablename__ = "screen_tally"
    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    lab: Mapped[str] = mapped_column(String(18), primary_key=True, index=True)
    about: Mapped[str] = mapped_column(String(200), primary_key=True)
    counts: Mapped[dict[str, Any]]


class ScreenedRow(Base):
    """What one screen says of a lab on a subject. Where `is_open`, that is a question."""

    __tablename__ = "screened"
    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    lab: Mapped[str] = mapped_column(String(18), primary_key=True, index=True)
    about: Mapped[str] = mapped_column(String(200), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    p: Mapped[float]
    is_open: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    bins: Mapped[list[Any]]


class ScreenProgressRow(Base):
    """How far the counts have come: all reports among the first `size` entries, but for those under doubted keys."""

    __tablename__ = "screen_progress"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    doubted: Mapped[list[Any]]


# Ours to choose: what is in memory at a time.
REPORTS_AT_ONCE = 1000
_BY_CODE = {screen.code: screen for screen in SCREENS}
_KEY = ("code", "subject", "lab", "about")
Tally = dict[tuple[str, str, str, str], Counts]


@dataclass(frozen=True, slots=True)
class Question:
    """What a screen says of a lab. `bins` are (label, count, expected or None)."""

    code: str
    subject: str
    lab: str
    about: str
    n: int
    p: float
    is_open: bool
    facts: Mapping[str, str | int]
    bins: tuple[tuple[str, int, float | None], ...]


def is_screened(session: Session) -> bool:
    """Have the counts all reports in them that are on record?"""
    progress = session.get(ScreenProgressRow, 1)
    size, doubted = (progress.size, progress.doubted) if progress is not None else (0, [])
    newer = (exists().where(table.entry >= size) for table in (ReportRow, ReportEndingRow))
    return doubted == _doubted(session) and not session.scalar(select(or_(*newer)))


def screen_on(session: Session, most: int = REPORTS_AT_ONCE) -> int:
    """Take up to `most` more reports into the counts, and ask about all that they touch; how many entries are counted
    then. Where a key has come under doubt, or out of it, its lab's reports are counted anew, all in this step.

    The caller holds the write lock.
    """
    progress = session.get(ScreenProgressRow, 1)
    size, before = (progress.size, progress.doubted) if progress is not None else (0, [])
    doubted = _doubted(session)
    touched = set[tuple[str, str]]()
    for lab in sorted({one[0] for one in [*before, *doubted] if one not in before or one not in doubted}):
        touched |= _count_anew(session, lab, size)
    end = _end_of_step(session, size, most)
    if end > size:
        touched |= _write(session, _count_span(session, size, end))
    _ask_again(session, touched)
    insert_rows(session, ScreenProgressRow, [{"id": 1, "size": end, "doubted": doubted}], replaces=True)
    session.expire_all()
    return end


def forget_screened(session: Session) -> None:
    """Empty the counts and what was said of them, so that `screen_on` begins anew."""
    for table in (ScreenTallyRow, ScreenedRow, ScreenProgressRow):
        session.execute(delete(table))


def count_to_screen(session: Session) -> int:
    """The number of entries up to the last report, amendment or withdrawal."""
    last = [session.scalar(select(func.max(table.entry))) for table in (ReportRow, ReportEndingRow)]
    return max((entry for entry in last if entry is not None), default=-1) + 1


def read_questions(session: Session, lab: str | None = None, code: str | None = None) -> tuple[Question, ...]:
    """The open questions, of a lab or a screen where that is given; the least p first."""
    query = select(ScreenedRow).where(ScreenedRow.is_open).order_by(ScreenedRow.p, *_columns(ScreenedRow))
    if lab is not None:
        query = query.where(ScreenedRow.lab == lab)
    if code is not None:
        query = query.where(ScreenedRow.code == code)
    return tuple(
        Question(
            *(row.code, row.subject, row.lab, row.about, row.n, row.p, row.is_open, row.facts),
            bins=tuple((label, count, expected) for label, count, expected in row.bins),
        )
        for row in session.scalars(query)
    )


def count_screened(session: Session, lab: str | None = None) -> dict[str, int]:
    """How many times each screen has looked, by its code: where it had enough values."""
    query = select(ScreenedRow.code, func.count()).group_by(ScreenedRow.code)
    if lab is not None:
        query = query.where(ScreenedRow.lab == lab)
    return dict(session.execute(query).all())


def _doubted(session: Session) -> list[list[str]]:
    """Party, key and since when, of the keys in doubt; as JSON keeps it."""
    keys = read_doubted_keys(session)
    return sorted([key.party, key.kid.hex(), key.doubt.since.isoformat()] for key in keys if key.doubt is not None)


def _end_of_step(session: Session, size: int, most: int) -> int:
    """The end of a span with at most that many reports, or amendments and withdrawals, in it."""
    ends = []
    for table in (ReportRow, ReportEndingRow):
        query = select(table.entry).where(table.entry >= size).order_by(table.entry)
        ends.append(list(session.scalars(query.limit(most))))
    last = [entries[-1] + 1 for entries in ends if entries]
    full = [entries[-1] + 1 for entries in ends if len(entries) == most]
    return min(full) if full else max(last, default=size)


def _count_span(session: Session, start: int, end: int, lab: str | None = None) -> Tally:
    """What the entries from `start` up to `end` change: new reports add, endings take back what they end."""
    of_lab: Callable[[Any], Any] = lambda table: table.lab == lab if lab is not None else True  # noqa: E731
    within: Callable[[Any], Any] = lambda table: table.entry.between(start, end - 1) & of_lab(table)  # noqa: E731
    fresh = list(session.execute(select(*_seen()).where(within(ReportRow))))
    ended = {(one.lab, one.number) for one in session.scalars(select(ReportEndingRow).where(within(ReportEndingRow)))}
    versions = [*(row for row in fresh if (row.lab, row.number) not in ended), *_versions(session, ended, end)]
    endings = _endings(session, ended, end)
    told = {row.entry for row in versions} | {entry for entries in endings.values() for entry in entries}
    doubts = read_doubts(session, told) if told else {}
    tally: Tally = {}
    for row in versions:
        if row.entry in doubts:
            continue
        ends = [entry for entry in endings.get((row.lab, row.number), ()) if entry > row.entry and entry not in doubts]
        was = row.entry < start and not any(entry < start for entry in ends)
        times = int(not ends) - int(was)
        if times:
            _add(tally, row, times)
    return tally


def _seen() -> tuple[Any, ...]:
    return (
        *(ReportRow.entry, ReportRow.lab, ReportRow.number),
        *(ReportRow.client, ReportRow.conclusion, ReportRow.rows),
    )


def _versions(session: Session, numbers: Collection[tuple[str, str]], end: int) -> Iterator[Any]:
    if numbers:
        named = tuple_(ReportRow.lab, ReportRow.number).in_(numbers)
        yield from session.execute(select(*_seen()).where(named, ReportRow.entry < end))


def _endings(session: Session, numbers: Collection[tuple[str, str]], end: int) -> dict[tuple[str, str], list[int]]:
    if not numbers:
        return {}
    named = tuple_(ReportEndingRow.lab, ReportEndingRow.number).in_(numbers)
    found: dict[tuple[str, str], list[int]] = {}
    for row in session.scalars(select(ReportEndingRow).where(named, ReportEndingRow.entry < end)):
        found.setdefault((row.lab, row.number), []).append(row.entry)
    return found


def _add(tally: Tally, row: Any, times: int) -> None:
    report = Issued(row.lab, row.client, row.conclusion, read_rows(row.rows))
    for screen in SCREENS:
        for (subject, lab, about), counts in screen.count(report):
            add_counts(tally.setdefault((screen.code, subject, lab, about[:200]), {}), counts, times)


def _count_anew(session: Session, lab: str, size: int) -> set[tuple[str, str]]:
    """A lab's counts from nothing, up to where all counts have come; what was touched."""
    held = select(ScreenTallyRow.code, ScreenTallyRow.subject).where(ScreenTallyRow.lab == lab).distinct()
    touched = {(code, subject) for code, subject in session.execute(held)}
    session.execute(delete(ScreenTallyRow).where(ScreenTallyRow.lab == lab))
    entries = select(ReportRow.entry).where(ReportRow.lab == lab, ReportRow.entry < size).order_by(ReportRow.entry)
    marks = list(session.scalars(entries))[REPORTS_AT_ONCE::REPORTS_AT_ONCE]
    for start, end in zip([0, *marks], [*marks, size], strict=True):
        touched |= _write(session, _count_span(session, start, end, lab))
    return touched


def _write(session: Session, tally: Tally) -> set[tuple[str, str]]:
    """Add to the rows, and delete those in which nothing is left; which codes and subjects that were."""
    keys = sorted(key for key, counts in tally.items() if counts)
    kept: list[dict[str, Any]] = []
    for at in range(0, len(keys), 500):
        some = keys[at : at + 500]
        query = select(ScreenTallyRow).where(tuple_(*_columns(ScreenTallyRow)).in_(some))
        known = {tuple(getattr(row, name) for name in _KEY): dict(row.counts) for row in session.scalars(query)}
        for key in some:
            counts = known.get(key, {})
            add_counts(counts, tally[key])
            if counts:
                kept.append(dict(zip(_KEY, key, strict=True)) | {"counts": dict(sorted(counts.items()))})
            else:
                session.execute(delete(ScreenTallyRow).where(tuple_(*_columns(ScreenTallyRow)) == key))
    insert_rows(session, ScreenTallyRow, kept, replaces=True)
    session.expire_all()
    return {(code, subject) for code, subject, _, _ in keys}


def _ask_again(session: Session, touched: Iterable[tuple[str, str]]) -> None:
    for code, subject in sorted(touched):
        query = select(*_columns(ScreenTallyRow)[2:], ScreenTallyRow.counts)
        rows = session.execute(query.where(ScreenTallyRow.code == code, ScreenTallyRow.subject == subject))
        tallies = {(row.lab, row.about): row.counts for row in rows}
        session.execute(delete(ScreenedRow).where(ScreenedRow.code == code, ScreenedRow.subject == subject))
        said = [_row(code, subject, one) for one in _BY_CODE[code].ask(subject, tallies)]
        insert_rows(session, ScreenedRow, said)


def _row(code: str, subject: str, said: Screened) -> dict[str, Any]:
    values = (code, subject, said.lab, said.about[:200], said.n, said.p, said.is_open, dict(said.facts))
    bars = [[bar.label, bar.count, bar.expected] for bar in said.bins]
    return dict(zip((*_KEY, "n", "p", "is_open", "facts", "bins"), (*values, bars), strict=True))


def _columns(table: type[ScreenTallyRow | ScreenedRow]) -> list[Any]:
    return [getattr(table, name) for name in _KEY]
