"""The recall page of a lot, from any node of its lineage; and that of an order by its number."""

from collections.abc import Iterator

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from api.access import Callers, open_to
from api.naming import lot_label, lot_path, place_label
from api.pages.doubts import Recorded, keep_doubts, note_doubts
from api.pages.people import names_in
from api.pages.recalling import Recalling, follow_recalls
from api.pages.scan import LOT, UNIT
from api.pages.sheets import answer_csv
from api.shell import current_shell
from api.tracing import trace
from keys.errors import RefusedError
from trace.epcis.identifiers import make_lot
from trace.oversight.register import RecallAnswer, find_recalls, read_recall_answers, read_recall_closings
from trace.production.register import read_lots_by_id

blueprint = Blueprint("recall", __name__)
_COLUMNS = (
    *("party", "name", "recall", "told_on", "deadline_on", "has_answered", "answers"),
    *("state", "quantity", "unit_code", "place", "since", "lots"),
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
    recalling = follow_recalls(told)
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
        answers, closings = read_recall_answers(session, {number}), read_recall_closings(session, {number})
        said: tuple[Recorded, ...] = (*named, *answers, *closings)
        note_doubts(session, {one.entry for one in said})
        names = names_in(session, named, answers, closings)
        known = read_lots_by_id(session, lots)
    return render_template(
        "recall_order.html",
        number=number,
        orders=list({recall.entry: recall for recall in named}.values()),
        lots=lots,
        known=known,
        answers=answers,
        closings=closings,
        names=names,
    )


def _rows(recalling: Recalling) -> Iterator[tuple[object, ...]]:
    """A row for each thing that a hand has, with each order that reaches it and what it answered."""
    names = recalling.told.names
    for one in recalling.followed:
        order = one.order
        told = (order.number, order.ordered_on, order.deadline_on) if order is not None else (None, None, None)
        for contact in one.contacts:
            keeper = contact.keeper
            who = (keeper.party, names.get(keeper.party), *told, "yes" if keeper.has_answered else "no")
            said = "; ".join(_say(answer) for answer in contact.answers)
            for line in contact.lines:
                since = line.since.isoformat() if line.since else None
                place = place_label(line.where) if line.where else None
                amount = (line.state, format(line.quantity.value, "f"), line.quantity.unit)
                yield (*who, said, *amount, place, since, "; ".join(line.lots))
            for made in keeper.made:
                size = (format(made.quantity.value, "f"), made.quantity.unit) if made.quantity else (None, None)
                yield (*who, said, "made", *size, None, None, made.lot)
            if not contact.lines and not keeper.made:
                expected = (
                    (None, None, None)
                    if not keeper.expects
                    else ("expected", format(keeper.expects, "f"), recalling.unit)
                )
                yield (*who, said, *expected, None, None, None)


def _say(answer: RecallAnswer) -> str:
    amount = f" {format(answer.quantity.value, 'f')} {answer.quantity.unit}" if answer.quantity else ""
    return f"{answer.answered_on} {answer.action} {answer.lot}{amount} #{answer.entry}"


def _has_page(path: str) -> bool:
    """Is there a page at this address? The desk is a part that an installation may be without."""
    try:
        current_app.url_map.bind("").match(path)
    except HTTPException:
        return False
    return True
