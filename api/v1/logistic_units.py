"""Logistic units: what is in one now and was before. The path after /logistic-units is its Digital Link path."""

from flask import Blueprint

from api.access import Callers, open_to
from api.logistic import look_into
from api.operations import Reply, operation
from api.v1.lot_schemas import LogisticUnitSchema
from trace.epcis.identifiers import make_logistic

blueprint = Blueprint("api_logistic_units", __name__)


@blueprint.get("/logistic-units/00/<sscc>")
@open_to(Callers.ANYONE)
@operation(
    "What is in a logistic unit, and was before",
    tag="lots",
    returns={200: LogisticUnitSchema},
    refuses=("digital-link-invalid", "lot-unknown"),
)
def show_logistic_unit(sscc: str) -> Reply:
    """A pallet, case or container. Verdicts on its contents are those last reached; at most 200 are listed."""
    return Reply(look_into(make_logistic(sscc)))
