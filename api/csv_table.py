"""Tables as CSV, for spreadsheets: with the mark that they know UTF-8 by, and no cell that one would run."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from io import StringIO

from api.v1.trace_json import lost_in
from trace.balance import Whereabouts
from trace.custody.register import Holder
from trace.epcis.events import Quantity
from trace.production.register import Flow, Lot
from trace.rules.quantity import left_overs

WHERE_COLUMNS = (
    *("state", "lot", "quantity", "unit_code", "party", "to", "place", "circuit", "from_m", "to_m"),
    *("into", "why", "since", "entries"),
)
STEP_COLUMNS = (
    *("entry", "kind", "party", "at", "side", "lot", "quantity", "unit_code"),
    *("lost", "made", "left", "holder", "place", "sent_to"),
)


def write_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """The text of a CSV file (RFC 4180). None is an empty cell."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_harmless("" if cell is None else str(cell)) for cell in row] for row in rows)
    return "\ufeff" + file.getvalue()


def where_rows(told: Whereabouts) -> Iterator[tuple[object, ...]]:
    """A row a part; a last one for what turns up beyond all there is."""
    for part in told.parts:
        spot = part.spot
        yield (
            *(spot.state, part.lot, *_cells(part.quantity), spot.party, spot.to, spot.place, spot.circuit),
            *(_plain(spot.from_m), _plain(spot.to_m), "; ".join(spot.into), spot.why),
            *(part.since.isoformat() if part.since else None, "; ".join(map(str, part.entries))),
        )
    if told.over:
        amount = Quantity(told.over, told.whole.unit) if told.whole is not None else None
        yield ("over", told.lot, *_cells(amount), *[None] * (len(WHERE_COLUMNS) - 4))


def step_rows(
    flows: Iterable[Flow], lots: Mapping[str, Lot], holders: Mapping[str, Holder]
) -> Iterator[tuple[object, ...]]:
    """A row for each lot on each side of each step, with what is left of it and who holds it now."""
    flows = tuple(flows)
    left = left_overs(lots, flows)
    for flow in flows:
        lost = lost_in(flow)
        for side, portions in (("in", flow.inputs), ("out", flow.outputs)):
            for portion in portions:
                made, holder, rest = lots.get(portion.lot), holders.get(portion.lot), left.get(portion.lot)
                whole = made.quantity if made is not None else None
                yield (
                    *(flow.entry, flow.kind, flow.party, flow.at.isoformat(), side, portion.lot),
                    *_cells(portion.quantity),
                    *(_cells(lost)[0], _cells(whole)[0], _cells(rest)[0]),
                    *((holder.party, holder.place, holder.sent_to) if holder else (None, None, None)),
                )


def _cells(amount: Quantity | None) -> tuple[str | None, str | None]:
    return (_plain(amount.value), amount.unit) if amount is not None else (None, None)


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins so for a formula and runs it (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
