"""The recall page of a lot, from any node of its lineage; and that of an order by its number."""

from collections.abc import Iterator

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from api.access import Callers, open_to
from api.naming import lot_label, lot_path, place_label
from api.pages.doubts import keep_doubts, note_doubts
from api.pages.people import names_in
from api.pages.recalling import Contact, Recalling, follow_recall
from api.pages.scan import LOT, UNIT
from api.sheets import answer_csv
from api.shell import current_shell
from api.tracing import trace
from keys.errors import RefusedError
from trace.epcis.identifiers import make_lot
from trace.oversight.register import find_recalls, read_recall_answers
from trace.production.register import read_lots_by_id

blueprint = Blueprint("recall", __name__)
_COLUMNS = (
    "party",
    "name",
    "state",
    "quantity",
    "unit_code",
    "place",
    "lots",
    "since",
    "recall",
    "told_on",
    "deadline_on",
    "answered_on",
    "action",
    "answered_quantity",
    "entry",
)


@blueprint.get(f"/recall{LOT}")
@blueprint.get(f"/recall{UNIT}")
@open_to(Callers.ANYONE)
def show_recall(gtin: str, lot: str, serial: str | None = None) -> Response:
    """Who has to be told, was told and answered; `?format=csv` is the contact list.

    Raises RefusedError `not-found` for a lot nobody spoke of.
    """
    lot_id = str(make_lot(gtin, lot, serial))
    told = trace(current_shell(), lot_id)
    keep_doubts(told.dossier.doubts)
    if not told.history.chain and told.history.lot is None:
        raise RefusedError("not-found", expected="a lot on record", got=lot_id)
    recalling = follow_recall(told)
    if request.args.get("format") == "csv":
        return answer_csv(f"recall-{lot_label(lot_id)}", _COLUMNS, _rows(recalling))
    html = render_template("recall.html", told=told, recalling=recalling, has_desk=_has_page("/desk/recall"))
    response = make_response(html)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/recalls/<path:number>")
@open_to(Callers.ANYONE)
def show_order(number: str) -> Answer | str:
    """An order by its number: what it names, and what was answered. One that names one lot is that lot's page.

    Raises RefusedError `not-found` for a number that no order has.
    """
    with current_shell().database.reading() as session:
        named = find_recalls(session, number)
        if not named:
            raise RefusedError("not-found", where="recalls", expected="the number of an order", got=number[:80])
        lots = tuple(dict.fromkeys(recall.lot for recall in named))
        if len(lots) == 1:
            return redirect(lot_path(lots[0], "/recall"))
        answers = read_recall_answers(session, {number})
        note_doubts(session, {recall.entry for recall in named} | {answer.entry for answer in answers})
        names = names_in(session, named, answers)
        known = read_lots_by_id(session, lots)
    return render_template(
        "recall_order.html",
        number=number,
        orders=list({recall.entry: recall for recall in named}.values()),
        lots=lots,
        known=known,
        answers=answers,
        names=names,
    )


def _rows(recalling: Recalling) -> Iterator[tuple[str, ...]]:
    """A row for each thing that a hand has, with each order that reaches it."""
    for contact in recalling.contacts:
        for line in contact.lines:
            amount = line.quantity
            lots = " ".join(line.lots)
            since = line.since.isoformat() if line.since else ""
            place = place_label(line.where) if line.where else ""
            start = (contact.party, recalling.told.names.get(contact.party, ""), line.state, format(amount.value, "f"))
            for end in _orders(contact):
                yield (*start, amount.unit, place, lots, since, *end)


def _orders(contact: Contact) -> Iterator[tuple[str, ...]]:
    if not contact.told:
        yield ("",) * 7
    for order in contact.told:
        days = (order.number, order.ordered_on.isoformat(), order.deadline_on.isoformat())
        own = [answer for answer in contact.answers if answer.number == order.number]
        if not own:
            yield (*days, "", "", "", "")
        for answer in own:
            amount = format(answer.quantity.value, "f") if answer.quantity else ""
            yield (*days, answer.answered_on.isoformat(), answer.action, amount, str(answer.entry))


def _has_page(path: str) -> bool:
    """Is there a page at this address? The desk is a part that an installation may be without."""
    try:
        current_app.url_map.bind("").match(path)
    except HTTPException:
        return False
    return True
