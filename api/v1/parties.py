"""Parties: who is admitted, in which roles, with which keys, and what regulators have decided on them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint
from marshmallow import fields

from api.access import Callers, caller, open_to
from api.cursor import PageQuery, cut_page, read_cursor
from api.operations import Query, Reply, operation
from api.shell import current_shell
from api.v1.doubted import mark_doubts
from api.v1.schemas import CopperMonthsSchema, PartyPageSchema, PartyRecordSchema
from keys.errors import RefusedError
from trace.copper_months import balance_months
from trace.custody.register import read_received
from trace.days import civil_day, start_of_day
from trace.doubts import Recorded, drop_unbelieved
from trace.fields import Day
from trace.kinds import Role
from trace.oversight.register import read_bans, read_penalties
from trace.parties.register import Party, read_keys, read_parties, read_posts
from trace.production.register import read_lots_by_id, read_transformations

blueprint = Blueprint("api_parties", __name__)


class PartiesQuery(PageQuery):
    """Filters of the list of parties."""

    role = fields.Enum(Role, by_value=True, load_default=None)


@blueprint.get("/parties")
@open_to(Callers.ANYONE)
@operation("Parties", tag="parties", returns={200: PartyPageSchema}, query=PartiesQuery)
def list_parties(query: dict[str, Any]) -> Reply:
    """In order of code."""
    place = read_cursor(query["cursor"], str)
    with current_shell().database.reading() as session:
        # A district has hundreds of parties, not millions: two queries read them all.
        everyone = read_parties(session)
    wanted = [
        party
        for party in everyone.values()
        if (query["role"] is None or query["role"] in party.roles) and (place is None or party.uscc > str(place[0]))
    ]
    return Reply(cut_page(wanted[: query["limit"] + 1], query["limit"], lambda party: (party.uscc,)))


@blueprint.get("/parties/<uscc>")
@open_to(Callers.ANYONE)
@operation("One party with its record", tag="parties", returns={200: PartyRecordSchema}, refuses=("not-found",))
def show_party(uscc: str) -> Reply:
    """Posts are persons' duties: only those who are signed in read them."""
    with current_shell().database.reading() as session:
        party = find_listed(read_parties(session, {uscc}), uscc)
        keys = read_keys(session, uscc)
        said: dict[str, tuple[Recorded, ...]] = {
            "penalties": read_penalties(session, {uscc}),
            "bans": read_bans(session, {uscc}),
        }
        if caller() is not None:
            said["posts"] = read_posts(session, {uscc})
        record = mark_doubts(session, said)
    return Reply(write_party(party) | {"keys": keys, "posts": None} | record, is_private=True)


class CopperQuery(Query):
    """Which days, both included; the last year unless told. At most two years."""

    since = Day(load_default=None)
    until = Day(load_default=None)


@blueprint.get("/parties/<uscc>/copper")
@open_to(Callers.REGULATOR)
@operation(
    "A maker's copper by month: received, put in, and what its cable must hold",
    tag="parties",
    returns={200: CopperMonthsSchema},
    query=CopperQuery,
    refuses=("not-found", "request-malformed", "not-signed-in", "role-not-allowed"),
)
def show_copper(query: dict[str, Any], uscc: str) -> Reply:
    """For regulators: month by month it shows how a works is doing."""
    shell = current_shell()
    until = query["until"] or civil_day(shell.clock())
    since = query["since"] or until - timedelta(days=365)
    if not timedelta(0) <= until - since <= timedelta(days=732):
        raise RefusedError(
            "request-malformed", where="since", expected="at most two years before until", got=str(since)
        )
    start, end = start_of_day(since), start_of_day(until + timedelta(days=1))
    with shell.database.reading() as session:
        find_listed(read_parties(session, {uscc}), uscc)
        flows = drop_unbelieved(session, read_transformations(session, uscc, start, end))
        received = drop_unbelieved(session, read_received(session, uscc, start, end))
        lots = {portion.lot for flow in flows for portion in (*flow.inputs, *flow.outputs)}
        known = read_lots_by_id(session, lots | {move.lot for move in received})
    months = balance_months(flows, received, known)
    return Reply({"party": uscc, "since": since, "until": until, "months": months}, is_private=True)


def find_listed(parties: dict[str, Party], uscc: str) -> Party:
    """The party of that code. Raises RefusedError `not-found`."""
    if uscc not in parties:
        raise RefusedError("not-found", where="party", got=uscc[:40])
    return parties[uscc]


def write_party(party: Party) -> dict[str, Any]:
    """The members of a party, for a reply that has more of them."""
    return {name: getattr(party, name) for name in party.__slots__}
