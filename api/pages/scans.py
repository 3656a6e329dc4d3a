"""Noting a scan: when, and only if the person says so where and as whom (`trace/scans/register.py` says what is kept).

The scan page itself writes nothing. Its script sends an empty note once it is open; two buttons send one with a place
or a holder, and work by form where there is no script.
"""

from decimal import Decimal, InvalidOperation

from flask import Blueprint, Response, redirect, request

from api.access import Callers, check_same_site, open_to
from api.naming import lot_path
from api.pages.scan import LOT, UNIT
from api.security import at_most
from api.shell import current_shell
from keys.errors import RefusedError
from trace.epcis.identifiers import make_lot
from trace.scans.register import Scan
from trace.uscc import check_uscc

blueprint = Blueprint("scans", __name__)


@blueprint.post(f"/scans{LOT}")
@blueprint.post(f"/scans{UNIT}")
@open_to(Callers.ANYONE)
@at_most("30 per minute")
def note(gtin: str, lot: str, serial: str | None = None) -> Response:
    """Form fields `latitude` and `longitude` in degrees, both or neither, and `holder`, a party's code; all optional.

    204 for a script, else back to the scan page. Whether the lot is on record is seen when it is written.
    """
    check_same_site()
    lot_id = str(make_lot(gtin, lot, serial))
    shell = current_shell()
    latitude, longitude = read_place(request.form.get("latitude", ""), request.form.get("longitude", ""))
    holder = request.form.get("holder", "")
    claimed = check_uscc(holder) if holder else None
    shell.scans.note(Scan(lot_id, shell.clock(), latitude, longitude, claimed))
    if request.form.get("by") == "script":
        return Response(status=204)
    answer = redirect(f"{lot_path(lot_id)}?noted=1", 303)
    return Response(status=303, headers={"Location": answer.location or "/"})


def read_place(latitude: str, longitude: str) -> tuple[int | None, int | None]:
    """Tenths of a degree from degrees, rounded here too, whatever a browser sent. Raises RefusedError
    `request-malformed`.
    """
    if not latitude and not longitude:
        return None, None
    return _tenths(latitude, "latitude", 90), _tenths(longitude, "longitude", 180)


def _tenths(text: str, name: str, most: int) -> int:
    try:
        value = Decimal(text) if len(text) <= 24 and text.isascii() else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or abs(value) > most:
        raise RefusedError("request-malformed", where=name, expected=f"degrees from -{most} to {most}", got=text[:40])
    return int((value * 10).to_integral_value())
