"""The trace page: one screen for a lot, back to the copper and forward to the metre where it is built in."""

from collections.abc import Iterator

from flask import Blueprint, Response, make_response, render_template, request

from api.access import Callers, open_to
from api.naming import lot_label
from api.pages.doubts import keep_doubts
from api.pages.graph import draw
from api.pages.places import list_stations, list_stores
from api.pages.ruler import COLUMNS as RULER_COLUMNS
from api.pages.ruler import MOST_MARKS, list_rows, measure_out
from api.pages.scan import LOT, UNIT
from api.pages.sheets import answer_csv
from api.pages.standing import stand
from api.pages.timeline import tell_timeline
from api.pages.trace_view import PAGE, choose_rows, find_rows, list_holders, read_view
from api.shell import current_shell
from api.tracing import Row, Trace, recalls, trace
from keys.errors import RefusedError
from trace.days import CHINA
from trace.epcis.identifiers import make_lot

blueprint = Blueprint("trace_page", __name__)

_COLUMNS = (
    "lot",
    "batch",
    "unit",
    "stage",
    "product",
    "maker",
    "maker_name",
    "quantity",
    "unit_code",
    "left",
    "holder",
    "holder_name",
    "since",
    "installed_at",
    "verdict",
    "findings",
    "gravest",
)


@blueprint.get(f"/trace{LOT}")
@blueprint.get(f"/trace{UNIT}")
@open_to(Callers.ANYONE)
def show_trace(gtin: str, lot: str, serial: str | None = None) -> Response:
    """The page, or with `?format=csv` its table, with `?format=metres` that of its ruler.

    Raises RefusedError `not-found` for a lot nobody spoke of.
    """
    lot_id = str(make_lot(gtin, lot, serial))
    told = trace(current_shell(), lot_id)
    keep_doubts(told.dossier.doubts)
    if not told.history.chain and told.history.lot is None:
        raise RefusedError("not-found", expected="a lot on record", got=lot_id)
    view = read_view(told, request.args)
    rows = choose_rows(told, view)
    if request.args.get("format") == "csv":
        return answer_csv(f"trace-{lot_label(lot_id)}", _COLUMNS, (_cells(told, row) for row in rows))
    ruler = measure_out(told)
    if request.args.get("format") == "metres" and ruler is not None:
        return answer_csv(f"metres-{lot_label(lot_id)}", RULER_COLUMNS, list_rows(ruler, told.names))
    standing = stand(told)
    html = render_template(
        "trace.html",
        told=told,
        view=view,
        drawing=draw(told, view),
        found=find_rows(told, view.find),
        holders=list(list_holders(told)),
        standing=standing,
        stations=list_stations(told),
        stores=list_stores(standing.lines),
        china=CHINA,
        rows=rows,
        page_size=PAGE,
        recalls=recalls(told),
        timeline=tell_timeline(told),
        ruler=ruler,
        most_marks=MOST_MARKS,
    )
    response = make_response(html)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _cells(told: Trace, row: Row) -> Iterator[str]:
    _, _, _, batch, *unit = row.lot_id.split("/")
    lot, amount = row.lot, row.lot.quantity if row.lot else None
    yield from (row.lot_id, batch, unit[-1] if unit else "", row.stage, lot.type if lot else "")
    yield from (lot.maker, told.names.get(lot.maker, "")) if lot else ("", "")
    yield from (format(amount.value, "f"), amount.unit) if amount else ("", "")
    yield format(row.left.value, "f") if row.left else ""
    yield from (row.holder or "", told.names.get(row.holder or "", ""), row.since.isoformat() if row.since else "")
    yield "; ".join(f"{act.station or ''} {act.circuit or ''} {act.from_m}-{act.to_m}" for act in row.installed)
    yield from (row.word, str(row.count), row.gravest or "")
