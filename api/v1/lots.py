"""Lots: what state one is in, what is to be thought of it, where it comes from and where it went.

The path after /lots is the Digital Link path of the lot. A lot that nobody has spoken of is answered too: UNKNOWN.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from marshmallow import fields, validate
from werkzeug.http import dump_options_header

from api.access import Callers, may_read, open_to
from api.cursor import PageQuery, cut_page, read_cursor
from api.evidence import gather_bundle, write_bundle
from api.fields import lot_url
from api.naming import lot_label
from api.operations import Query, Reply, operation
from api.shell import current_shell
from api.v1.lot_schemas import LotPageSchema, LotStateSchema, ReachesSchema, TraceSchema, WhereaboutsSchema
from labs.casework.register import read_listed_lots, read_words
from labs.judge import Word
from labs.refresh import judge_lot
from trace.balance import Whereabouts
from trace.custody.register import read_holders, read_movements
from trace.doubts import drop_unbelieved
from trace.epcis.identifiers import LotId, make_lot
from trace.fields import Uscc
from trace.history import gather_material, gather_reaches
from trace.lineage import Lineage, measure_ways, trace_lot
from trace.packing.register import packed_in
from trace.parties.register import Party, read_parties
from trace.production.register import Flow, Portion, read_lots_by_id
from trace.recalling import Keeper, Reach
from trace.rules.quantity import left_overs
from trace.site.register import read_site_acts
from trace.whereabouts import whereabouts

blueprint = Blueprint("api_lots", __name__)
ZIP = "application/zip"
_LOT, _UNIT = "/lots/01/<gtin>/10/<lot>", "/lots/01/<gtin>/10/<lot>/21/<serial>"


class LotsQuery(PageQuery):
    """Filters of the list of lots; all that are given must match."""

    maker = Uscc(load_default=None)
    type = fields.String(load_default=None, metadata={"description": "The product type."})
    verdict = fields.Enum(Word, by_value=True, load_default=None)


class TraceQuery(Query):
    """Which way to look."""

    direction = fields.String(load_default="both", validate=validate.OneOf(("up", "down", "both")))
    hands = fields.Boolean(
        load_default=False,
        metadata={"description": "Also what was shipped, received and done on site with every lot shown."},
    )


@blueprint.get("/lots")
@open_to(Callers.ANYONE)
@operation("Lots, with the verdicts last reached", tag="lots", returns={200: LotPageSchema}, query=LotsQuery)
def list_lots(query: dict[str, Any]) -> Reply:
    """In order of lot id."""
    place = read_cursor(query["cursor"], str)
    with current_shell().database.reading() as session:
        lots = read_listed_lots(
            session,
            query["limit"] + 1,
            str(place[0]) if place else "",
            maker=query["maker"],
            type_=query["type"],
            word=query["verdict"],
        )
    return Reply(cut_page(lots, query["limit"], lambda listed: (listed.lot,)))


@blueprint.get(_LOT, endpoint="show_lot")
@blueprint.get(_UNIT, endpoint="show_unit")
@open_to(Callers.ANYONE)
@operation(
    "A lot's state and verdict, now", tag="lots", returns={200: LotStateSchema}, refuses=("digital-link-invalid",)
)
def show_lot(gtin: str, lot: str, serial: str | None = None) -> Reply:
    """Judged as of now, not as last listed."""
    return Reply(describe_lot(make_lot(gtin, lot, serial)))


@blueprint.get(_LOT + "/trace", endpoint="trace_lot")
@blueprint.get(_UNIT + "/trace", endpoint="trace_unit")
@open_to(Callers.ANYONE)
@operation(
    "Where a lot comes from and where it went",
    tag="lots",
    returns={200: TraceSchema},
    query=TraceQuery,
    refuses=("digital-link-invalid",),
)
def show_trace(query: dict[str, Any], gtin: str, lot: str, serial: str | None = None) -> Reply:
    """Nodes are lots, edges are the steps in which material went from lots into lots. There are no pages: at most
    50,000 lots and as many steps are followed, nearest first.
    """
    return Reply(describe_lineage(str(make_lot(gtin, lot, serial)), query["direction"], with_hands=query["hands"]))


@blueprint.get(_LOT + "/whereabouts", endpoint="locate_lot")
@blueprint.get(_UNIT + "/whereabouts", endpoint="locate_unit")
@open_to(Callers.ANYONE)
@operation(
    "Where every metre of a lot is now",
    tag="lots",
    returns={200: WhereaboutsSchema},
    refuses=("digital-link-invalid",),
)
def show_whereabouts(gtin: str, lot: str, serial: str | None = None) -> Reply:
    """Its whole quantity, told apart by who holds it, on its way to whom, built in where, used, destroyed, unknown."""
    return Reply(locate(str(make_lot(gtin, lot, serial))))


@blueprint.get(_LOT + "/recall", endpoint="recall_lot")
@blueprint.get(_UNIT + "/recall", endpoint="recall_unit")
@open_to(Callers.ANYONE)
@operation(
    "How far the recall of a lot has come, or whom it would have to reach",
    tag="lots",
    returns={200: ReachesSchema},
    refuses=("digital-link-invalid",),
)
def show_recall(gtin: str, lot: str, serial: str | None = None) -> Reply:
    """Who holds how much of it and of what was made from it, what they answered, what came back, what is missing."""
    lot_id = str(make_lot(gtin, lot, serial))
    reaches, parties = reach_lot(lot_id)
    return Reply({"lot": lot_id, "recalls": [_describe_reach(reach, parties) for reach in reaches]})


@blueprint.get(_LOT + "/evidence.zip", endpoint="pack_lot")
@blueprint.get(_UNIT + "/evidence.zip", endpoint="pack_unit")
@open_to(Callers.ANYONE)
@operation(
    "All that is needed to check a lot's story elsewhere",
    tag="lots",
    returns={200: None},
    media=(ZIP,),
    refuses=("digital-link-invalid", "not-found", "not-founded"),
)
def pack_evidence(gtin: str, lot: str, serial: str | None = None) -> Reply:
    """A ZIP with the statements that the caller may read, receipts against one checkpoint, keys and documents; its
    index.html says how to check them without this service.
    """
    shell, lot_id = current_shell(), str(make_lot(gtin, lot, serial))
    bundle = gather_bundle(shell, lot_id, may_read)
    name = lot_label(lot_id).replace(" · ", "-")
    given = dump_options_header("attachment", {"filename": f"evidence-{name}-{bundle.size}.zip"})
    headers = {"Content-Disposition": given}
    return Reply(write_bundle(shell, bundle), media=ZIP, headers=headers, is_private=True)


def describe_lot(identity: LotId) -> dict[str, Any]:
    """All that `LotStateSchema` writes of a lot; the Digital Link resolver answers programs with the same."""
    shell, lot_id = current_shell(), str(identity)
    at = shell.clock()
    with shell.database.reading() as session:
        dossier, verdict = judge_lot(session, lot_id, shell.house.rules, shell.house.pack, at)
    history = dossier.history
    return {
        "lot": lot_id,
        "uri": identity.uri(),
        "product": history.lot,
        "holder": history.holders.get(lot_id),
        "packed_in": packed_in(history.packings, lot_id),
        "heads": history.heads,
        "entries": [link.position for link in history.chain],
        "verdict": verdict,
        "judged_at": at,
        "trace_url": lot_url(lot_id) + "/trace",
    }


def describe_lineage(lot_id: str, direction: str, *, with_hands: bool = False) -> dict[str, Any]:
    """All that `TraceSchema` writes of a lot's lineage, `up`, `down` or `both`."""
    with current_shell().database.reading() as session:
        lineage = trace_lot(session, lot_id)
        directions = {lot_id: "here"}
        # A lot that is both above and below (a circle that somebody stated) is shown above.
        if direction != "up":
            directions |= dict.fromkeys(lineage.down, "down")
        if direction != "down":
            directions |= dict.fromkeys(lineage.up, "up")
        products = read_lots_by_id(session, directions)
        holders = read_holders(session, directions)
        words = read_words(session, directions)
        hands = drop_unbelieved(session, read_movements(session, directions)) if with_hands else None
        acts = drop_unbelieved(session, read_site_acts(session, directions)) if with_hands else None
    ways, left = measure_ways(lineage, products), left_overs(products, lineage.flows)
    same = frozenset(lineage.same_material)
    nodes = [
        {
            "lot": lot,
            "direction": side,
            "steps": ways[lot][0] if lot in ways else None,
            "by": ways[lot][1] if lot in ways else None,
            "is_same_material": lot in same,
            "product": products.get(lot),
            "left": left.get(lot),
            "holder": holders.get(lot),
            "verdict": words.get(lot),
        }
        for lot, side in directions.items()
    ]
    edges = _edges(lineage, directions.keys())
    told = {"lot": lot_id, "direction": direction, "is_cut": lineage.is_cut, "nodes": nodes, "edges": edges}
    return told | {"hands": hands, "acts": acts}


def locate(lot_id: str) -> Whereabouts:
    """Where every metre of a lot is, as of now."""
    with current_shell().database.reading() as session:
        material = gather_material(session, lot_id)
    return whereabouts(material)


def reach_lot(lot_id: str) -> tuple[tuple[Reach, ...], Mapping[str, Party]]:
    """How far the recalls of a lot have come, as of now, and what is on record of the parties that have any of it."""
    with current_shell().database.reading() as session:
        reaches = gather_reaches(session, lot_id)
        people = {keeper.party for reach in reaches for keeper in reach.keepers}
        people |= {reach.order.authority for reach in reaches if reach.order is not None}
        return reaches, read_parties(session, people)


def _describe_reach(reach: Reach, parties: Mapping[str, Party]) -> dict[str, Any]:
    order = reach.order
    return {
        "number": order.number if order else None,
        "authority": order.authority if order else None,
        "recalled_lot": order.lot if order else None,
        "ordered_on": order.ordered_on if order else None,
        "deadline_on": order.deadline_on if order else None,
        "whole": reach.where.whole,
        "keepers": [_describe_keeper(keeper, parties.get(keeper.party)) for keeper in reach.keepers],
        "unheld": reach.unheld,
        "returned": reach.returned,
        "destroyed": reach.destroyed,
        "unaccounted": reach.where.unknown,
        "holders_pct": reach.holders_pct,
        "quantity_pct": reach.quantity_pct,
        "progress": reach.progress,
        "missing": reach.missing,
        "closed_on": reach.closing.closed_on if reach.closing else None,
    }


def _describe_keeper(keeper: Keeper, party: Party | None) -> dict[str, Any]:
    return {
        "party": keeper.party,
        "name_zh": party.name_zh if party else None,
        "name_en": party.name_en if party else None,
        "amount": keeper.amount,
        "answered": keeper.answered,
        "expects": keeper.expects,
        "has_answered": keeper.has_answered,
        "lots": list(dict.fromkeys(part.lot for part in keeper.parts)),
        "made": keeper.made,
        "answers": keeper.answers,
    }


def _edges(lineage: Lineage, shown: Any) -> list[Flow]:
    """The flows between lots that are shown: those that have one on each side."""

    def touches(portions: tuple[Portion, ...]) -> bool:
        return any(portion.lot in shown for portion in portions)

    return [flow for flow in lineage.flows if touches(flow.inputs) and touches(flow.outputs)]
