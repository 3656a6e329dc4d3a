"""The desk: keys in the browser, what waits for a party, a form for each act, and what became of it.

Signing happens in the browser (`static/desk/`); what these routes answer to a filled-in form are drafts. Nothing that
is sent here changes anything: statements come in through `POST /api/v1/statements` alone.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from api.access import Callers, caller, caller_key, check_same_site, open_to
from api.desk.acts import Act, draft_act, find_act, offered
from api.desk.making import attribute_choices, standard_choices
from api.desk.overseeing import ACTIONS
from api.desk.recalls import read_open_recalls
from api.desk.stock import Item, Stock, read_items, read_stock
from api.naming import party_name, party_names
from api.pages.labels import MOST as MOST_LABELS
from api.shell import Shell, current_shell
from api.v1.schemas import DraftsSchema
from api.words import knows, language, list_keys, say
from keys.errors import RefusedError
from trace.chains import find_lots, read_mentioned_by
from trace.custody.register import read_lots_under
from trace.days import CHINA, civil_day
from trace.epcis.identifiers import parse_lot
from trace.kinds import Role
from trace.ledger.store import read_entry
from trace.parties.register import Party, check_key_usable, find_keys, read_parties

blueprint = Blueprint("desk", __name__)
# What the signing pages load, in order: the readers of evidence first, which sign.js writes for.
SCRIPTS = (
    *("verify/bytes.js", "verify/cbor.js", "verify/envelope.js", "verify/json.js", "verify/keys.js"),
    *("desk/dom.js", "desk/pem.js", "desk/keystore.js", "desk/session.js", "desk/sign.js", "desk/tell.js"),
)
MAX_KEYS, MAX_FOUND, MAX_SHOWN = 50, 100, 60


def signing_words() -> dict[str, str]:
    """The words that the scripts say, by key, in this language."""
    words = {key: say("desk", key) for key in list_keys("en", "desk")}
    shell = current_shell()
    titled = [f"kind.{kind.tag}" for kind in shell.house.catalogue] + [f"role.{role}" for role in Role]
    titled += [f"action.{action}" for action in ACTIONS]
    titled += [f"attribute.{name}" for name in (*attribute_choices(shell.house.pack), "cores", "voltage")]
    return words | {context: say(context, "title") for context in titled}


def key_in_use() -> str:
    """The thumbprint of the key that the caller signed in with, in hex; empty for a stranger."""
    kid = caller_key()
    return kid.hex() if kid is not None and caller() is not None else ""


@blueprint.app_context_processor
def hand_signing() -> dict[str, Any]:
    """What `desk/signing.html` asks for, on whichever page signs."""
    return {"SIGNING_SCRIPTS": SCRIPTS, "signing_words": signing_words, "key_in_use": key_in_use, "signed_in": caller}


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
        others = {one.holder.party for one in stock.coming if one.holder} | {one.order.authority for one in recalls}
        others |= {one.holder.sent_to for one in stock.sent if one.holder and one.holder.sent_to}
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


@blueprint.get("/desk/keys")
@open_to(Callers.ANYONE)
def show_keys() -> str:
    """The keys of this browser. The page itself knows none of them: they stay where they are."""
    return render_template("desk/keys.html", onwards=_onwards(), keys_folder=None)


@blueprint.get("/desk/keys/known")
@open_to(Callers.ANYONE)
def tell_known() -> Response:
    """Of the keys named by `?kid=`, those on record: whose, and whether they may speak now."""
    kids = [bytes.fromhex(kid) for kid in request.args.getlist("kid")[:MAX_KEYS] if _is_hex(kid)]
    shell = current_shell()
    with shell.database.reading() as session:
        keys = find_keys(session, kids)
        parties = read_parties(session, {key.party for key in keys.values()})
    known = []
    for kid, key in keys.items():
        try:
            check_key_usable(key, shell.clock())
            reason = ""
        except RefusedError as error:
            reason = say(f"problem.{error.code}", "title")
        known.append({"kid": kid.hex(), "party": key.party, "name": party_name(parties[key.party]), "unusable": reason})
    return jsonify({"keys": known})


@blueprint.get("/desk/done")
@open_to(Callers.ANYONE)
def show_done() -> AnyResponse:
    """What was just recorded, with receipts, and what mostly comes next."""
    positions = [int(text) for text in request.args.getlist("entry")[:MAX_SHOWN] if text.isdecimal() and len(text) < 16]
    shell, party = current_shell(), caller()
    with shell.database.reading() as session:
        entries = [read_entry(session, position) for position in positions]
        lots = read_mentioned_by(session, {entry.position for entry in entries})
    if not entries:
        return redirect("/desk")
    named = list(dict.fromkeys(lot for entry in entries for lot in lots.get(entry.position, ())))
    acts = [act.name for act in offered(party, shell.house.catalogue)] if party is not None else []
    page = render_template(
        "desk/done.html",
        entries=entries,
        lots=named,
        batches=list(dict.fromkeys(str(parse_lot(lot).parent or lot) for lot in named)),
        labels=_label_query({entry.kind for entry in entries}, named),
        nexts=_next_acts({entry.kind for entry in entries}, named, acts),
    )
    return Response(page, mimetype="text/html")


@blueprint.get("/desk/<name>")
@open_to(Callers.ANYONE)
def show_form(name: str) -> AnyResponse:
    """The form of one act; whoever has not signed in is led to the keys first."""
    party, shell = caller(), current_shell()
    if party is None:
        return redirect(f"/desk/keys?next={name}")
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


# What mostly follows what, and after what there are new drums to label.
_NEXT = {
    "lot.commissioned": ("ship",),
    "lot.inspected": ("ship",),
    "lot.split": ("ship", "install"),
    "goods.received": ("deliver", "ship"),
    "goods.delivered": ("accept",),
    "goods.accepted": ("install", "split"),
}
_LABELLED = {"lot.split", "goods.received"}


def _next_acts(kinds: set[str], lots: list[str], acts: list[str]) -> list[tuple[str, str]]:
    """Acts with the query that leads to these lots, of those that the party is offered."""
    names = dict.fromkeys(name for kind in sorted(kinds) for name in _NEXT.get(kind, ()) if name in acts)
    units = [lot for lot in lots if "/21/" in lot] or lots
    named = units if len(units) <= MAX_SHOWN else [str(parse_lot(units[0]).parent or units[0])]
    query = urlencode([("lot" if named is units else "find", lot) for lot in named])
    return [(name, query) for name in names]


def _label_query(kinds: set[str], lots: list[str]) -> str:
    """The labels of the drums that are new or new here; none where there are no drums."""
    units = [lot for lot in lots if "/21/" in lot]
    if not units or not kinds & _LABELLED:
        return ""
    return urlencode([("lot", lot) for lot in units[:MOST_LABELS]])


def by_batch(items: tuple[Item, ...]) -> list[tuple[str, list[Item]]]:
    """Items under the batch that they belong to, in order."""
    batches: dict[str, list[Item]] = {}
    for item in items:
        batches.setdefault(item.batch, []).append(item)
    return sorted(batches.items())


def pairs(family: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """Values of a closed list with their words; one that has none stands for itself."""
    tongue = language()
    told = [(value, f"{family}.{value}") for value in values]
    return [(value, say(context, "title") if knows(tongue, context, "title") else value) for value, context in told]


def _furnish(session: Session, shell: Shell, act: Act, party: Party) -> dict[str, Any]:
    """All that the form of an act shows."""
    stock = read_stock(session, party.uscc)
    recalls = read_open_recalls(session, party.uscc, stock) if act.name == "answer" else ()
    chosen = _chosen(session)
    everyone = read_parties(session)
    now = shell.clock().astimezone(CHINA)
    return {
        "act": act,
        "party": party,
        "stock": stock,
        "choice": _offer(act, stock, chosen),
        "chosen": {item.lot_id for item in chosen} if request.args.getlist("lot") else set(),
        "found": chosen,
        "recalls": recalls,
        "everyone": everyone.values(),
        "names": party_names(everyone),
        "roles": [*Role],
        "now": now.strftime("%Y-%m-%dT%H:%M"),
        "today": civil_day(now),
        "attributes": attribute_choices(shell.house.pack),
        "standards": standard_choices(shell.house.pack),
        "actions": ACTIONS,
        "by_batch": by_batch,
        "pairs": pairs,
    }


def _offer(act: Act, stock: Stock, found: tuple[Item, ...]) -> tuple[Item, ...]:
    """What can be chosen in an act: what lies at hand for it, and what was looked for."""
    hand: Mapping[str, tuple[Item, ...]] = {
        "inspect": stock.held,
        "ship": stock.held,
        "receive": stock.coming,
        "split": tuple(item for item in stock.held if item.is_unit),
        "deliver": tuple(item for item in stock.held if item.is_unit and not item.has("delivered")),
        "accept": tuple(item for item in stock.held if item.has("delivered") and not item.has("accepted")),
        "install": tuple(item for item in stock.held if item.is_unit and not item.is_used_up),
        "remove": tuple(item for item in stock.held if item.installed),
        "recall": (),
    }
    offered_here = {item.lot_id: item for item in (*hand.get(act.name, ()), *found)}
    keeps_used = act.name in ("remove", "recall", "accept", "answer")
    items = (item for item in offered_here.values() if keeps_used or not item.is_used_up)
    return tuple(sorted(items, key=lambda item: item.lot_id))


def _chosen(session: Session) -> tuple[Item, ...]:
    """Lots that the address names (`lot`), the units of batches (`batch`), and those that were looked for (`find`)."""
    lots: dict[str, None] = {}
    for text in request.args.getlist("lot")[:MAX_FOUND]:
        lots[str(parse_lot(text))] = None
    wanted = " ".join(request.args.get("find", "").split())[:80]
    if wanted:
        lots |= dict.fromkeys(read_lots_under(session, {wanted})[:MAX_FOUND])
        last = wanted.replace("·", " ").split()[-1]
        lots |= dict.fromkeys(find_lots(session, last, MAX_FOUND))
        with suppress(RefusedError):
            lots[str(parse_lot(wanted))] = None
    return read_items(session, list(lots)) if lots else ()


def _onwards() -> str:
    """Where to after signing in: another page of the desk, and nowhere else."""
    name = request.args.get("next", "")
    return f"/desk/{name}" if name.isascii() and name.isalpha() else "/desk"


def _is_hex(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32
    except ValueError:
        return False
