"""Parties: who is admitted, in which roles, with which keys, and what regulators have decided on them."""

from typing import Any

from flask import Blueprint
from marshmallow import fields

from api.access import Callers, caller, open_to
from api.cursor import PageQuery, cut_page, read_cursor
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.schemas import PartyPageSchema, PartyRecordSchema
from keys.errors import RefusedError
from trace.kinds import Role
from trace.oversight.register import read_bans, read_penalties
from trace.parties.register import Party, read_keys, read_parties, read_posts

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
        record = {
            "keys": read_keys(session, uscc),
            "posts": read_posts(session, {uscc}) if caller() is not None else None,
            "penalties": read_penalties(session, {uscc}),
            "bans": read_bans(session, {uscc}),
        }
    return Reply(write_party(party) | record, is_private=True)


def find_listed(parties: dict[str, Party], uscc: str) -> Party:
    """The party of that code. Raises RefusedError `not-found`."""
    if uscc not in parties:
        raise RefusedError("not-found", where="party", got=uscc[:40])
    return parties[uscc]


def write_party(party: Party) -> dict[str, Any]:
    """The members of a party, for a reply that has more of them."""
    return {name: getattr(party, name) for name in party.__slots__}
