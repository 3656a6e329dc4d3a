"""The standards pack: every limit that rules compare with, and how long tests take, with source and state."""

from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields, validate

from api.access import Callers, open_to
from api.fields import Amount
from api.operations import Query, Reply, operation
from api.shell import current_shell
from labs.standards.pack import choose
from trace.fields import Day

blueprint = Blueprint("api_standards", __name__)


class StandardsQuery(Query):
    """Which rows: of a family, a parameter, a standard with its edition, a state, or in force on a day."""

    family = fields.String(load_default=None)
    parameter = fields.String(load_default=None)
    standard = fields.String(load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(("confirmed", "recalled")))
    on = Day(load_default=None)


class PackRowSchema(Schema):
    """What a limit and a duration have in common. Both days are included; without a last day it is in force."""

    standard = fields.String()
    edition = fields.String()
    clause = fields.String()
    family = fields.String()
    parameter = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)
    source = fields.String()
    status = fields.String()


class LimitSchema(PackRowSchema):
    """A value of the parameter, in `unit`, is at most (`max`) or at least (`min`) the limit, where the product's
    attributes are the conditions.
    """

    conditions = fields.Dict()
    limit_kind = fields.String()
    limit = Amount()
    unit = fields.String()


class DurationSchema(PackRowSchema):
    """A test of the parameter takes so many hours at least; `takes_instrument`: one specimen at a time."""

    minimum_h = Amount()
    takes_instrument = fields.Boolean()


class StandardsSchema(Schema):
    """The rows in the order of the pack's files."""

    families = fields.List(fields.String())
    limits = fields.List(fields.Nested(LimitSchema))
    durations = fields.List(fields.Nested(DurationSchema))


@blueprint.get("/standards")
@open_to(Callers.ANYONE)
@operation("The standards pack", tag="reports", returns={200: StandardsSchema}, query=StandardsQuery)
def list_standards(query: dict[str, Any]) -> Reply:
    """All of it, or what fits every filter."""
    pack = current_shell().house.pack
    wanted = {name: query[name] for name in ("family", "parameter", "standard", "status", "on")}
    limits, durations = choose(pack, **wanted), choose(pack.durations, **wanted)
    return Reply({"families": sorted(pack.families), "limits": limits, "durations": durations})
