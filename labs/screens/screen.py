"""What a screen is: what a report adds to its counts, and what the counts say.

Counts are integers, so that they add up to the same in whatever order reports come and go, and can be taken back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from labs.reports.register import TestRow

Counts = dict[str, int]
Key = tuple[str, str, str]
"""Subject, lab and what about. A screen looks at a subject at a time: at all labs on a parameter, or at one lab."""
Tallies = Mapping[tuple[str, str], Counts]
"""The counts of one subject, by lab and what about."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What screens see of a report in force. `client` is None where it names none."""

    lab: str
    client: str | None
    conclusion: str
    rows: tuple[TestRow, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of the histogram: how many there are, and how many chance would have put there (None: not said)."""

    label: str
    count: int
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """What a screen says of one lab and subject: `p`, the chance of counts as odd as these or odder if nothing but
    chance was at work, over `n` values. `is_open`: it asks a question. `facts` are the numbers behind it.
    """

    lab: str
    about: str
    n: int
    p: float
    is_open: bool
    facts: Mapping[str, str | int] = field(default_factory=dict)
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """A declared screen. `threshold` is the p under which it asks: of so many honest lots of counts, that share is
    asked for nothing. It says nothing of less than `least` values.
    """

    code: str
    threshold: float
    least: int
    count: Callable[[Issued], Iterable[tuple[Key, Counts]]]
    ask: Callable[[str, Tallies], Iterator[Screened]]


def add_counts(counts: Counts, more: Mapping[str, int], times: int = 1) -> None:
    """Add to counts, or with `times` -1 take away; what comes to nothing is dropped."""
    for name, value in more.items():
        total = counts.get(name, 0) + times * value
        if total:
            counts[name] = total
        else:
            counts.pop(name, None)


def sum_counts(several: Iterable[Mapping[str, int]]) -> Counts:
    """All of them together."""
    total: Counts = {}
    for counts in several:
        add_counts(total, counts)
    return total


def by_lab(tallies: Tallies) -> dict[str, dict[str, Counts]]:
    """The counts of each lab by what they are about."""
    labs: dict[str, dict[str, Counts]] = {}
    for (lab, about), counts in sorted(tallies.items()):
        labs.setdefault(lab, {})[about] = counts
    return labs


def shown(number: float, digits: int = 3) -> str:
    """A number for people, to so many significant digits; 4.83e-41 where it is small."""
    return f"{number:.{digits}g}"
