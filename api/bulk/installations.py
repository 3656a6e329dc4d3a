"""A list of installations against the registers: which metres of a drum lie where, none beyond its end, none twice."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from api.bulk.events import Bundle, Draft, amounts_of, bundle_rows, draft
from api.bulk.faults import Faults, Wrong
from api.bulk.lines import Line
from api.bulk.registers import Known
from api.desk.events import write_event
from trace.epcis.events import Quantity
from trace.production.register import Lot
from trace.quantities import METRE
from trace.site.register import SiteAct
from trace.stretches import Claim, claims_of, still_installed
from trace.tolerances import tolerance

_SAME = ("station", "circuit", "from_m", "to_m", "time")
"""The columns in which rows agree that become one event: it names one place."""


def plan_installations(
    lines: Sequence[Line], known: Known, signer: str, faults: Faults
) -> tuple[list[Draft], set[int]]:
    """The events that say these installations, and the rows that stand on record already."""
    laid: dict[str, list[Line]] = {}
    standing: set[int] = set()
    rows = []
    for line in lines:
        acts = known.acts.get(str(line.lot), [])
        if any(_says(act, line, signer) for act in still_installed(acts)):
            standing.add(line.number)
        elif _is_good(line, known.lots.get(str(line.lot)), acts, laid.setdefault(str(line.lot), []), faults):
            length = Quantity(line.values["to_m"] - line.values["from_m"], METRE)
            rows.append((tuple(line.values[code] for code in _SAME), line.number, (line.lot, length)))
    return [_draft(bundle) for bundle in bundle_rows(rows)], standing


def _says(act: SiteAct, line: Line, signer: str) -> bool:
    values = line.values
    said = (signer, values["time"], values["station"], values["circuit"], values["from_m"], values["to_m"])
    return (act.party, act.at, act.station, act.circuit, act.from_m, act.to_m) == said


def _is_good(line: Line, lot: Lot | None, acts: list[SiteAct], laid: list[Line], faults: Faults) -> bool:
    before = faults.count
    for column, wrong, facts in _find_faults(line, lot, acts, laid):
        column = column if column in faults.places else "link"
        faults.add(line.number, column, wrong, **facts)
    laid.append(line)
    return faults.count == before


def _find_faults(
    line: Line, lot: Lot | None, acts: list[SiteAct], laid: list[Line]
) -> Iterator[tuple[str, Wrong, dict[str, Any]]]:
    start, end, at = line.values["from_m"], line.values["to_m"], line.values["time"]
    if lot is None:
        yield "serial", Wrong.LOT_UNKNOWN, {"lot": str(line.lot)}
        return
    if end <= start:
        yield "to_m", Wrong.RANGE_EMPTY, {}
        return
    if _is_before(at, lot.made_at):
        yield "time", Wrong.BEFORE_MADE, {"made_at": lot.made_at}
    if (
        lot.quantity is not None
        and lot.quantity.unit == METRE
        and end > lot.quantity.value + tolerance(lot.quantity, lot.family)
    ):
        yield "to_m", Wrong.BEYOND_LENGTH, {"length": lot.quantity}
    claim = _claim_of(line)
    for other in claims_of(acts):
        if claim.contradicts(other):
            yield "from_m", Wrong.OVERLAPS, {"entry": other.entry, "from_m": other.start, "to_m": other.end}
    for row in laid:
        other = _claim_of(row)
        if claim.contradicts(other):
            yield "from_m", Wrong.OVERLAPS_ROW, {"row": row.number, "from_m": other.start, "to_m": other.end}
            return


def _claim_of(line: Line) -> Claim:
    start, end = sorted((line.values["from_m"], line.values["to_m"]))
    return Claim("installed", start, end, line.values["time"])


def _is_before(at: datetime, made_at: datetime) -> bool:
    return at.date() < made_at.astimezone(at.tzinfo).date()


def _draft(bundle: Bundle) -> Draft:
    station, circuit, from_m, to_m, at = bundle.key
    place = {"station": station, "from_m": format(from_m, "f"), "to_m": format(to_m, "f")}
    place |= {"circuit": circuit} if circuit else {}
    event = write_event("lot.installed", at, amounts_of(bundle.amounts), members={"suzheng:place": place})
    return draft("lot.installed", event, [str(lot) for lot, _ in bundle.amounts], bundle.rows)
