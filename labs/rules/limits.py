"""Does what a lab measured keep the limits of the standard? P06 P07, and P12 for all that has no rule of its own.

As in P01 nothing believes the word "pass", and a value breaks a limit only by more than its stated uncertainty: where
the limit lies within that, the lot is held. P12 is not in the catalogue, which knows cables alone.
"""

from collections.abc import Collection, Iterator

from labs.dossier import Dossier
from labs.reports.register import Report, TestRow
from labs.rules.bounds import Bound, find_bounds
from labs.rules.concern import current_reports
from labs.rules.resistance import PARAMETER as CONDUCTOR_RESISTANCE
from labs.rules.resistance import shown
from labs.standards.conductor import is_same_unit
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule

WIRES = frozenset({"wire_count"})
# The mean of the values measured around the core, and the smallest of them.
THICKNESS = frozenset({"insulation_thickness", "insulation_thickness_min"})
_OF_OTHER_RULES = WIRES | THICKNESS | {CONDUCTOR_RESISTANCE}


@rule("P06", Severity.BLOCK)
def wires_short(dossier: Dossier) -> Judgement:
    """Fewer wires than a stranded conductor of this area and shape must have. Basis: IEC 60228, class 2."""
    yield from _judge(dossier, "P06", WIRES)


@rule("P07", Severity.BLOCK)
def insulation_thin(dossier: Dossier) -> Judgement:
    """A mean thickness below the nominal one, or a smallest value below nine tenths of it less 0.1 mm."""
    yield from _judge(dossier, "P07", THICKNESS)


@rule("P12", Severity.BLOCK, gate=True)
def value_beyond_limit(dossier: Dossier) -> Judgement:
    """Any other parameter that the pack has a limit for: strength of cement, yield and mass of reinforcing bars.

    A material that the pack knows and of which nothing could be judged is held.
    """
    lot = dossier.history.lot
    if lot is None:
        return
    parameters = dossier.pack.parameters(lot.family)
    yield from _judge(dossier, "P12", parameters - _OF_OTHER_RULES)
    if parameters.isdisjoint(_OF_OTHER_RULES) and parameters:
        tested = {row.parameter for report in current_reports(dossier) for row in report.rows}
        if tested.isdisjoint(parameters):
            yield Unchecked("P12", "no_row", {"type": lot.type})


def _judge(dossier: Dossier, code: str, parameters: Collection[str]) -> Iterator[Finding | Unchecked]:
    """Each row of these parameters against each limit that binds the lot."""
    lot = dossier.history.lot
    if lot is None:
        return
    for report in current_reports(dossier):
        for row in report.rows:
            if row.parameter not in parameters or row.value is None:
                continue
            bounds = find_bounds(dossier, lot, row.parameter)
            if not bounds:
                yield Unchecked(code, "no_limit", _facts(report, row) | {"type": lot.type})
            for bound in bounds:
                yield from _hold(code, report, row, bound)


def _hold(code: str, report: Report, row: TestRow, bound: Bound) -> Iterator[Finding | Unchecked]:
    limit = bound.limit
    facts = _facts(report, row)
    if row.value is None or not is_same_unit(row.unit, limit.unit):
        yield Unchecked(code, "unit_unknown", facts | {"limit_unit": limit.unit})
        return
    facts |= {"limit": limit.limit, "citation": limit.citation, "is_confirmed": limit.is_confirmed}
    outcome = limit.outcome(row.value, row.uncertainty)
    if outcome == "unclear":
        yield Unchecked(code, "inside_guard_band", facts | {"uncertainty": row.uncertainty or 0})
    elif outcome == "broken":
        case = "above" if limit.limit_kind == "max" else "below"
        yield Finding(code, Severity.BLOCK, facts, (report.entry, *bound.entries), case)


def _facts(report: Report, row: TestRow) -> dict[str, Fact]:
    return {
        "lab": report.lab,
        "number": report.number,
        "parameter": row.parameter,
        "value": "" if row.value is None else shown(row.value),
        "unit": row.unit,
    }
