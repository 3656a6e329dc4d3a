"""One event comes in: `POST /epcis/events`, over the one door.

application/cose                        a statement whose payload is an event: recorded when it is answered
application/json, application/ld+json   the event itself, whose party signs afterwards, as of a document with one
"""

import uuid
from urllib.parse import quote

from flask import request
from marshmallow import INCLUDE, Schema, fields

from api.access import Callers, open_to
from api.epcis.capture import REFUSES, await_signatures
from api.epcis.jobs import JobSchema
from api.epcis.media import JSON, JSON_LD, make_blueprint
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.statements import COSE
from keys.envelope import parse_statement
from keys.errors import RefusedError
from keys.payload import read_json
from trace.captures.register import AWAITING, Capture
from trace.epcis.documents import cut_events
from trace.epcis.terms import name_event

blueprint = make_blueprint("single")


class EventSchema(Schema):
    """An event, with whatever else it says."""

    class Meta:
        """Its other members are its type's, and extensions."""

        unknown = INCLUDE

    type = fields.String()
    eventTime = fields.String()
    eventTimeZoneOffset = fields.String()


@blueprint.post("/events")
@open_to(Callers.ANYONE)
@operation(
    "Capture one event",
    tag="epcis",
    returns={201: None, 202: JobSchema},
    media=(JSON_LD,),
    document=EventSchema,
    takes={COSE: None, JSON: EventSchema, JSON_LD: None},
    refuses=REFUSES,
)
def capture_event() -> Reply:
    """A signed one is recorded and answered as it stands, at its own address. Of one that is not signed comes the
    capture job that awaits its party's signature.
    """
    data = request.get_data()
    if request.mimetype == COSE:
        return _record(data)
    if request.mimetype not in (JSON, JSON_LD):
        expected = [COSE, JSON, JSON_LD]
        raise RefusedError("media-type-unknown", expected=expected, got=request.mimetype[:80])
    job = Capture(str(uuid.uuid4()), None, current_shell().clock(), None, "rollback", AWAITING, (), ())
    return await_signatures(job, _cut_event)


def _cut_event() -> list[bytes]:
    data = request.get_data()
    kind = read_json(data).get("type")
    if kind in ("EPCISDocument", "EPCISQueryDocument"):
        raise RefusedError("request-malformed", where="type", expected="an event; documents go to /epcis/capture")
    return cut_events(data)


def _record(envelope: bytes) -> Reply:
    shell = current_shell()
    (outcome,) = shell.capture([envelope], is_whole=False)
    if isinstance(outcome, RefusedError):
        raise outcome
    payload = parse_statement(envelope).payload
    where = f"/epcis/events/{quote(name_event(read_json(payload)), safe='')}"
    headers = {"Location": where}
    return Reply(payload, 201, JSON_LD, headers, is_private=True, afterwards=shell.judge_touched)
