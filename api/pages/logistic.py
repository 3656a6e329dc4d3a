"""The page of a logistic unit: what a phone opens that reads the SSCC on a pallet. A program that asks for JSON gets
what `/api/v1/logistic-units` says.
"""

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from api.access import Callers, open_to
from api.logistic import look_into
from api.pages.doubts import keep_doubts
from api.resolver import FOR_ANYBODY, link_to_linkset, resolve
from api.v1.lot_schemas import LogisticUnitSchema
from trace.epcis.digital_link import Link
from trace.epcis.identifiers import LOGISTIC, make_logistic

blueprint = Blueprint("logistic", __name__)
_AS_JSON = LogisticUnitSchema()


@blueprint.get("/00/<sscc>")
@open_to(Callers.ANYONE)
def show_logistic(sscc: str) -> Response:
    """What is in it now, with the gravest verdict on top. Raises `digital-link-invalid`, `lot-unknown`."""
    unit = make_logistic(sscc)
    link = Link("00", unit.removeprefix(LOGISTIC))
    resolved = resolve(link)
    if resolved is not None:
        return resolved
    told = look_into(unit)
    keep_doubts(told.doubts)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        response = jsonify(_AS_JSON.dump(told))
    else:
        response = make_response(render_template("logistic.html", told=told))
    response.headers["Cache-Control"] = "no-cache"
    response.headers.update(FOR_ANYBODY)
    response.vary.add("Accept")
    return link_to_linkset(response, link)
