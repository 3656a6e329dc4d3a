"""The desk's forms, one an act: what they show, and the drafts that a filled-in one comes to."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from api.access import Callers, caller, caller_key, check_same_site, open_to
from api.desk.acts import Act, draft_act, find_act
from api.desk.making import attribute_choices, standard_choices
from api.desk.overseeing import ACTIONS
from api.desk.recalls import read_open_recalls
from api.desk.sampling import USUAL_AHEAD, plan_names
from api.desk.stock import MOST, Item, Stock, by_batch, read_items, read_stock
from api.naming import party_names
from api.pages.speech import show_number, word_of
from api.shell import Shell, current_shell
from api.v1.schemas import DraftsSchema
from api.words import knows, language, say
from keys.errors import RefusedError
from trace.chains import find_lots
from trace.custody.register import read_lots_under
from trace.days import CHINA, civil_day
from trace.epcis.identifiers import parse_goods
from trace.kinds import Role
from trace.lineage import trace_lot
from trace.parties.register import Party, read_parties

blueprint = Blueprint("desk_forms", __name__)
MAX_FOUND, MAX_CLAIMS = 20, 8
# Acts whose lots need not be at hand, and may be used up.
_OF_OTHERS = frozenset({"accept", "draw", "sample", "hand", "recall", "answer", "remove", "destroy"})


@blueprint.get("/desk/<name>")
@open_to(Callers.ANYONE)
def show_form(name: str) -> AnyResponse:
    """The form of one act; whoever has not signed in is led to the keys first."""
    party, shell = caller(), current_shell()
    if party is None:
        return redirect(f"/desk/keys?next={name}" if name.isascii() and name.isalpha() else "/desk/keys")
    act = find_act(name, party, shell.house.catalogue)
    with shell.database.reading() as session:
        page = render_template(f"desk/{act.name}.html", **_furnish(session, shell, act, party))
    return Response(page, mimetype="text/html")


@blueprint.post("/desk/<name>")
@open_to(Callers.SIGNED_IN)
def draft_form(name: str) -> Response:
    """Drafts of what the form says, for the key of the session; or every fault at its field."""
    check_same_site()
    party, kid, shell = caller(), caller_key(), current_shell()
    if party is None or kid is None:
        raise RefusedError("not-signed-in", expected="a session that proves possession of a key")
    act = find_act(name, party, shell.house.catalogue)
    drafts = draft_act(shell, act, party, kid, request.form)
    return jsonify(DraftsSchema().dump({"drafts": drafts}))


def pairs(family: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """Values of a closed list with their words; one that has none stands for itself."""
    tongue = language()
    told = [(value, f"{family}.{value}") for value in values]
    return [(value, say(context, "title") if knows(tongue, context, "title") else value) for value, context in told]


def claims_label(item: Item) -> str:
    """What is said of a drum's metres one by one, for whoever is to speak of some."""
    said = (
        f"{show_number(one.start)}–{show_number(one.end)} m {word_of('state', one.act)}"
        for one in islice(sorted(item.claims, key=lambda one: (one.start, one.entry)), MAX_CLAIMS)
    )
    return say("mark", "list").join(said)


def _furnish(session: Session, shell: Shell, act: Act, party: Party) -> dict[str, Any]:
    """All that the form of an act shows. `chosen` are the lots that the address names, `found` those looked for."""
    stock = read_stock(session, party.uscc)
    named = [parse_goods(lot) for lot in request.args.getlist("lot")[:MOST]]
    batch = parse_goods(request.args["batch"]) if request.args.get("batch") else None
    found = read_items(session, [*named, *_look(session, request.args.get("find", ""))])
    everyone = read_parties(session)
    now = shell.clock().astimezone(CHINA)
    return {
        "act": act,
        "party": party,
        "choice": _offer(act, stock, found, batch),
        "chosen": set(named),
        "found": found,
        "recalls": read_open_recalls(session, party.uscc, stock) if act.name == "answer" else (),
        "everyone": everyone.values(),
        "names": party_names(everyone),
        "roles": [*Role],
        "now": now.strftime("%Y-%m-%dT%H:%M"),
        "today": civil_day(now),
        "attributes": attribute_choices(shell.house.pack),
        "standards": standard_choices(shell.house.pack),
        "actions": ACTIONS,
        "plans": [(name, name) for name in plan_names()],
        "ahead": USUAL_AHEAD,
        "by_batch": by_batch,
        "pairs": pairs,
        "claims_label": claims_label,
    }


def _offer(act: Act, stock: Stock, found: tuple[Item, ...], batch: str | None) -> tuple[Item, ...]:
    """What can be chosen in an act: what lies at hand for it (of one batch, where it is named), and what was found."""
    drums = tuple(item for item in stock.held if item.is_unit)
    units = tuple(item for item in stock.held if item.is_logistic)
    goods = tuple(item for item in stock.held if not item.is_logistic)
    # Cable that lies can be cut out of where it lies.
    there = tuple(item for item in goods if item.installed or not item.is_used_up)
    hand: Mapping[str, tuple[Item, ...]] = {
        "make": goods,
        "inspect": goods,
        "pack": _outermost(stock.held),
        "unpack": units,
        "ship": _outermost(stock.held),
        "receive": _outermost(stock.coming),
        "split": drums,
        "join": goods,
        "sample": tuple(item for item in there if item.is_unit),
        "hand": tuple(item for item in there if item.is_unit),
        "destroy": there,
        "deliver": tuple(item for item in _outermost((*drums, *units)) if not item.has("delivered")),
        "accept": tuple(item for item in drums if item.has("delivered") and not item.has("accepted")),
        "install": drums,
        "remove": tuple(item for item in stock.held if item.installed),
    }
    at_hand = (item for item in hand.get(act.name, ()) if batch is None or item.batch == batch)
    offered = {item.lot_id: item for item in (*at_hand, *found)}
    items = (item for item in offered.values() if act.name in _OF_OTHERS or not item.is_used_up)
    return tuple(sorted(items, key=lambda item: item.lot_id))


def _outermost(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """What moves by itself: what is in a logistic unit that is here too goes along with that."""
    here = {item.lot_id for item in items}
    return tuple(item for item in items if item.packed_in not in here)


def _look(session: Session, text: str) -> list[str]:
    """The lots of a batch, drum or contract number, or of a Digital Link; a batch brings its drums along."""
    wanted = " ".join(text.split())[:80]
    if not wanted:
        return []
    lots = dict.fromkeys(read_lots_under(session, {wanted}))
    for lot in find_lots(session, wanted.replace("·", " ").split()[-1], MAX_FOUND):
        lots |= dict.fromkeys((lot, *(trace_lot(session, lot).same_down if "/21/" not in lot else ())))
    with suppress(RefusedError):
        lots[parse_goods(wanted)] = None
    return list(lots)[:MOST]
