"""Labs: what each may test, since when and until when, and who may sign for it."""

from flask import Blueprint

from api.access import Callers, open_to
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.doubted import mark_doubts
from api.v1.parties import find_listed, write_party
from api.v1.report_schemas import LabSchema, LabsSchema
from keys.errors import RefusedError
from labs.accreditation.register import read_accreditations, read_signatories, read_suspensions
from trace.kinds import Role
from trace.parties.register import read_parties, read_parties_in

blueprint = Blueprint("api_labs", __name__)


@blueprint.get("/labs")
@open_to(Callers.ANYONE)
@operation("All labs", tag="labs", returns={200: LabsSchema})
def list_labs() -> Reply:
    """In order of code. A district knows dozens, so they come at once."""
    with current_shell().database.reading() as session:
        return Reply({"items": read_parties_in(session, Role.LAB)})


@blueprint.get("/labs/<uscc>")
@open_to(Callers.ANYONE)
@operation("One lab", tag="labs", returns={200: LabSchema}, refuses=("not-found",))
def show_lab(uscc: str) -> Reply:
    """With its accreditations and their scope rows, suspensions and authorised signatories."""
    with current_shell().database.reading() as session:
        party = find_listed(read_parties(session, {uscc}), uscc)
        if Role.LAB not in party.roles:
            raise RefusedError("not-found", where="lab", got=uscc)
        record = mark_doubts(
            session,
            {
                "accreditations": read_accreditations(session, {uscc}),
                "suspensions": read_suspensions(session, {uscc}),
                "signatories": read_signatories(session, {uscc}),
            },
        )
    return Reply(write_party(party) | record)
