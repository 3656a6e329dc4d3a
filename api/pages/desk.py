"""The desk: what waits for whoever has signed in, and what became of what was signed.

Signing happens in the browser (`static/desk/`). Nothing that is sent to the desk changes anything: statements come in
through `POST /api/v1/statements` alone.
"""

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from api.access import Callers, caller, open_to
from api.desk.acts import offered
from api.desk.recalls import read_open_recalls
from api.desk.stock import by_batch, read_stock
from api.naming import party_names
from api.shell import current_shell
from trace.chains import read_mentioned_by
from trace.epcis.identifiers import is_logistic, parse_lot
from trace.ledger.store import read_entry
from trace.parties.register import read_parties

blueprint = Blueprint("desk", __name__)
MAX_ENTRIES, MAX_NAMED = 60, 60
# As many drums as one form registers; they fit on the label sheets of one answer.
MAX_LABELS = 200
# What mostly follows what, and after what there are new drums to label.
_NEXT = {
    "lot.commissioned": ("ship",),
    "lot.inspected": ("ship",),
    "lot.split": ("ship", "install"),
    "goods.packed": ("ship",),
    "goods.received": ("deliver", "ship"),
    "goods.delivered": ("accept",),
    "goods.accepted": ("install", "split"),
}
_LABELLED = {"lot.split", "goods.received"}


@blueprint.get("/desk")
@open_to(Callers.ANYONE)
def show_desk() -> str:
    """What waits for whoever has signed in; for others, how to begin."""
    party, shell = caller(), current_shell()
    if party is None:
        return render_template("desk/welcome.html")
    with shell.database.reading() as session:
        stock = read_stock(session, party.uscc)
        recalls = read_open_recalls(session, party.uscc, stock)
        others = {item.holder.party for item in stock.coming if item.holder}
        others |= {item.holder.sent_to for item in stock.sent if item.holder and item.holder.sent_to}
        names = party_names(read_parties(session, others))
    return render_template(
        "desk/home.html",
        party=party,
        stock=stock,
        recalls=recalls,
        names=names,
        acts=[act.name for act in offered(party, shell.house.catalogue)],
        by_batch=by_batch,
    )


@blueprint.get("/desk/done")
@open_to(Callers.ANYONE)
def show_done() -> Response | str:
    """What was just recorded, with receipts, and what mostly comes next."""
    asked = request.args.getlist("entry")[:MAX_ENTRIES]
    positions = [int(text) for text in asked if text.isascii() and text.isdecimal() and len(text) < 16]
    if not positions:
        return redirect("/desk")
    shell, party = current_shell(), caller()
    with shell.database.reading() as session:
        entries = [read_entry(session, position) for position in positions]
        mentioned = read_mentioned_by(session, positions)
    lots = list(dict.fromkeys(lot for position in positions for lot in mentioned.get(position, ())))
    acts = [act.name for act in offered(party, shell.house.catalogue)] if party is not None else []
    kinds = {entry.kind for entry in entries}
    return render_template(
        "desk/done.html",
        entries=entries,
        batches=list(dict.fromkeys(_batch_of(lot) for lot in lots)),
        labels=_label_query(kinds, lots),
        nexts=_next_acts(kinds, lots, acts),
    )


def _next_acts(kinds: set[str], lots: list[str], acts: list[str]) -> list[tuple[str, str]]:
    """Acts with the query that leads to these lots, of those that the party is offered."""
    names = dict.fromkeys(name for kind in sorted(kinds) for name in _NEXT.get(kind, ()) if name in acts)
    units = [lot for lot in lots if is_logistic(lot)] or [lot for lot in lots if "/21/" in lot] or lots
    if not units:
        return []
    some = [("lot", lot) for lot in units] if len(units) <= MAX_NAMED else [("batch", _batch_of(units[0]))]
    return [(name, urlencode(some)) for name in names]


def _label_query(kinds: set[str], lots: list[str]) -> str:
    """The labels of the drums that are new or new here; none where there are no drums."""
    units = [lot for lot in lots if "/21/" in lot]
    return urlencode([("lot", lot) for lot in units[:MAX_LABELS]]) if kinds & _LABELLED else ""


def _batch_of(lot: str) -> str:
    return lot if is_logistic(lot) else str(parse_lot(lot).parent or lot)
