"""Digital Links of other things than a lot: a product by its GTIN, a unit without its lot, places, and compressed
links. A lot and its units have the scan page (`api/pages/scan.py`), logistic units theirs (`api/pages/logistic.py`).

    /01/06901234567892            what is on record of the product: makers, types, lots with their last verdicts
    /01/06901234567892/21/D007    307 to the one unit of that serial; several are listed
    /CwyNo0UVqI4rYKIkKHoE         307 to the address that it stands for
    /414/…                        well formed or refused; nothing is on record under them, so there is no link
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.routing import BaseConverter

from api.access import Callers, open_to
from api.naming import Names, lot_name, party_names
from api.resolver import FOR_ANYBODY, link_to_linkset, redirect_to, resolve
from api.shell import current_shell
from keys.errors import RefusedError
from labs.casework.register import read_words
from trace.epcis.digital_link import Link, make_link, parse_link
from trace.epcis.identifiers import parse_lot
from trace.parties.register import read_parties
from trace.production.register import Lot, find_lots_of_product, find_units_of_product, read_lots_by_id

blueprint = Blueprint("products", __name__)

# Ours to choose: what a phone scrolls through.
_ON_A_PAGE = 50


class CompressedConverter(BaseConverter):
    """A path segment that may be a compressed link: shorter and longer ones are none (`trace.epcis.compression`)."""

    regex = r"[A-Za-z0-9_-]{9,140}"


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its lots show it. `after` is the lot to go on after, None where these are all."""

    gtin: str
    lots: Sequence[Lot]
    words: dict[str, str]
    names: Names
    after: str | None
    titles: Sequence[str]
    """What the lots' makers call it, in the language of the request."""
    serial: str | None = None
    """The serial that was asked for, where the lots are the units that have it."""


@blueprint.get("/01/<gtin>")
@open_to(Callers.ANYONE)
def product(gtin: str) -> Response:
    """What is on record of a product. Raises RefusedError `lot-unknown` where nobody has put a lot of it on record."""
    link = make_link((("01", gtin),))
    resolved = resolve(link)
    if resolved is not None:
        return resolved
    after = request.args.get("after", "")
    with current_shell().database.reading() as session:
        found = find_lots_of_product(session, link.value, _ON_A_PAGE + 1, after=str(parse_lot(after)) if after else "")
    return _show(link, found)


@blueprint.get("/01/<gtin>/21/<serial>")
@open_to(Callers.ANYONE)
def unit(gtin: str, serial: str) -> Response:
    """The unit of a serial, of whatever lot it is. Raises RefusedError `lot-unknown` where there is none."""
    link = make_link((("01", gtin), ("21", serial)))
    with current_shell().database.reading() as session:
        found = find_units_of_product(session, link.value, serial, _ON_A_PAGE + 1)
    if len(found) == 1:
        response = redirect_to(parse_lot(found[0]).path, keeps_type=True)
        # Another unit may come to have this serial.
        response.headers["Cache-Control"] = "no-cache"
        return response
    return _show(link, found)


@blueprint.get("/414/<gln>")
@blueprint.get("/414/<gln>/254/<extension>")
@open_to(Callers.ANYONE)
def place(gln: str, extension: str = "") -> Response:
    """Places. Raises RefusedError `digital-link-invalid`, else `link-unknown`: there are no pages of places."""
    link = make_link((("414", gln), *((("254", extension),) if extension else ())))
    expected = "/01/{gtin}… or /00/{sscc}: a product, lot, unit or logistic unit"
    raise RefusedError("link-unknown", where=f"AI {link.key}", expected=expected, got=link.value)


@blueprint.get("/<compressed:segment>")
@open_to(Callers.ANYONE)
def compressed(segment: str) -> Response:
    """A compressed link leads to the address that it stands for; anything else of this form is no page of ours."""
    try:
        link = parse_link(f"/{segment}")
    except RefusedError as error:
        expected = "a page of this registry, or a compressed GS1 Digital Link"
        raise RefusedError("not-found", expected=expected, got=f"/{segment}"[:80]) from error
    response = redirect_to(link.address, keeps_type=True)
    # It stands for that for ever.
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _show(link: Link, found: Sequence[str]) -> Response:
    if not found:
        raise RefusedError(
            "lot-unknown", expected="a product or unit that is on record", got=link.path.removeprefix("/")
        )
    shown = found[:_ON_A_PAGE]
    with current_shell().database.reading() as session:
        lots = read_lots_by_id(session, shown)
        words = read_words(session, shown)
        names = party_names(read_parties(session, {lot.maker for lot in lots.values()}))
    after = shown[-1] if len(found) > _ON_A_PAGE else None
    titles = list(dict.fromkeys(lot_name(lot) for lot in lots.values()))
    serial = dict(link.qualifiers).get("21")
    told = Product(link.value, [lots[lot] for lot in shown], words, names, after, titles, serial)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        response = jsonify(_write(told, current_shell().settings.public_url + link.path))
    else:
        response = make_response(render_template("product.html", told=told))
    response.headers["Cache-Control"] = "no-cache"
    response.headers.update(FOR_ANYBODY)
    response.vary.add("Accept")
    return link_to_linkset(response, Link(link.key, link.value))


def _write(told: Product, uri: str) -> dict[str, Any]:
    public_url = current_shell().settings.public_url
    return {
        "gtin": told.gtin,
        "uri": uri,
        "serial": told.serial,
        "lots": [
            {
                "lot": lot.lot_id,
                "uri": public_url + parse_lot(lot.lot_id).path,
                "type": lot.type,
                "name": {"zh": lot.name_zh, "en": lot.name_en},
                "maker": {"party": lot.maker, "name": told.names.get(lot.maker)},
                "made_at": lot.made_at.isoformat(),
                "verdict": told.words.get(lot.lot_id),
            }
            for lot in told.lots
        ],
        "next": f"{uri}?after={told.after}" if told.after else None,
    }
