"""Open findings grouped and counted. Read only: the rows are those of `labs/casework/register.py`.

One forged report is found on every drum that it was presented for. The list tells such a thing once, with its lots.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session

from labs.casework.register import FindingRow, VerdictRow
from trace.parties.register import PartyRow
from trace.production.register import LotRow

Place = tuple[int, int, str, str, str]
"""Weight, newest proving entry, rule, case, maker: the list goes down the first two and up the others."""

# A maker may be unknown; NULL would not compare. Written out, since PostgreSQL takes two parameters for two expressions
# and then would not group by what is selected.
_MAKER = func.coalesce(FindingRow.maker, literal_column("''"))
_GROUP = (FindingRow.weight, FindingRow.proved_by, FindingRow.code, FindingRow.case, _MAKER)
_ORDER = (FindingRow.weight.desc(), FindingRow.proved_by.desc(), FindingRow.code, FindingRow.case, _MAKER)
_NEWEST = (FindingRow.proved_by.desc(), FindingRow.weight.desc(), FindingRow.code, FindingRow.case, _MAKER)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are asked for, None for all. `text` is looked for in lots, facts and makers' names; `at_least`
    is the least weight of severity, 0 to 4.
    """

    severity: str | None = None
    code: str | None = None
    maker: str | None = None
    text: str | None = None
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """One thing that is found on `count` lots of a maker: the same rule and case, proved by the same newest entry.

    Facts and entries are those of the first lot; `lots` names the first few with the verdict last reached on each.
    """

    place: Place
    code: str
    case: str
    severity: str
    maker: str | None
    facts: Mapping[str, Any]
    entries: tuple[int, ...]
    lots: Mapping[str, str | None]
    count: int


def read_groups(
    session: Session,
    wanted: Wanted,
    *,
    most: int,
    after: Place | None = None,
    newest_first: bool = False,
    named: int = 6,
) -> tuple[Group, ...]:
    """Up to `most` groups, gravest and then newest first, those after a place in the list; `named` lots of each.

    Two queries, however many findings there are. `after` goes with the order of gravity alone.
    """
    query = select(*_GROUP, func.count(FindingRow.lot.distinct())).where(*_conditions(wanted)).group_by(*_GROUP)
    if after is not None:
        query = query.where(_lies_after(after))
    query = query.order_by(*(_NEWEST if newest_first else _ORDER)).limit(most)
    counts: dict[Place, int] = {
        (weight, entry, code, case, maker): count for weight, entry, code, case, maker, count in session.execute(query)
    }
    members = _read_members(session, wanted, tuple(counts), named)
    return tuple(_group(place, members[place], count) for place, count in counts.items())


def count_findings(session: Session, wanted: Wanted) -> dict[tuple[str, str], int]:
    """How many open findings there are, by severity and rule."""
    query = (
        select(FindingRow.severity, FindingRow.code, func.count())
        .where(*_conditions(wanted))
        .group_by(FindingRow.severity, FindingRow.code)
    )
    return {(severity, code): count for severity, code, count in session.execute(query)}


def read_found_makers(session: Session) -> tuple[str, ...]:
    """The makers on whose lots something is found, by code."""
    query = select(FindingRow.maker).where(FindingRow.maker.is_not(None)).distinct().order_by(FindingRow.maker)
    return tuple(maker for maker in session.scalars(query) if maker)


def count_verdicts(session: Session) -> dict[str, int]:
    """How many lots have each verdict."""
    query = select(VerdictRow.word, func.count()).group_by(VerdictRow.word)
    return dict(session.execute(query).all())


def count_made(session: Session, maker: str) -> dict[str, dict[str, int]]:
    """How many lots of each product type a maker brought into being, by verdict ("" for those not judged yet)."""
    query = (
        select(LotRow.type, VerdictRow.word, func.count())
        .outerjoin(VerdictRow, VerdictRow.lot == LotRow.lot_id)
        .where(LotRow.maker == maker)
        .group_by(LotRow.type, VerdictRow.word)
        .order_by(LotRow.type)
    )
    made: dict[str, dict[str, int]] = {}
    for type_, word, count in session.execute(query):
        made.setdefault(type_, {})[word or ""] = count
    return made


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    exact = ((FindingRow.severity, wanted.severity), (FindingRow.code, wanted.code), (FindingRow.maker, wanted.maker))
    conditions = [column == value for column, value in exact if value is not None]
    conditions.append(FindingRow.weight >= wanted.at_least)
    if wanted.text:
        text = wanted.text.lower()
        named = (func.lower(name).contains(text, autoescape=True) for name in (PartyRow.name_zh, PartyRow.name_en))
        conditions.append(
            func.lower(FindingRow.lot).contains(text, autoescape=True)
            | func.lower(cast(FindingRow.facts, Text)).contains(text, autoescape=True)
            | FindingRow.maker.in_(select(PartyRow.uscc).where(or_(*named)))
        )
    return conditions


def _lies_after(place: Place) -> ColumnElement[bool]:
    """Keyset over mixed directions: equal up to some column and beyond the place in that one."""
    steps: list[ColumnElement[bool]] = []
    for index, (column, value) in enumerate(zip(_GROUP, place, strict=True)):
        equal = [before == known for before, known in zip(_GROUP[:index], place[:index], strict=True)]
        steps.append(and_(*equal, column < value if index < 2 else column > value))
    return or_(*steps)


def _read_members(
    session: Session, wanted: Wanted, places: tuple[Place, ...], named: int
) -> dict[Place, list[tuple[FindingRow, str | None]]]:
    """The first `named` findings of each group with their lots' verdicts, in order of lot."""
    if not places:
        return {}
    belongs = or_(*(and_(*(column == value for column, value in zip(_GROUP, place, strict=True))) for place in places))
    rank = func.row_number().over(partition_by=_GROUP, order_by=(FindingRow.lot, FindingRow.ordinal)).label("rank")
    ranked = select(FindingRow.lot, FindingRow.ordinal, rank).where(*_conditions(wanted), belongs).subquery()
    query = (
        select(FindingRow, VerdictRow.word)
        .join(ranked, (ranked.c.lot == FindingRow.lot) & (ranked.c.ordinal == FindingRow.ordinal))
        .outerjoin(VerdictRow, VerdictRow.lot == FindingRow.lot)
        .where(ranked.c.rank <= named)
        .order_by(FindingRow.lot, FindingRow.ordinal)
    )
    members: dict[Place, list[tuple[FindingRow, str | None]]] = {}
    for row, word in session.execute(query):
        members.setdefault((row.weight, row.proved_by, row.code, row.case, row.maker or ""), []).append((row, word))
    return members


def _group(place: Place, members: list[tuple[FindingRow, str | None]], count: int) -> Group:
    row = members[0][0]
    lots = {member.lot: word for member, word in members}
    return Group(place, row.code, row.case, row.severity, row.maker, row.facts, tuple(row.entries), lots, count)
