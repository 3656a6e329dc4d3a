"""Labs: found by name, number or what they test; each with what it was allowed to do on a day, and how it has done."""

from dataclasses import fields as fields_of
from typing import Any

from flask import Blueprint
from marshmallow import fields, validate

from api.access import Callers, caller, open_to
from api.cursor import PageQuery, cut_page, read_cursor
from api.directory import MAX_SEARCH, Lab, Listed, find_listed_labs, list_labs_on, read_day, read_lab
from api.operations import Query, Reply, operation
from api.shell import current_shell
from api.v1.doubted import mark_doubts
from api.v1.lab_schemas import LabPageSchema, LabSchema
from api.v1.parties import write_party
from labs.accreditation.standing import LabRecord, Permit
from labs.performance.register import count_performance, read_disagreements
from trace.fields import Day

blueprint = Blueprint("api_labs", __name__)
# What only parties read: who tests, and whose authorisation has ended.
_OF_PERSONS = ("analysts", "endings")


class LabsQuery(PageQuery):
    """What is looked for, and as of which day."""

    q = fields.String(
        load_default="",
        validate=validate.Length(max=MAX_SEARCH),
        metadata={
            "description": "In a name; or the beginning of a code, CMA or CNAS number; or a parameter or method."
        },
    )
    on = Day(load_default=None, metadata={"description": "As they stood on this day; today unless told."})


class LabQuery(Query):
    """As of which day."""

    on = Day(load_default=None, metadata={"description": "As it stood on this day; today unless told."})


@blueprint.get("/labs")
@open_to(Callers.ANYONE)
@operation("Labs", tag="labs", returns={200: LabPageSchema}, query=LabsQuery)
def list_labs(query: dict[str, Any]) -> Reply:
    """In order of code, each as it stood on the day."""
    place = read_cursor(query["cursor"], str)
    with current_shell().database.reading() as session:
        on = query["on"] or read_day(session, None)
        found = find_listed_labs(session, query["q"].strip())
        rest = [lab for lab in found if place is None or lab.uscc > str(place[0])]
        page = cut_page(rest[: query["limit"] + 1], query["limit"], lambda lab: (lab.uscc,))
        listed = list_labs_on(session, list(page.items), on)
    return Reply({"day": on, "items": [_write_listed(one) for one in listed], "next": page.next})


@blueprint.get("/labs/<uscc>")
@open_to(Callers.ANYONE)
@operation("One lab on a day", tag="labs", returns={200: LabSchema}, query=LabQuery, refuses=("not-found",))
def show_lab(query: dict[str, Any], uscc: str) -> Reply:
    """`standing` is what it was allowed to do on the day, worked out from all that is on record of it and follows."""
    with current_shell().database.reading() as session:
        lab = read_lab(session, uscc, query["on"] or read_day(session, None))
        record = mark_doubts(session, {one.name: getattr(lab.told, one.name) for one in fields_of(LabRecord)})
        performance = count_performance(session, [uscc])[uscc]
        disagreements = read_disagreements(session, [uscc])
    told: dict[str, Any] = {**record}
    for held in told["accreditations"]:
        held["number_faults"] = lab.number_faults.get(held["entry"], ())
    if caller() is None:
        told |= dict.fromkeys(_OF_PERSONS)
    more = {"standing": write_standing(lab), "performance": performance, "disagreements": disagreements}
    return Reply(write_party(lab.party) | told | more, is_private=True)


def write_standing(lab: Lab) -> dict[str, Any]:
    """The answer for a day, as JSON has it: persons by the entries that authorise them."""
    standing = lab.standing
    return {
        "day": standing.day,
        "state": standing.state,
        "permits": [_write_permit(permit) for permit in standing.permits],
        "sites": standing.sites,
        "signatories": [{"entry": one.authorisation.entry, "until": one.until} for one in standing.signatories],
        "analysts": [{"entry": one.authorisation.entry, "until": one.until} for one in standing.analysts],
        "instruments": [
            {
                "instrument": one.calibration.instrument,
                "state": one.state,
                "until": one.until,
                "entry": one.calibration.entry,
            }
            for one in standing.instruments
        ],
    }


def _write_permit(permit: Permit) -> dict[str, Any]:
    line = {one.name: getattr(permit.line, one.name) for one in fields_of(permit.line)}
    rest = permit.rest
    return line | {
        "state": permit.state,
        "accreditation": permit.accreditation.entry,
        "suspended_from": rest.first if rest is not None else None,
        "suspended_to": rest.last if rest is not None else None,
        "suspension": rest.suspension.entry if rest is not None else None,
    }


def _write_listed(one: Listed) -> dict[str, Any]:
    held = one.accreditation
    return write_party(one.party) | {
        "state": one.state,
        "cma": held.cma if held is not None else None,
        "cnas": held.cnas if held is not None else None,
        "valid_from": held.valid_from if held is not None else None,
        "valid_to": held.valid_to if held is not None else None,
        "performance": one.performance,
    }
