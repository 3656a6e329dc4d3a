"""QR labels to print: of one lot or unit as SVG, PNG or PDF, and sheets of A4 for many."""

from collections.abc import Sequence

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from api.access import Callers, open_to
from api.labels import SHEET, Form, Label, print_label, print_sheet
from api.naming import lot_label, party_names, quantity_label
from api.pages.scan import LOT, UNIT
from api.shell import current_shell
from keys.errors import RefusedError
from trace.epcis.identifiers import LotId, make_lot, parse_lot
from trace.lineage import trace_lot
from trace.parties.register import read_parties
from trace.production.register import read_lots_by_id

blueprint = Blueprint("labels", __name__)

# Ten sheets at a time: what a drum store prints in a morning, and what a worker sets in some seconds.
MOST = 10 * SHEET
_FORM = "<any(svg, png, pdf):form>"
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}


@blueprint.get(f"/labels{LOT}.{_FORM}")
@blueprint.get(f"/labels{UNIT}.{_FORM}")
@open_to(Callers.ANYONE)
def one(gtin: str, lot: str, form: Form, serial: str | None = None) -> Response:
    """The label of one lot or unit. Raises RefusedError `not-found` for one that nobody made."""
    (label,) = _describe([make_lot(gtin, lot, serial)])
    return Response(print_label(label, form), mimetype=_TYPES[form])


@blueprint.get("/labels.pdf")
@open_to(Callers.ANYONE)
def sheet() -> Response:
    """Sheets with the labels of the lots named by `?lot=…`, ids or Digital Link URIs, in their order; then those of
    all units that `?under=…` was cut into.
    """
    asked = [parse_lot(lot) for lot in request.args.getlist("lot")]
    for parent in request.args.getlist("under"):
        asked += _units_under(parse_lot(parent))
    if not 0 < len(asked) <= MOST:
        raise RefusedError("request-malformed", where="lot", expected=f"1 to {MOST} lots", got=len(asked))
    return Response(print_sheet(_describe(asked)), mimetype=_TYPES["pdf"])


def _units_under(parent: LotId) -> list[LotId]:
    with current_shell().database.reading() as session:
        below = trace_lot(session, str(parent)).same_down
    return sorted(unit for unit in map(parse_lot, below) if unit.serial is not None)


def _describe(lots: Sequence[LotId]) -> list[Label]:
    shell = current_shell()
    with shell.database.reading() as session:
        return _read_labels(session, lots, shell.settings.public_url)


def _read_labels(session: Session, lots: Sequence[LotId], public_url: str) -> list[Label]:
    known = read_lots_by_id(session, {str(lot) for lot in lots})
    names = party_names(read_parties(session, {lot.maker for lot in known.values()}))
    labels = []
    for lot in lots:
        made = known.get(str(lot))
        if made is None:
            raise RefusedError("not-found", expected="a lot that its maker has put on record", got=lot_label(str(lot)))
        amount = quantity_label(made.quantity) if made.quantity else ""
        maker = names.get(made.maker, "")
        labels.append(Label(lot.uri(public_url), lot.serial or "", lot.lot, made.type, amount, maker))
    return labels
