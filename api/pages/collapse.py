"""Which lots of a trace are drawn by themselves, and which as one box: those of a stage, a holder and a product.

Nobody reads two thousand boxes. Where a stage has more lots than stand well beside each other, lots of one holder
become a group that says how many, how much and what is wrong; it opens on a click. The lot that was asked for, a way
that is followed and what was looked for always stand by themselves.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.pages.trace_view import GRAVEST_FIRST, View, gravity, holder_of
from api.tracing import Row, Trace, add_up
from trace.epcis.events import Quantity

# Ours to choose. A column of so many boxes can be read, and printed on a page.
MOST_BESIDE = 12
FEW = 3
"""Fewer than so many lots of one holder make no group: three boxes say more than one."""
MOST_GROUPS = 12
"""More holders than this in one stage are counted as "others"."""
MOST_OF_OPENED = 40
OTHERS = "*"


@dataclass(frozen=True, slots=True)
class Group:
    """Lots of one stage that are drawn as one box. `holder` is OTHERS where they are those of many."""

    key: str
    stage: str
    holder: str
    rows: tuple[Row, ...]
    opens_at: int
    """How many members the next opening passes over: 0 the first time, then what was shown before."""

    @property
    def words(self) -> Mapping[str, int]:
        """How many have each verdict, the gravest first."""
        counts = Counter(row.word for row in self.rows)
        return {word: counts[word] for word in GRAVEST_FIRST if counts[word]}

    @property
    def totals(self) -> tuple[Quantity, ...]:
        """How much they are together, by unit."""
        return add_up(row.lot.quantity for row in self.rows if row.lot is not None)

    @property
    def holders(self) -> frozenset[str]:
        """Everybody who has something of it."""
        return frozenset(holder_of(row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is drawn of the lots: those by themselves, the groups, and the box that each lot of the lineage is in."""

    singles: tuple[Row, ...]
    groups: tuple[Group, ...]
    box_of: Mapping[str, str]

    @property
    def is_whole(self) -> bool:
        """Is every lot drawn by itself?"""
        return not self.groups


def collapse(told: Trace, view: View, pinned: Collection[str]) -> Shown:
    """Divide the lots of a trace into those that stand by themselves (`pinned` ones always) and groups."""
    singles: list[Row] = []
    groups: list[Group] = []
    stages: dict[str, list[Row]] = {}
    for row in told.rows:
        stages.setdefault(row.stage, []).append(row)
    for stage, rows in stages.items():
        if len(rows) <= MOST_BESIDE:
            singles += rows
            continue
        singles += [row for row in rows if row.lot_id in pinned]
        alone, together = _divide(stage, [row for row in rows if row.lot_id not in pinned], view)
        singles += alone
        groups += together
    box_of = {row.lot_id: row.lot_id for row in singles}
    box_of |= {row.lot_id: group.key for group in groups for row in group.rows}
    return Shown(tuple(singles), tuple(groups), box_of)


def _divide(stage: str, rows: Iterable[Row], view: View) -> tuple[list[Row], list[Group]]:
    """One stage's lots by holder and product, the gravest and most numerous first."""
    classes: dict[str, list[Row]] = {}
    for row in rows:
        classes.setdefault("~".join((stage, holder_of(row), row.lot.type if row.lot else "")), []).append(row)
    ordered = sorted(classes.items(), key=lambda item: (min(map(gravity, item[1]))[0], -len(item[1]), item[0]))
    others = f"{stage}~{OTHERS}"
    passed, following = _window(len(ordered), MOST_GROUPS, view.opened.get(others, 0))
    singles: list[Row] = []
    groups: list[Group] = []
    for key, members in ordered[passed : passed + MOST_GROUPS]:
        alone, rest, skip = _open(members, view.opened.get(key), is_few=len(members) < FEW)
        singles += alone
        if rest:
            groups.append(Group(key, stage, holder_of(rest[0]), tuple(rest), skip))
    left = [row for _, members in (*ordered[:passed], *ordered[passed + MOST_GROUPS :]) for row in members]
    if left:
        groups.append(Group(others, stage, OTHERS, tuple(left), following))
    return singles, groups


def _open(members: Sequence[Row], skip: int | None, *, is_few: bool) -> tuple[Sequence[Row], Sequence[Row], int]:
    """Those that stand by themselves, those that stay together, and where the next opening goes on."""
    if is_few:
        return members, (), 0
    if skip is None:
        return (), members, 0
    ordered = sorted(members, key=lambda row: (*gravity(row), row.lot_id))
    if len(ordered) < MOST_OF_OPENED + FEW:
        return ordered, (), 0
    passed, following = _window(len(ordered), MOST_OF_OPENED, skip)
    return (
        ordered[passed : passed + MOST_OF_OPENED],
        (*ordered[:passed], *ordered[passed + MOST_OF_OPENED :]),
        following,
    )


def _window(count: int, size: int, skip: int) -> tuple[int, int]:
    """How many to pass over, and how many the next time: behind the last the first come again."""
    passed = skip if skip < count else 0
    return passed, passed + size if passed + size < count else 0
